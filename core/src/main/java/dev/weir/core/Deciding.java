// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Chooses the limit that decided. */
final class Deciding {

  private Deciding() {}

  static @Nullable LimitState of(List<LimitState> states, boolean allowed) {
    LimitState chosen = null;
    for (int i = 0; i < states.size(); i++) {
      LimitState state = states.get(i);
      if (state.limit().mode() == Mode.ENFORCED
          && state.allowed() == allowed
          && (chosen == null || decidesBefore(state.verdict(), chosen.verdict(), allowed))) {
        chosen = state;
      }
    }
    return chosen;
  }

  private static boolean decidesBefore(Verdict one, Verdict other, boolean allowed) {
    if (allowed) {
      return one.remaining() < other.remaining();
    }
    boolean never = one.outcome() == Verdict.Outcome.TOO_BIG;
    boolean otherNever = other.outcome() == Verdict.Outcome.TOO_BIG;
    return never == otherNever ? one.retryAfterMicros() > other.retryAfterMicros() : never;
  }
}
