// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import java.util.Arrays;

/**
 * Counts over time, in a bounded number of buckets of one width, aligned to the epoch.
 *
 * <p>Where the log turns out to be longer than the buckets reach, they become wider and what was
 * counted is put together. Times must not go back. Used by one thread.
 */
final class Timeline {

  /** Buckets at most. */
  static final int MOST_BUCKETS = 2_000;

  /* Each divides the next, so that buckets can be put together. */
  private static final long[] WIDTHS = {
    1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800
  };
  private static final long SECOND = 1_000_000;

  private final int series;
  private final int most;
  private long width;
  private long first = Long.MIN_VALUE;
  private int used;
  private final long[][] counts;

  /**
   * @param series how many things are counted
   * @param widthMicros the width to begin with; 0 for a second, and then as few buckets as can be
   *     looked at
   */
  Timeline(int series, long widthMicros) {
    this.series = series;
    this.most = widthMicros == 0 ? 240 : MOST_BUCKETS;
    this.width = widthMicros == 0 ? SECOND : widthMicros;
    this.counts = new long[most][];
  }

  /** Counts one of a series, 0 or more. */
  void count(int which, long micros) {
    if (first == Long.MIN_VALUE) {
      first = Math.floorDiv(micros, width);
    }
    long index = Math.floorDiv(micros, width) - first;
    while (index >= most) {
      widen();
      index = Math.floorDiv(micros, width) - first;
    }
    int at = (int) index;
    used = Math.max(used, at + 1);
    if (counts[at] == null) {
      counts[at] = new long[series];
    }
    counts[at][which]++;
  }

  private void widen() {
    long wider = wider();
    long factor = wider / width;
    long newFirst = Math.floorDiv(first, factor);
    long[][] old = Arrays.copyOf(counts, used);
    Arrays.fill(counts, null);
    for (int i = 0; i < old.length; i++) {
      if (old[i] != null) {
        int at = (int) (Math.floorDiv(first + i, factor) - newFirst);
        long[] sum = counts[at] == null ? new long[series] : counts[at];
        for (int s = 0; s < series; s++) {
          sum[s] += old[i][s];
        }
        counts[at] = sum;
        used = at + 1;
      }
    }
    first = newFirst;
    width = wider;
  }

  private long wider() {
    for (long seconds : WIDTHS) {
      if (seconds * SECOND > width && seconds * SECOND % width == 0) {
        return seconds * SECOND;
      }
    }
    return Math.multiplyExact(width, 2);
  }

  long widthMicros() {
    return width;
  }

  /** Buckets, those in the middle that are empty included. */
  int buckets() {
    return used;
  }

  /** When a bucket begins. */
  long startMicros(int bucket) {
    return (first + bucket) * width;
  }

  long get(int bucket, int which) {
    return counts[bucket] == null ? 0 : counts[bucket][which];
  }
}
