// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.time.Duration;

/**
 * A log of every charge: any window, wherever it starts, admits at most the limit (R15). The log of
 * one key holds at most one entry per permit.
 *
 * @param limit most permits per window; 1..10000
 * @param window length of the window, in whole microseconds
 */
public record SlidingLog(long limit, Duration window) implements Algorithm {

  /**
   * Checks the parameters.
   *
   * @throws IllegalArgumentException if a value is out of range or cannot be counted exactly
   */
  public SlidingLog {
    SlidingLogKernel.compile(limit, window);
  }

  @Override
  public Kernel kernel() {
    return SlidingLogKernel.compile(limit, window);
  }

  @Override
  public SlidingLog times(Factor factor) {
    return new SlidingLog(factor.times(limit), window);
  }

  @Override
  public SlidingLog dividedBy(long divisor) {
    return new SlidingLog(Math.max(1, limit / divisor), window);
  }
}
