// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Limit;
import dev.weir.core.RateLimiter;
import dev.weir.core.RequestedLimit;
import dev.weir.core.TokenBucket;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Token buckets that requests bring as three numbers. All of them count in one domain, whatever
 * they are asked over. Found again without an allocation; at most {@value #PLACES} are kept. One
 * per event loop; not safe for several threads.
 */
public final class RequestedLimits {

  /** The domain of the keys. */
  public static final String DOMAIN = "throttle";

  /** The name of the limits. */
  public static final String NAME = "throttle";

  /** Most limits that are kept; a power of two. */
  static final int PLACES = 1_024;

  private static final long MAX_SECONDS = 1_000_000_000;

  private record Known(long capacity, long count, long seconds, RequestedLimit limit) {
    boolean is(long otherCapacity, long otherCount, long otherSeconds) {
      return capacity == otherCapacity && count == otherCount && seconds == otherSeconds;
    }
  }

  private final Supplier<RateLimiter> inForce;
  private final @Nullable Known[] known = new Known[PLACES];

  /**
   * @param inForce gives the limiter in force
   */
  public RequestedLimits(Supplier<RateLimiter> inForce) {
    this.inForce = requireNonNull(inForce, "inForce");
  }

  /**
   * A bucket.
   *
   * @param capacity most permits it holds
   * @param count permits it earns in a period
   * @param seconds the period
   * @throws IllegalArgumentException if it cannot be counted exactly, or there were too many
   *     different ones
   */
  public RequestedLimit of(long capacity, long count, long seconds) {
    int place = place(capacity, count, seconds);
    Known here = known[place];
    if (here != null && here.is(capacity, count, seconds)) {
      return here.limit;
    }
    if (seconds < 1 || seconds > MAX_SECONDS) {
      throw new IllegalArgumentException(
          "period: " + seconds + " (expected: 1.." + MAX_SECONDS + " seconds)");
    }
    TokenBucket bucket = new TokenBucket(capacity, count, Duration.ofSeconds(seconds));
    RequestedLimit limit = inForce.get().requested(DOMAIN, Limit.of(NAME, bucket));
    known[place] = new Known(capacity, count, seconds, limit);
    return limit;
  }

  private static int place(long capacity, long count, long seconds) {
    long mixed = ((capacity * 31 + count) * 31 + seconds) * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 32) & (PLACES - 1);
  }
}
