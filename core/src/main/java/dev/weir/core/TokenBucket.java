// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.time.Duration;

/**
 * A bucket of permits that refills steadily: over any interval it admits at most capacity + refill
 * × time (R14). GCRA is the same algorithm in another notation.
 *
 * <p>Each key starts full.
 *
 * @param capacity most permits held, the burst; at least 1
 * @param refill permits earned per period; at least 1
 * @param period time in which the refill is earned, in whole microseconds
 */
public record TokenBucket(long capacity, long refill, Duration period) implements Algorithm {

  /**
   * Checks the parameters.
   *
   * @throws IllegalArgumentException if a value is out of range or cannot be counted exactly
   */
  public TokenBucket {
    TokenBucketKernel.compile(capacity, refill, period);
  }

  /** A bucket that holds what one period refills. */
  public static TokenBucket of(long permits, Duration period) {
    return new TokenBucket(permits, permits, period);
  }

  /** The same refill with another capacity. */
  public TokenBucket burst(long capacity) {
    return new TokenBucket(capacity, refill, period);
  }

  @Override
  public long limit() {
    return capacity;
  }

  @Override
  public Kernel kernel() {
    return TokenBucketKernel.compile(capacity, refill, period);
  }

  @Override
  public TokenBucket times(Factor factor) {
    // What the refill would lose to rounding goes into the length of the period.
    long divisor = Factor.gcd(refill, factor.denominator());
    return new TokenBucket(
        factor.times(capacity),
        Math.multiplyExact(refill / divisor, factor.numerator()),
        period.multipliedBy(factor.denominator() / divisor));
  }

  @Override
  public TokenBucket dividedBy(long divisor) {
    // The refill is divided by lengthening the period, so that it loses nothing to rounding.
    return new TokenBucket(Math.max(1, capacity / divisor), refill, period.multipliedBy(divisor));
  }
}
