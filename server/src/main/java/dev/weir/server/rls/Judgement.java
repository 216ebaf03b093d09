// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.rls;

import dev.weir.core.Decision;
import dev.weir.core.LimitState;
import dev.weir.core.Mode;
import dev.weir.core.Unlimited;
import dev.weir.core.Verdict;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of each descriptor of a query. Used by one thread at a time.
 *
 * <p>Several limits may have judged one descriptor; the protocol tells of one. That is the one that
 * denied it, or else the one with the least left; a shadow only where there is no other.
 */
final class Judgement {

  private final @Nullable LimitState[] states;
  private final boolean[] over;
  // Met by a policy without limits; made when there is one.
  private boolean @Nullable [] unlimited;
  private @Nullable Decision decision;
  private boolean denied;

  /**
   * @param descriptors how many there are
   */
  Judgement(int descriptors) {
    states = new LimitState[descriptors];
    over = new boolean[descriptors];
  }

  int descriptors() {
    return over.length;
  }

  /** Whether any descriptor is over its limit. */
  boolean denied() {
    return denied;
  }

  boolean over(int descriptor) {
    return over[descriptor];
  }

  /** Whether it met a policy that limits nothing. */
  boolean unlimited(int descriptor) {
    return unlimited != null && unlimited[descriptor];
  }

  /** The limit to tell of; nothing if none applied. */
  @Nullable LimitState state(int descriptor) {
    return states[descriptor];
  }

  /** The decision to tell of as a whole; nothing if there is none. */
  @Nullable Decision decision() {
    return decision;
  }

  /** A descriptor that is over its limit without one having been asked. */
  void refuse(int descriptor) {
    over[descriptor] = true;
    denied = true;
  }

  /** Takes the decision about all descriptors, in their order. */
  void all(Decision made) {
    add(made, null);
  }

  /**
   * Takes the decision about some descriptors.
   *
   * @param positions of each descriptor of the check
   */
  void some(Decision made, List<Integer> positions) {
    add(made, positions);
  }

  private void add(Decision made, @Nullable List<Integer> positions) {
    if (decision == null || tellsMore(made, decision)) {
      decision = made;
    }
    denied |= !made.allowed();
    List<LimitState> judged = made.states();
    for (int i = 0; i < judged.size(); i++) {
      LimitState state = judged.get(i);
      int at = positions == null ? state.descriptor() : positions.get(state.descriptor());
      LimitState known = states[at];
      if (known == null || tellsMore(state, known)) {
        states[at] = state;
      }
      over[at] |= denies(state);
    }
    for (Unlimited met : made.unlimited()) {
      if (unlimited == null) {
        unlimited = new boolean[over.length];
      }
      unlimited[positions == null ? met.descriptor() : positions.get(met.descriptor())] = true;
    }
    if (!made.allowed() && judged.isEmpty()) {
      // Lists and the shedding of load deny a check as a whole.
      for (int i = 0; i < (positions == null ? over.length : positions.size()); i++) {
        over[positions == null ? i : positions.get(i)] = true;
      }
    }
  }

  private static boolean denies(LimitState state) {
    return !state.allowed() && state.limit().mode() != Mode.SHADOW;
  }

  private static boolean tellsMore(Decision one, Decision other) {
    if (one.allowed() != other.allowed()) {
      return !one.allowed();
    }
    return one.deciding().isPresent()
        && (other.deciding().isEmpty()
            || (one.allowed()
                ? one.remaining() < other.remaining()
                : one.retryAfterMicros() > other.retryAfterMicros()));
  }

  private static boolean tellsMore(LimitState one, LimitState other) {
    boolean enforced = one.limit().mode() != Mode.SHADOW;
    if (enforced != (other.limit().mode() != Mode.SHADOW)) {
      return enforced;
    }
    if (one.allowed() != other.allowed()) {
      return !one.allowed();
    }
    Verdict mine = one.verdict();
    Verdict theirs = other.verdict();
    return one.allowed()
        ? mine.remaining() < theirs.remaining()
        : mine.retryAfterMicros() > theirs.retryAfterMicros();
  }
}
