// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

/**
 * A single take by one CAS, without a lock or an allocation.
 *
 * <p>Each method answers what is left, 0 or more: units of a token bucket, permits of a window. It
 * answers {@link #LONG_WAY} if the charge must go through {@link LockedCheck}: there is no cell
 * yet, its state is of another window or of other parameters, another thread has it locked, or
 * there is no room.
 *
 * <p>The clock is read before the state: a reading between load and CAS would lengthen the time in
 * which another thread can interfere. An older reading leaves the same new state, so only a denial
 * must be judged again by a later one, which the long way does.
 */
final class QuickTake {

  static final long LONG_WAY = -1;

  private QuickTake() {}

  static long take(Kernel kernel, int id, long[] segment, int slot, long cost, long now) {
    if (cost > kernel.limit() || cost <= 0) {
      return LONG_WAY;
    }
    // Not a switch over types, which costs some nanoseconds more here.
    if (kernel instanceof TokenBucketKernel bucket) {
      return take(bucket, id, segment, slot, cost, now);
    }
    if (kernel instanceof WindowKernel window) {
      return take(window, id, segment, slot, cost, now);
    }
    if (kernel instanceof SlidingWindowKernel sliding) {
      return take(sliding, id, segment, slot, cost, now);
    }
    return LONG_WAY;
  }

  private static long take(
      TokenBucketKernel kernel, int id, long[] segment, int slot, long cost, long now) {
    long base = kernel.ticks(now) * kernel.gain() << 1;
    long price = cost * kernel.unit() << 1;
    long full = kernel.full() << 1;
    for (int spins = 0; ; spins++) {
      long first = CellTable.first(segment, slot);
      if ((first & Cells.LOCK) != 0 || Cells.kernelId(CellTable.second(segment, slot)) != id) {
        return LONG_WAY;
      }
      long missing = Math.max(0, first - base) + price;
      if (missing > full) {
        return LONG_WAY;
      }
      if (CellTable.replaceFirst(segment, slot, first, base + missing)) {
        return full - missing >> 1;
      }
      CellTable.backOff(spins);
    }
  }

  private static long take(
      WindowKernel kernel, int id, long[] segment, int slot, long cost, long now) {
    long index = kernel.windows().indexOf(kernel.windows().startOf(now));
    for (int spins = 0; ; spins++) {
      long first = CellTable.first(segment, slot);
      long spent = first >>> Cells.WINDOW_SHIFT;
      if ((first & Cells.LOCK) != 0
          || (first >>> 1 & Cells.WINDOW_MASK) != (index & Cells.WINDOW_MASK)
          || !Cells.counts(CellTable.second(segment, slot), id, index)
          || spent + cost > kernel.limit()) {
        return LONG_WAY;
      }
      long next = first + (cost << Cells.WINDOW_SHIFT);
      if (CellTable.replaceFirst(segment, slot, first, next)) {
        return kernel.limit() - spent - cost;
      }
      CellTable.backOff(spins);
    }
  }

  private static long take(
      SlidingWindowKernel kernel, int id, long[] segment, int slot, long cost, long now) {
    long index = kernel.index(now);
    for (int spins = 0; ; spins++) {
      long first = CellTable.first(segment, slot);
      if ((first & Cells.LOCK) != 0
          || (first >>> 1 & Cells.SLIDING_MASK) != (index & Cells.SLIDING_MASK)
          || !Cells.counts(CellTable.second(segment, slot), id, index)) {
        return LONG_WAY;
      }
      long previous = first >>> Cells.PREVIOUS_SHIFT;
      long current = first >>> Cells.CURRENT_SHIFT & Cells.COUNT_MASK;
      long left = kernel.left(index, previous, current, now) - cost;
      if (left < 0) {
        return LONG_WAY;
      }
      long next = first + (cost << Cells.CURRENT_SHIFT);
      if (CellTable.replaceFirst(segment, slot, first, next)) {
        return left;
      }
      CellTable.backOff(spins);
    }
  }

  /** What a successful take at this moment means. */
  static Verdict verdict(Kernel kernel, long left, long cost, long now) {
    return switch (kernel) {
      case TokenBucketKernel k -> {
        long tick = k.ticks(now);
        long reset = (tick + Math.ceilDiv(k.full() - left, k.gain())) * k.tickMicros() - now;
        yield admitted(cost, left / k.unit(), reset, tick, now);
      }
      case WindowKernel k -> {
        long start = k.windows().startOf(now);
        long reset = k.windows().endOf(start) - now;
        yield admitted(cost, left, reset, k.windows().indexOf(start), now);
      }
      case SlidingWindowKernel k -> {
        long index = k.index(now);
        long reset = (index + 2) * k.ticks() * k.tickMicros() - now;
        yield admitted(cost, left, reset, index, now);
      }
      case SlidingLogKernel k -> throw new IllegalStateException("not taken by one CAS");
      case ConcurrencyKernel k -> throw new IllegalStateException("not taken by one CAS");
    };
  }

  /** What a take of leased permits means, as far as is known. */
  static Verdict estimated(TokenBucketKernel kernel, long remaining, long cost, long now) {
    return verdict(kernel, remaining * kernel.unit(), cost, now);
  }

  private static Verdict admitted(long cost, long remaining, long reset, long mark, long now) {
    return new Verdict(Verdict.Outcome.ADMITTED, cost, remaining, 0, reset, mark, now, false);
  }
}
