// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Denials that this node remembers, so that a flood of checks which must be denied does not reach
 * the store (R28).
 *
 * <p>A denial of a key at a cost stands for equal and larger costs, under the same parameters only,
 * from before its request left for its retry-after, at most {@link #LONGEST_MICROS}; a refund, a
 * grant or a reset that this node makes ends it. Bounded: a key may take the place of another. Safe
 * for use by any number of threads; to recall takes no lock and allocates nothing but its answer.
 */
final class DenialMemory {

  /* A set-associative table of immutable entries. What is forgotten is not sought: forgetting takes
   * the next number of a sequence and leaves it at the key's stripe, and an entry counts as long as
   * its request left after the last number left there. So a denial whose answer arrives after a
   * refund's is not remembered by accident, whatever the order of the two at the store. Keys that
   * share a stripe forget together, which costs a round trip. */

  static final int DEFAULT_MAX_KEYS = 65_536;
  static final long LONGEST_MICROS = 1_000_000;

  private static final int WAYS = 4;
  private static final int STRIPES = 4_096;

  private final AtomicReferenceArray<@Nullable Denial> table;
  private final AtomicLongArray forgotten = new AtomicLongArray(STRIPES);
  private final AtomicLong sequence = new AtomicLong();
  private volatile long allForgotten;

  /** When a request left, by this node's clock and in the order of what was forgotten. */
  record Departure(long micros, long sequence) {}

  /**
   * A denial.
   *
   * @param span how long it stands from its departure
   * @param answered when the answer came: what it says of times counts from there, since whoever
   *     was told them counts from there, too
   */
  private record Denial(
      long high,
      long low,
      int kernelId,
      long cost,
      Departure left,
      long span,
      long answered,
      Verdict verdict) {

    boolean about(long high, long low, int kernelId) {
      return this.low == low && this.high == high && this.kernelId == kernelId;
    }

    /** Unsigned, so that a clock set back ends it, too. */
    boolean stands(long now) {
      return Long.compareUnsigned(now - left.micros, span) < 0;
    }
  }

  /**
   * An empty memory.
   *
   * @param maxKeys 1 or more, rounded up to a power of two
   */
  DenialMemory(int maxKeys) {
    int size = Integer.highestOneBit(Math.max(WAYS, maxKeys) * 2 - 1);
    this.table = new AtomicReferenceArray<>(size);
  }

  /** What {@link #remember} needs to know of a request that leaves now. */
  Departure departure(long now) {
    return new Departure(now, sequence.get());
  }

  /** Whether a take of this cost must be denied. */
  boolean denies(BoundLimit limit, long high, long low, long cost, long now) {
    return find(limit, high, low, cost, now) != null;
  }

  /**
   * The verdict on a take that must be denied.
   *
   * @return null if that is not known
   */
  @Nullable Verdict recall(BoundLimit limit, long high, long low, long cost, long now) {
    Denial denial = find(limit, high, low, cost, now);
    if (denial == null) {
      return null;
    }
    Verdict told = denial.verdict;
    long since = now - denial.answered;
    return new Verdict(
        Verdict.Outcome.DENIED,
        0,
        told.remaining(),
        told.retryAfterMicros() - since + longer(limit.kernel(), cost - denial.cost),
        Math.max(0, told.resetAfterMicros() - since),
        told.mark(),
        told.micros() + since,
        false);
  }

  /** Remembers a denial of one enforced take. */
  void remember(
      int kernelId, long high, long low, long cost, Verdict verdict, Departure left, long now) {
    long asked = Math.max(1, cost);
    long span = Math.min(verdict.retryAfterMicros(), LONGEST_MICROS);
    Denial denial = new Denial(high, low, kernelId, asked, left, span, now, verdict);
    if (denial.stands(now)) {
      table.set(place(denial, now), denial);
    }
  }

  /** Forgets a key under all parameters: what was asked before now may be different by now. */
  void forget(long low) {
    long number = sequence.incrementAndGet();
    forgotten.accumulateAndGet(stripe(low), number, Math::max);
  }

  /** Forgets everything. */
  void forgetAll() {
    allForgotten = sequence.incrementAndGet();
  }

  /** Keys whose denial stands, up to a few that came or went meanwhile. */
  long size(long now) {
    long size = 0;
    for (int i = 0; i < table.length(); i++) {
      Denial denial = table.getAcquire(i);
      size += denial != null && denial.stands(now) && counts(denial) ? 1 : 0;
    }
    return size;
  }

  private @Nullable Denial find(BoundLimit limit, long high, long low, long cost, long now) {
    long asked = Math.max(1, cost);
    int set = set(low);
    for (int i = set; i < set + WAYS; i++) {
      Denial denial = table.getAcquire(i);
      if (denial != null && denial.about(high, low, limit.kernelId())) {
        return denial.stands(now) && counts(denial) && covers(denial, limit.kernel(), asked)
            ? denial
            : null;
      }
    }
    return null;
  }

  private boolean counts(Denial denial) {
    long left = denial.left.sequence;
    return left >= forgotten.get(stripe(denial.low)) && left >= allForgotten;
  }

  /** Whether this is an equal cost, or a larger one whose retry-after is known just as well. */
  private static boolean covers(Denial denial, Kernel kernel, long asked) {
    return asked == denial.cost
        || (asked > denial.cost
            && asked <= kernel.limit()
            && (kernel instanceof TokenBucketKernel || kernel instanceof WindowKernel));
  }

  /* A window's permits all come at its end. A bucket earns the further permits after the first
   * ones; rounded up, to the tick at which they are there for sure. */
  private static long longer(Kernel kernel, long more) {
    return kernel instanceof TokenBucketKernel bucket
        ? Math.ceilDiv(more * bucket.unit(), bucket.gain()) * bucket.tickMicros()
        : 0;
  }

  /** The key's own place in its set, or else one that is free or ends soonest. */
  private int place(Denial denial, long now) {
    int set = set(denial.low);
    int soonest = set;
    long least = Long.MAX_VALUE;
    for (int i = set; i < set + WAYS; i++) {
      Denial other = table.getAcquire(i);
      if (other != null && other.about(denial.high, denial.low, denial.kernelId)) {
        return i;
      }
      long rest = other == null || !other.stands(now) ? 0 : other.span - (now - other.left.micros);
      if (rest < least) {
        least = rest;
        soonest = i;
      }
    }
    return soonest;
  }

  private int set(long low) {
    return (int) low & (table.length() - 1) & -WAYS;
  }

  private static int stripe(long low) {
    return (int) (low >>> 32) & (STRIPES - 1);
  }
}
