// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.time.Duration;

/**
 * Two counters, the earlier one weighted by how much of it the sliding window still covers (R15).
 *
 * <p>Bound: the weighted sum never exceeds the limit. Traffic spread evenly over the earlier window
 * is counted exactly; at worst, when all of it came at that window's very end, one window's length
 * admits just under twice the limit.
 *
 * @param limit most permits per window; 1..134217727
 * @param window length of the window, in whole microseconds
 */
public record SlidingWindow(long limit, Duration window) implements Algorithm {

  /**
   * Checks the parameters.
   *
   * @throws IllegalArgumentException if a value is out of range or cannot be counted exactly
   */
  public SlidingWindow {
    SlidingWindowKernel.compile(limit, window);
  }

  @Override
  public Kernel kernel() {
    return SlidingWindowKernel.compile(limit, window);
  }

  @Override
  public SlidingWindow times(Factor factor) {
    return new SlidingWindow(factor.times(limit), window);
  }

  @Override
  public SlidingWindow dividedBy(long divisor) {
    return new SlidingWindow(Math.max(1, limit / divisor), window);
  }
}
