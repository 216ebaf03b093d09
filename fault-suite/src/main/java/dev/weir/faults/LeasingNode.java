// SPDX-License-Identifier: Apache-2.0
package dev.weir.faults;

import dev.weir.core.Decision;
import dev.weir.core.FailurePolicy;
import dev.weir.core.Lease;
import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.Store;
import dev.weir.core.TokenBucket;
import dev.weir.redis.RedisOptions;
import dev.weir.redis.RedisStore;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A node in a process of its own that spends a leased limit on one hot key until it is used up, and
 * writes a byte for every check that it allows, so that what it allowed is known even if it is
 * killed.
 */
final class LeasingNode {
  static final String KEY = "hot";

  /** Most permits that a node holds. */
  static final int LEASED = 500;

  /** Earns one permit while a run lasts, if that. */
  static final TokenBucket BUCKET = new TokenBucket(30_000, 1, Duration.ofHours(1));

  private static final int CHECKS_PER_TURN = 20;
  private static final long TURN_NANOS = 1_000_000;
  private static final int LAST_DENIALS = 50;

  private LeasingNode() {}

  static RateLimiter limiter(Store store) {
    Limit limit =
        Limit.of("leased", BUCKET)
            .onFailure(FailurePolicy.CLOSED)
            .leased(new Lease(LEASED, Duration.ofSeconds(1)));
    Policy policy =
        Policy.named(RateLimiter.DEFAULT_DOMAIN)
            .domain(RateLimiter.DEFAULT_DOMAIN)
            .key(RateLimiter.DEFAULT_KEY)
            .limit(limit)
            .build();
    return RateLimiter.create(store, PolicySet.of(List.of(policy)));
  }

  static RedisStore store(String url) {
    return RedisStore.create(RedisOptions.of(url).timeout(Duration.ofSeconds(5)));
  }

  /** The first argument is the URL of Redis. */
  public static void main(String[] args) throws IOException, InterruptedException {
    try (RedisStore store = store(args[0]);
        RateLimiter limiter = limiter(store);
        FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
      if (!store.awaitConnected(Duration.ofSeconds(20))) {
        throw new IllegalStateException("not connected: " + store.health());
      }
      int denials = 0;
      while (denials < LAST_DENIALS) {
        for (int i = 0; i < CHECKS_PER_TURN; i++) {
          Decision decision = limiter.check(KEY);
          if (decision.allowed()) {
            out.write('.');
            denials = 0;
          } else {
            denials++;
          }
        }
        LockSupport.parkNanos(TURN_NANOS);
      }
    }
  }
}
