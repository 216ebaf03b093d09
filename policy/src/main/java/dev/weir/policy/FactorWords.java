// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import dev.weir.core.Factor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Factors as files write them: {@code 10}, {@code 1/2} or {@code 0.5}. */
final class FactorWords {

  private static final Pattern FRACTION = Pattern.compile("([0-9]{1,7})(?:/([0-9]{1,7}))?");
  private static final Pattern DECIMAL = Pattern.compile("([0-9]{1,7})\\.([0-9]{1,6}?)0*");

  private FactorWords() {}

  /**
   * The factor, exactly.
   *
   * @throws IllegalArgumentException if it is none
   */
  static Factor parse(String text) {
    Matcher fraction = FRACTION.matcher(text);
    Matcher decimal = DECIMAL.matcher(text);
    try {
      if (fraction.matches()) {
        String below = fraction.group(2);
        return new Factor(number(fraction.group(1)), below == null ? 1 : number(below));
      }
      if (decimal.matches()) {
        String digits = decimal.group(2);
        long scale = number("1" + "0".repeat(digits.length()));
        return new Factor(number(decimal.group(1)) * scale + number(digits), scale);
      }
    } catch (IllegalArgumentException e) {
      throw refused(text, e);
    }
    throw refused(text, null);
  }

  private static long number(String digits) {
    return Long.parseLong(digits);
  }

  private static IllegalArgumentException refused(String text, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "multiply: "
            + text
            + " (expected: a factor such as 10, 1/2 or 0.5, of whole numbers up to "
            + 1_000_000
            + ")",
        cause);
  }

  /** The factor as a value of a file. */
  static Object format(Factor factor) {
    return factor.denominator() == 1 ? (Object) factor.numerator() : factor.toString();
  }
}
