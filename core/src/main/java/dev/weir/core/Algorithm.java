// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

/**
 * How a limit counts: validated parameters that compile once to a pure {@link Kernel}.
 *
 * <p>All are immutable. Amounts are whole permits. Every value and intermediate of the arithmetic
 * stays below 2<sup>53</sup>; parameters for which that is impossible are refused with the reason
 * (R3).
 */
public sealed interface Algorithm
    permits TokenBucket, FixedWindow, SlidingWindow, SlidingLog, CalendarQuota, Concurrency {

  /** The most that one key can hold at once: a cost above it is never admitted (R8). */
  long limit();

  /** The compiled form that a store works with. */
  Kernel kernel();

  /**
   * The same algorithm with its amounts multiplied, each rounded down but at least 1; the refill of
   * a token bucket is exact.
   *
   * @throws IllegalArgumentException if the result cannot be counted exactly
   * @throws ArithmeticException if it is too large for that
   */
  Algorithm times(Factor factor);

  /**
   * The same algorithm with its amounts multiplied.
   *
   * @param factor 1..1000000
   * @throws IllegalArgumentException if the result cannot be counted exactly
   * @throws ArithmeticException if it is too large for that
   */
  default Algorithm times(long factor) {
    return times(Factor.of(factor));
  }

  /**
   * The same algorithm with its amounts divided, each rounded down but at least 1 (R23, local
   * share).
   */
  Algorithm dividedBy(long divisor);
}
