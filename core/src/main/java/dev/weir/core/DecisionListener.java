// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.List;

/**
 * Hears of every decision, on the thread that made it; for meters, logs and audit.
 *
 * <p>Must be quick, must not block and must not throw: what it throws is dropped.
 */
@FunctionalInterface
public interface DecisionListener {

  /**
   * Called after each decision.
   *
   * @param descriptors what was checked; to be read within the call
   * @param decision the answer
   */
  void onDecision(List<Descriptor> descriptors, Decision decision);

  /** A listener that ignores everything. */
  static DecisionListener none() {
    return NoListener.INSTANCE;
  }
}
