// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.metrics;

import java.util.List;

/**
 * How many durations fell into which range, between two moments or since the start.
 *
 * @param bounds the most microseconds of each range but the last, which has no end; ascending
 * @param counts how many fell into each range; one more than the bounds
 * @param maxMicros the longest, as far as it is known; 0 if it is not
 */
public record Durations(List<Long> bounds, List<Long> counts, long maxMicros) {

  /**
   * @throws IllegalArgumentException if the counts are not one more than the bounds
   */
  public Durations {
    bounds = List.copyOf(bounds);
    counts = List.copyOf(counts);
    if (counts.size() != bounds.size() + 1) {
      throw new IllegalArgumentException(
          "counts: " + counts.size() + " (expected: " + (bounds.size() + 1) + ")");
    }
  }

  /** Those that came after others of the same ranges; the longest is of these. */
  public Durations since(Durations before) {
    Long[] fresh = new Long[counts.size()];
    for (int i = 0; i < fresh.length; i++) {
      fresh[i] = Math.max(0, counts.get(i) - before.counts.get(i));
    }
    return new Durations(bounds, List.of(fresh), maxMicros);
  }

  /** How many there are. */
  public long count() {
    return counts.stream().mapToLong(Long::longValue).sum();
  }

  /**
   * The end of the range that a quantile falls into, in microseconds: at least that share of the
   * durations took no longer. Of the last range it is the longest duration, or else its beginning.
   *
   * @param quantile above 0, at most 1
   * @throws IllegalStateException if there is none
   */
  public long atMost(double quantile) {
    int range = range(quantile);
    if (range == bounds.size()) {
      return Math.max(maxMicros, bounds.getLast());
    }
    return maxMicros > 0 ? Math.min(bounds.get(range), maxMicros) : bounds.get(range);
  }

  /**
   * An estimate of a quantile in microseconds, as if the durations of a range lay evenly in it; for
   * ranges that are wide.
   *
   * @param quantile above 0, at most 1
   * @throws IllegalStateException if there is none
   */
  public long about(double quantile) {
    int range = range(quantile);
    if (range == bounds.size()) {
      return bounds.getLast();
    }
    long before = counts.subList(0, range).stream().mapToLong(Long::longValue).sum();
    double into = (rank(quantile) - before) / (double) counts.get(range);
    long low = range == 0 ? 0 : bounds.get(range - 1);
    return Math.round(low + into * (bounds.get(range) - low));
  }

  private long rank(double quantile) {
    return Math.max(1, (long) Math.ceil(quantile * count()));
  }

  private int range(double quantile) {
    long rank = rank(quantile);
    long seen = 0;
    for (int i = 0; i < counts.size(); i++) {
      seen += counts.get(i);
      if (seen >= rank) {
        return i;
      }
    }
    throw new IllegalStateException("no duration");
  }
}
