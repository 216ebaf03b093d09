// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import dev.weir.core.Store;
import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.testkit.ManualTimeSource;
import dev.weir.testkit.RateLimiterContract;
import dev.weir.testkit.StoreContract;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** The store keeps the contract on a single Redis. */
final class RedisStoreContractTest {

  private static final AtomicInteger STORES = new AtomicInteger();
  private static RedisProcess redis;

  @BeforeAll
  static void start() {
    redis = RedisProcess.start();
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  private static Store store(ManualTimeSource clock) {
    return TestStores.connected(
        RedisOptions.of(redis.url()).prefix("t" + STORES.incrementAndGet() + ":"), clock);
  }

  @Nested
  final class Alone implements StoreContract {
    @Override
    public Store create(ManualTimeSource clock) {
      return store(clock);
    }
  }

  @Nested
  final class UnderALimiter implements RateLimiterContract {
    @Override
    public Store create(ManualTimeSource clock) {
      return store(clock);
    }
  }
}
