// SPDX-License-Identifier: Apache-2.0
package dev.weir.faults;

import dev.weir.core.FailurePolicy;

/**
 * One check: what the caller was told, and what is known of its charge.
 *
 * @param key what was charged
 * @param askedNanos on a clock that only goes forward
 * @param toldNanos on the same clock
 * @param allowed what the caller was told
 * @param fate what became of the charge, as far as the store knew then
 */
record Told(Key key, long askedNanos, long toldNanos, boolean allowed, Fate fate) {

  /**
   * A counter.
   *
   * @param onFailure what decides while the store cannot
   * @param tight whether its limit is small enough to be reached
   */
  record Key(FailurePolicy onFailure, boolean tight, int number) {
    /** The entry of the descriptor, by which a policy matches it. */
    String entry() {
      return onFailure.name() + (tight ? "-tight" : "-wide");
    }

    String value() {
      return "n" + number;
    }

    @Override
    public String toString() {
      return entry() + "/" + value();
    }
  }

  /** What is known of a charge. */
  enum Fate {
    /** The store judged it. */
    JUDGED,
    /** It was sent, and the answer did not come in time. */
    UNKNOWN,
    /** It was not sent, or the store refused it. */
    NOT_MADE,
    /** The store was not asked: a denial of a moment ago still held (R28). */
    REMEMBERED
  }

  boolean judged() {
    return fate == Fate.JUDGED;
  }

  /** Whether the limit's failure policy decided. */
  boolean leftToPolicy() {
    return fate == Fate.UNKNOWN || fate == Fate.NOT_MADE;
  }

  long nanos() {
    return toldNanos - askedNanos;
  }
}
