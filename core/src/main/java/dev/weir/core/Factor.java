// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

/**
 * What amounts of permits are multiplied by: a fraction in lowest terms.
 *
 * @param numerator 1..1000000
 * @param denominator 1..1000000
 */
public record Factor(long numerator, long denominator) {

  /** Changes nothing. */
  public static final Factor ONE = new Factor(1, 1);

  static final long MAX = 1_000_000;

  /**
   * Brings the fraction to its lowest terms.
   *
   * @throws IllegalArgumentException if a value is out of range
   */
  public Factor {
    Require.within("multiply", numerator, 1, MAX);
    Require.within("multiply", denominator, 1, MAX);
    long divisor = gcd(numerator, denominator);
    numerator /= divisor;
    denominator /= divisor;
  }

  /** A whole factor. */
  public static Factor of(long whole) {
    return new Factor(whole, 1);
  }

  /**
   * The amount multiplied, rounded down but at least 1.
   *
   * @throws ArithmeticException if the product does not fit
   */
  public long times(long amount) {
    // floor(amount × n ÷ d), whose rest stays below 10^12 whatever the amount.
    long whole = Math.multiplyExact(amount / denominator, numerator);
    return Math.max(1, Math.addExact(whole, amount % denominator * numerator / denominator));
  }

  static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /** As files write it: {@code 10} or {@code 1/2}. */
  @Override
  public String toString() {
    return denominator == 1 ? Long.toString(numerator) : numerator + "/" + denominator;
  }
}
