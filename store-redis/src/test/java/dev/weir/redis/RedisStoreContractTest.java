// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import dev.weir.core.Store;
import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.testkit.ManualTimeSource;
import dev.weir.testkit.RateLimiterContract;
import dev.weir.testkit.StoreContract;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** The store keeps the contract on a single Redis. */
final class RedisStoreContractTest {

  private static RedisProcess redis;
  private static SharedStore shared;

  @BeforeAll
  static void start() {
    redis = RedisProcess.start();
    shared = new SharedStore(redis.url(), List.of(redis));
  }

  @AfterAll
  static void stop() {
    shared.close();
    redis.close();
  }

  @Nested
  final class Alone implements StoreContract {
    @Override
    public Store create(ManualTimeSource clock) {
      return shared.on(clock);
    }
  }

  @Nested
  final class UnderALimiter implements RateLimiterContract {
    @Override
    public Store create(ManualTimeSource clock) {
      return shared.on(clock);
    }
  }
}
