// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

/**
 * How a state is packed into the two words of a cell.
 *
 * <p>The first word changes by one CAS per charge and has the lock in its lowest bit; the second
 * changes under the lock only:
 *
 * <pre>
 * token bucket     first: the time at which the bucket is full, in units, doubled, modulo 2^64
 * windows          first: spent (53 bits) | low bits of the window's number (10)    | lock
 * sliding window   first: previous (28) | current (28) | low bits of the number (7) | lock
 * all              second: window's number or tick (44 bits) | number of the kernel (20)
 * </pre>
 *
 * <p>The low bits of the window's number tie the first word to its window: a CAS by a thread that
 * slept through the window's end fails, unless it slept through all 1 024 (128) of them. Logs and
 * holds do not fit; the store keeps them beside the table, under the cell's lock.
 */
final class Cells {

  static final long LOCK = 1;

  static final int WINDOW_SHIFT = 11;
  static final long WINDOW_MASK = 0x3ff;

  static final int CURRENT_SHIFT = 8;
  static final int PREVIOUS_SHIFT = 36;
  static final long COUNT_MASK = (1L << 28) - 1;
  static final long SLIDING_MASK = 0x7f;

  private static final int MARK_SHIFT = KernelIds.BITS;
  private static final long MARK_SPAN = 1L << 64 - MARK_SHIFT;
  private static final int ID_MASK = (1 << KernelIds.BITS) - 1;

  private Cells() {}

  static int kernelId(long second) {
    return (int) second & ID_MASK;
  }

  /** Whether the state is kept beside the table. */
  static boolean beside(Kernel kernel) {
    return kernel instanceof SlidingLogKernel || kernel instanceof ConcurrencyKernel;
  }

  static long first(Kernel kernel, State state) {
    return switch (kernel) {
      case TokenBucketKernel k -> {
        TokenBucketKernel.Bucket bucket = (TokenBucketKernel.Bucket) state;
        yield (bucket.at() * k.gain() + k.full() - bucket.credit()) << 1;
      }
      case WindowKernel k -> {
        WindowKernel.Window window = (WindowKernel.Window) state;
        long index = k.windows().indexOf(window.start());
        yield window.spent() << WINDOW_SHIFT | (index & WINDOW_MASK) << 1;
      }
      case SlidingWindowKernel k -> {
        SlidingWindowKernel.Counters counters = (SlidingWindowKernel.Counters) state;
        yield counters.previous() << PREVIOUS_SHIFT
            | counters.current() << CURRENT_SHIFT
            | (counters.index() & SLIDING_MASK) << 1;
      }
      case SlidingLogKernel k -> 0;
      case ConcurrencyKernel k -> 0;
    };
  }

  static long second(Kernel kernel, int id, State state) {
    long mark =
        switch (kernel) {
          case TokenBucketKernel k -> ((TokenBucketKernel.Bucket) state).at();
          case WindowKernel k -> k.windows().indexOf(((WindowKernel.Window) state).start());
          case SlidingWindowKernel k -> ((SlidingWindowKernel.Counters) state).index();
          case SlidingLogKernel k -> 0;
          case ConcurrencyKernel k -> 0;
        };
    return mark << MARK_SHIFT | id;
  }

  /**
   * Unpacks a state that is not kept beside the table.
   *
   * @param steady whether readings of the clock never run backwards, so that the tick of a bucket
   *     is of no account and charges leave it alone
   */
  static State state(Kernel kernel, long first, long second, long now, boolean steady) {
    return switch (kernel) {
      case TokenBucketKernel k ->
          steady ? steadyBucket(k, first, now) : bucket(k, first, second, now);
      case WindowKernel k -> {
        Windows windows = k.windows();
        long index = markNear(second, windows.indexOf(windows.startOf(now)));
        yield new WindowKernel.Window(windows.startAt(index), first >>> WINDOW_SHIFT);
      }
      case SlidingWindowKernel k ->
          new SlidingWindowKernel.Counters(
              markNear(second, k.index(now)),
              first >>> PREVIOUS_SHIFT,
              first >>> CURRENT_SHIFT & COUNT_MASK);
      case SlidingLogKernel k -> throw new IllegalStateException("kept beside the table");
      case ConcurrencyKernel k -> throw new IllegalStateException("kept beside the table");
    };
  }

  /* The bucket is full at the tick in the first word. What is missing beyond any debt is the trace of
   * a word that wrapped around in long idleness; a minute allows for readings that overtook. */
  private static TokenBucketKernel.Bucket steadyBucket(
      TokenBucketKernel kernel, long first, long now) {
    long tick = kernel.ticks(now);
    long missing = missing(kernel, first, tick);
    boolean full = missing <= 0 || missing > 2 * kernel.full() + 60_000_000 * kernel.gain();
    return new TokenBucketKernel.Bucket(full ? kernel.full() : kernel.full() - missing, tick);
  }

  /* The mark has lost its high bits. A bucket that was left alone for longer than the others span is
   * full; what one from a clock that was far ahead seems to miss tells how many spans ahead. */
  private static TokenBucketKernel.Bucket bucket(
      TokenBucketKernel kernel, long first, long second, long now) {
    long near = markNear(second, kernel.ticks(now));
    long spans = Math.max(0, missing(kernel, first, near)) / kernel.gain() / MARK_SPAN;
    long at = near + spans * MARK_SPAN;
    long missing = missing(kernel, first, at);
    return 0 <= missing && missing <= 2 * kernel.full()
        ? new TokenBucketKernel.Bucket(kernel.full() - missing, at)
        : kernel.fresh(now);
  }

  private static long missing(TokenBucketKernel kernel, long first, long at) {
    return first - (at * kernel.gain() << 1) >> 1;
  }

  /** The mark whose low bits the word holds and which is nearest to the given one. */
  static long markNear(long second, long near) {
    return near + ((second >>> MARK_SHIFT) - near << MARK_SHIFT >> MARK_SHIFT);
  }

  /** Whether a second word is of this kernel and this very mark. */
  static boolean counts(long second, int id, long mark) {
    return second == (mark << MARK_SHIFT | id);
  }
}
