// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The answer to a check.
 *
 * <p>The deciding limit of a denial is the enforced limit with the latest retry-after; of an
 * admission, the enforced limit with the least remaining. Limits in quota mode count as one that
 * denies when all of them do, and lets pass as soon as one of them does.
 */
public sealed interface Decision {

  /** After how long a request that was shed may be tried again. */
  long SHED_RETRY_MICROS = 5_000_000;

  /** Every enforced limit admitted it, or no limit applied. */
  sealed interface Allowed extends Decision permits JudgedAllowed, QuickAllowed {
    @Override
    default boolean allowed() {
      return true;
    }
  }

  /** At least one enforced limit denied it; nothing was charged (R1). */
  record Denied(Reason reason, List<LimitState> states, List<Unlimited> unlimited)
      implements Decision {
    public Denied {
      states = List.copyOf(states);
      unlimited = List.copyOf(unlimited);
    }

    /** A denial of descriptors that met no policy without limits. */
    public Denied(Reason reason, List<LimitState> states) {
      this(reason, states, List.of());
    }

    @Override
    public boolean allowed() {
      return false;
    }
  }

  /** Whether the caller may go on. */
  boolean allowed();

  Reason reason();

  /** Every limit that was judged, in order of descriptors and policies. */
  List<LimitState> states();

  /**
   * The descriptors that met policies without limits, in order of descriptors and policies.
   *
   * @since 0.1
   */
  default List<Unlimited> unlimited() {
    return List.of();
  }

  /** The limit that decided; empty if none applied. */
  default Optional<LimitState> deciding() {
    List<LimitState> states = states();
    if (states.size() == 1 && states.getFirst().limit().mode() == Mode.ENFORCED) {
      return Optional.of(states.getFirst());
    }
    return Optional.ofNullable(Deciding.of(states, allowed()));
  }

  /** Whole permits left at the deciding limit (R5); 0 if no limit applied. */
  default long remaining() {
    return deciding().map(state -> state.verdict().remaining()).orElse(0L);
  }

  /**
   * Microseconds after which the same check would be admitted if nothing else happened (R6); 0 if
   * allowed or if it never will be. Nobody knows how long requests are shed: whoever is told to
   * come back after {@link #SHED_RETRY_MICROS}.
   */
  default long retryAfterMicros() {
    if (reason() == Reason.SHED) {
      return SHED_RETRY_MICROS;
    }
    return allowed() ? 0 : deciding().map(state -> state.verdict().retryAfterMicros()).orElse(0L);
  }

  /** Microseconds after which the deciding limit is as if never used (R7). */
  default long resetAfterMicros() {
    return deciding().map(state -> state.verdict().resetAfterMicros()).orElse(0L);
  }

  /** Receipts of everything that was taken. */
  default List<Receipt> receipts() {
    List<Receipt> receipts = new ArrayList<>(states().size());
    for (LimitState state : states()) {
      if (state.verdict().amount() > 0) {
        receipts.add(state.receipt());
      }
    }
    return receipts;
  }
}
