// SPDX-License-Identifier: Apache-2.0
package dev.weir.examples;

import dev.weir.core.Decision;
import dev.weir.core.Limit;
import dev.weir.core.RateLimiter;
import dev.weir.core.TokenBucket;
import java.time.Duration;

/** One limit in memory. */
final class LibraryExample {

  private LibraryExample() {}

  static String run() {
    Limit perMinute = Limit.of("per-user", TokenBucket.of(100, Duration.ofMinutes(1)));
    RateLimiter limiter = RateLimiter.of(perMinute);

    Decision decision = limiter.check("user-42");
    return decision.allowed() ? "welcome" : "try again in " + decision.retryAfterMicros() + " µs";
  }
}
