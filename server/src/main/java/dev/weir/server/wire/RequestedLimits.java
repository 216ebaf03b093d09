// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
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

  /** Waiting does not help, or is not needed. */
  public static final long NEVER = -1;

  private static final long MAX_SECONDS = 1_000_000_000;
  private static final long MICROS = 1_000_000;

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

  /**
   * What a bucket is asked for a quantity: more than a cost may be never fits in most buckets.
   *
   * @throws IllegalArgumentException if it is negative, or might fit
   */
  public static long cost(long quantity, long capacity) {
    if (quantity < 0) {
      throw new IllegalArgumentException("negative quantity: " + quantity);
    }
    if (quantity > Descriptor.MAX_COST && capacity >= Descriptor.MAX_COST) {
      throw new IllegalArgumentException(
          "quantity: " + quantity + " (expected: 0.." + Descriptor.MAX_COST + ")");
    }
    return Math.min(quantity, Descriptor.MAX_COST);
  }

  /** Whole seconds until a denial would be none, rounded up; {@link #NEVER} if it stays one. */
  public static long retrySeconds(Decision decision) {
    long micros = decision.retryAfterMicros();
    return micros == 0 ? NEVER : Math.ceilDiv(micros, MICROS);
  }

  /** Whole seconds until the bucket is full, rounded up. */
  public static long resetSeconds(Decision decision) {
    return Math.ceilDiv(decision.resetAfterMicros(), MICROS);
  }

  private static int place(long capacity, long count, long seconds) {
    long mixed = ((capacity * 31 + count) * 31 + seconds) * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 32) & (PLACES - 1);
  }
}
