// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.time.Duration;

/**
 * A counter per window, with windows aligned to the epoch: each admits at most the limit (R15).
 * Around a boundary, twice the limit may pass within one window's length.
 *
 * @param limit most permits per window; 0..2<sup>52</sup> − 1, where 0 admits nothing
 * @param window length of the window, in whole microseconds
 */
public record FixedWindow(long limit, Duration window) implements Algorithm {

  /**
   * Checks the parameters.
   *
   * @throws IllegalArgumentException if a value is out of range or cannot be counted exactly
   */
  public FixedWindow {
    WindowKernel.fixed(limit, window);
  }

  @Override
  public Kernel kernel() {
    return WindowKernel.fixed(limit, window);
  }

  @Override
  public FixedWindow times(Factor factor) {
    return limit == 0 ? this : new FixedWindow(factor.times(limit), window);
  }

  @Override
  public FixedWindow dividedBy(long divisor) {
    return new FixedWindow(Math.max(Math.min(1, limit), limit / divisor), window);
  }
}
