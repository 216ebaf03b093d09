// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import java.util.List;

/**
 * How often a value fell into which range.
 *
 * @param bounds the greatest value of each range but the last, which has none; ascending
 * @param counts how many values fell into each range; one more than the bounds
 * @param sum the sum of all values
 * @since 0.1
 */
public record Distribution(List<Long> bounds, List<Long> counts, long sum) {

  /**
   * @throws IllegalArgumentException if the counts are not one more than the bounds
   */
  public Distribution {
    bounds = List.copyOf(bounds);
    counts = List.copyOf(counts);
    if (counts.size() != bounds.size() + 1) {
      throw new IllegalArgumentException(
          "counts: " + counts.size() + " (expected: " + (bounds.size() + 1) + ")");
    }
  }
}
