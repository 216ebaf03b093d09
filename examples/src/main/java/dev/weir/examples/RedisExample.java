// SPDX-License-Identifier: Apache-2.0
package dev.weir.examples;

import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.redis.RedisOptions;
import dev.weir.redis.RedisStore;
import java.time.Duration;

/** Limits that several processes share. */
final class RedisExample {

  private RedisExample() {}

  static boolean run(String url, PolicySet policies, String key) throws InterruptedException {
    try (RedisStore store = RedisStore.create(RedisOptions.of(url))) {
      store.awaitConnected(Duration.ofSeconds(10));
      RateLimiter limiter = RateLimiter.create(store, policies);
      return limiter.check(key).allowed();
    }
  }
}
