// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.core.Decision;
import dev.weir.core.DecisionListener;
import dev.weir.core.Descriptor;
import java.util.List;

/** Two listeners that both hear of every decision. */
record Heard(DecisionListener one, DecisionListener other) implements DecisionListener {

  /** Both, or the one that is not {@link DecisionListener#none}. */
  static DecisionListener by(DecisionListener one, DecisionListener other) {
    if (one == DecisionListener.none()) {
      return other;
    }
    return other == DecisionListener.none() ? one : new Heard(one, other);
  }

  @Override
  public void onDecision(List<Descriptor> descriptors, Decision decision) {
    one.onDecision(descriptors, decision);
    other.onDecision(descriptors, decision);
  }
}
