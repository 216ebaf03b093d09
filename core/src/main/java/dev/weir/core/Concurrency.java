// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.time.Duration;

/**
 * Permits held while work is in flight, each under an id and with an expiry, so that a crashed
 * holder gives back (R17).
 *
 * @param limit most permits held at once; 1..10000
 * @param expiry how long a hold lasts unless it is renewed or released; at most a day
 */
public record Concurrency(long limit, Duration expiry) implements Algorithm {

  /**
   * Checks the parameters.
   *
   * @throws IllegalArgumentException if a value is out of range
   */
  public Concurrency {
    ConcurrencyKernel.compile(limit, expiry);
  }

  @Override
  public Kernel kernel() {
    return ConcurrencyKernel.compile(limit, expiry);
  }

  @Override
  public Concurrency times(Factor factor) {
    return new Concurrency(factor.times(limit), expiry);
  }

  @Override
  public Concurrency dividedBy(long divisor) {
    return new Concurrency(Math.max(1, limit / divisor), expiry);
  }
}
