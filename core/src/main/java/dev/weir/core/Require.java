// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.time.Duration;

/** Checks of parameters whose messages give name, value and expectation. */
final class Require {

  private Require() {}

  static long within(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + min + ".." + max + ")");
    }
    return value;
  }

  static String text(String name, String value, int maxLength) {
    if (value.isEmpty() || value.length() > maxLength) {
      throw new IllegalArgumentException(
          name + ": " + shown(value) + " (expected: 1.." + maxLength + " characters)");
    }
    return value;
  }

  /** Whole microseconds of a duration between 1 µs and 100 years. */
  static long micros(String name, Duration duration) {
    if (duration.isNegative()
        || duration.isZero()
        || duration.compareTo(Duration.ofDays(36_500)) > 0
        || duration.getNano() % 1_000 != 0) {
      throw new IllegalArgumentException(
          name + ": " + duration + " (expected: whole microseconds, PT0.000001S..P36500D)");
    }
    return Math.addExact(
        Math.multiplyExact(duration.getSeconds(), 1_000_000L), duration.getNano() / 1_000);
  }

  private static String shown(String value) {
    return value.length() <= 40 ? '"' + value + '"' : '"' + value.substring(0, 40) + "…\"";
  }
}
