// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Chooses the limit that decided. */
final class Deciding {

  private Deciding() {}

  /** Whether what the limits said denies the check: one that is enforced, or all in quota mode. */
  static boolean denies(List<LimitState> states) {
    int quotas = 0;
    int over = 0;
    for (int i = 0; i < states.size(); i++) {
      LimitState state = states.get(i);
      boolean denied = !state.allowed();
      switch (state.limit().mode()) {
        case ENFORCED -> {
          if (denied) {
            return true;
          }
        }
        case QUOTA -> {
          quotas++;
          over += denied ? 1 : 0;
        }
        case SHADOW -> {}
      }
    }
    return quotas > 0 && over == quotas;
  }

  static @Nullable LimitState of(List<LimitState> states, boolean allowed) {
    LimitState chosen = null;
    LimitState quota = null;
    boolean allOver = true;
    for (int i = 0; i < states.size(); i++) {
      LimitState state = states.get(i);
      if (state.limit().mode() == Mode.QUOTA) {
        allOver &= !state.allowed();
        quota = quota == null || passesBefore(state, quota) ? state : quota;
      } else if (state.limit().mode() == Mode.ENFORCED
          && state.allowed() == allowed
          && (chosen == null || decidesBefore(state.verdict(), chosen.verdict(), allowed))) {
        chosen = state;
      }
    }
    if (quota == null || allOver == allowed) {
      return chosen;
    }
    return chosen == null || decidesBefore(quota.verdict(), chosen.verdict(), allowed)
        ? quota
        : chosen;
  }

  /* Of limits in quota mode the one that lets pass first speaks for all. */
  private static boolean passesBefore(LimitState one, LimitState other) {
    if (one.allowed() != other.allowed()) {
      return one.allowed();
    }
    return one.allowed()
        ? one.verdict().remaining() > other.verdict().remaining()
        : decidesBefore(other.verdict(), one.verdict(), false);
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
