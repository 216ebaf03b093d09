// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.core.Charge;
import dev.weir.core.CounterKey;
import dev.weir.core.Limit;
import dev.weir.core.LimitId;
import dev.weir.core.Mode;
import dev.weir.core.Operation;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.TimeSource;
import dev.weir.core.TokenBucket;
import dev.weir.redis.RedisHealth;
import dev.weir.redis.RedisStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sees to it that the first checks of a server are judged by Redis, if Redis is there. */
final class RedisStart {

  private static final Logger LOG = LoggerFactory.getLogger(RedisStart.class);

  /* For an attempt to connect to succeed or fail, and for more once one has failed. */
  private static final Duration FIRST_ATTEMPT = Duration.ofSeconds(10);
  private static final Duration FURTHER_ATTEMPTS = Duration.ofSeconds(1);

  private static final Duration WARM_UP = Duration.ofSeconds(1);
  private static final byte[] KEY = "warm-up".getBytes(StandardCharsets.US_ASCII);
  private static final long TOO_BIG = (1 << 24) - 1;
  private static final long POLL_NANOS = 500_000;

  private RedisStart() {}

  /** Waits a moment for Redis; without it failure policies decide (R24). */
  static void await(RedisStore redis, String address, PolicySet policies) {
    RedisHealth health = redis.health();
    Optional<String> notYet = health.error();
    long end = after(FIRST_ATTEMPT);
    boolean failed = false;
    while (!health.connected() && now() < end) {
      if (!failed && !health.error().equals(notYet)) {
        failed = true;
        end = Math.min(end, after(FURTHER_ATTEMPTS));
      }
      LockSupport.parkNanos(POLL_NANOS);
      health = redis.health();
    }
    if (health.connected()) {
      warmUp(redis, policies);
    } else {
      LOG.warn(
          "started without Redis at {}, failure policies decide until it is there: {}",
          address,
          health.error().orElse("unknown"));
    }
  }

  /* The first call of a process loads classes for longer than its deadline allows. Nothing is
   * charged: not by a peek, and not by a take of more than a bucket can hold (R4, R8). */
  private static void warmUp(RedisStore redis, PolicySet policies) {
    long end = after(WARM_UP);
    for (Policy policy : policies.policies()) {
      for (Limit limit : policy.limits()) {
        if (now() >= end) {
          return;
        }
        answered(redis, charge(policy, limit, 1, Operation.PEEK), end);
        if (limit.algorithm() instanceof TokenBucket bucket
            && bucket.capacity() < TOO_BIG
            && limit.mode() == Mode.ENFORCED) {
          answered(redis, charge(policy, limit, TOO_BIG, Operation.TAKE), end);
        }
      }
    }
  }

  private static Charge charge(Policy policy, Limit limit, long cost, Operation operation) {
    LimitId id = LimitId.of(policy.domain() + '/' + policy.name(), limit.name());
    return new Charge(
        CounterKey.of(id, KEY), limit.algorithm().kernel(), cost, limit.mode(), operation);
  }

  private static void answered(RedisStore redis, Charge charge, long end) {
    while (now() < end) {
      try {
        redis.apply(List.of(charge)).toCompletableFuture().join();
        return;
      } catch (CompletionException late) {
        LOG.debug("not warm yet", late);
        LockSupport.parkNanos(POLL_NANOS);
      }
    }
  }

  private static long after(Duration duration) {
    return now() + duration.toNanos() / 1_000;
  }

  private static long now() {
    return TimeSource.elapsed().micros();
  }
}
