// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.core.TokenBucket;
import java.time.Duration;

/** What each key may use. */
enum Allowance {
  /** So much that nobody is ever denied. */
  PLENTY(1_000_000_000, 1_000_000_000, Duration.ofHours(1)),
  /** One permit: everybody is denied but the first. */
  ONE(1, 1, Duration.ofHours(1)),
  /** So much, and next to nothing comes back: what is left tells what was spent. */
  FINITE(1_000_000_000, 1, Duration.ofSeconds(1)),
  /** Less than is asked for. */
  SCARCE(20_000, 200_000, Duration.ofSeconds(1));

  private final long permits;
  private final long refill;
  private final Duration period;

  Allowance(long permits, long refill, Duration period) {
    this.permits = permits;
    this.refill = refill;
    this.period = period;
  }

  /** What a key holds when full. */
  long permits() {
    return permits;
  }

  /** What comes back in each period. */
  long refill() {
    return refill;
  }

  Duration period() {
    return period;
  }

  /** Whole permits that come back in a second, at least one. */
  long perSecond() {
    return Math.max(1, refill * 1_000_000_000 / period.toNanos());
  }

  TokenBucket bucket() {
    return new TokenBucket(permits, refill, period);
  }
}
