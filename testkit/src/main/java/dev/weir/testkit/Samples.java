// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import dev.weir.core.Algorithm;
import dev.weir.core.CalendarPeriod;
import dev.weir.core.CalendarQuota;
import dev.weir.core.Concurrency;
import dev.weir.core.FixedWindow;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.TokenBucket;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Stream;

/** Algorithms that rules are tried on; every one admits ten permits at once. */
final class Samples {

  static final long LIMIT = 10;

  private Samples() {}

  /** Algorithms that count what is taken. */
  static List<Algorithm> counting() {
    return List.of(
        TokenBucket.of(LIMIT, Duration.ofSeconds(1)),
        new TokenBucket(LIMIT, 3, Duration.ofMillis(7)),
        new FixedWindow(LIMIT, Duration.ofSeconds(1)),
        new SlidingWindow(LIMIT, Duration.ofSeconds(1)),
        new SlidingLog(LIMIT, Duration.ofSeconds(1)),
        new CalendarQuota(LIMIT, CalendarPeriod.HOUR, ZoneId.of("Europe/Paris")));
  }

  /** All of them. */
  static List<Algorithm> all() {
    return Stream.concat(
            counting().stream(), Stream.of(new Concurrency(LIMIT, Duration.ofSeconds(1))))
        .toList();
  }
}
