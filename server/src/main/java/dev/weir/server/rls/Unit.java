// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.rls;

import dev.weir.core.Algorithm;
import dev.weir.core.CalendarQuota;
import dev.weir.core.Concurrency;
import dev.weir.core.FixedWindow;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.TokenBucket;
import dev.weir.server.wire.HeaderProfile;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The times that the protocol has names for. */
enum Unit {
  SECOND(1, 1),
  MINUTE(2, 60),
  HOUR(3, 3_600),
  DAY(4, 86_400),
  MONTH(5, 30 * 86_400),
  YEAR(6, 365 * 86_400),
  WEEK(7, 7 * 86_400);

  /** Not in the enum of the units that requests may bring. */
  private static final int ONLY_IN_ANSWERS = 7;

  private static final long MICROS = 1_000_000;

  private final int number;
  private final int seconds;

  Unit(int number, int seconds) {
    this.number = number;
    this.seconds = seconds;
  }

  int number() {
    return number;
  }

  Duration duration() {
    return Duration.ofSeconds(seconds);
  }

  /**
   * The unit that a request names.
   *
   * @throws IllegalArgumentException if it is none
   */
  static Unit asked(int number) {
    for (Unit unit : values()) {
      if (unit.number == number && number != ONLY_IN_ANSWERS) {
        return unit;
      }
    }
    throw new IllegalArgumentException("limit: unit " + number + " (expected: 1..6)");
  }

  /** The number of the unit in which an algorithm counts; 0, which is unknown, if it is none. */
  static int numberOf(Algorithm algorithm) {
    Unit unit = of(algorithm);
    return unit == null ? 0 : unit.number;
  }

  /** The unit in which an algorithm counts; null if it is none. */
  static @Nullable Unit of(Algorithm algorithm) {
    long micros = windowMicros(algorithm);
    for (Unit unit : values()) {
      if (unit.seconds * MICROS == micros) {
        return unit;
      }
    }
    return null;
  }

  private static long windowMicros(Algorithm algorithm) {
    return switch (algorithm) {
      case TokenBucket bucket -> timeToFull(bucket);
      case FixedWindow window -> micros(window.window());
      case SlidingWindow window -> micros(window.window());
      case SlidingLog log -> micros(log.window());
      case CalendarQuota quota -> HeaderProfile.windowSeconds(quota) * MICROS;
      case Concurrency concurrency -> 0;
    };
  }

  private static long micros(Duration window) {
    return window.compareTo(YEAR.duration()) > 0 ? 0 : window.toNanos() / 1_000;
  }

  /** 0 if it is no whole number, or far beyond every unit. */
  private static long timeToFull(TokenBucket bucket) {
    long period = bucket.period().toNanos() / 1_000;
    long high = Math.multiplyHigh(bucket.capacity(), period);
    long product = bucket.capacity() * period;
    return high != 0 || product < 0 || product % bucket.refill() != 0
        ? 0
        : product / bucket.refill();
  }
}
