// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import dev.weir.core.Store;
import dev.weir.redis.fixtures.RedisClusterProcesses;
import dev.weir.testkit.ManualTimeSource;
import dev.weir.testkit.RateLimiterContract;
import dev.weir.testkit.StoreContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** The store keeps the contract on a cluster. */
final class RedisClusterContractTest {

  private static RedisClusterProcesses redis;
  private static SharedStore shared;

  @BeforeAll
  static void start() {
    redis = RedisClusterProcesses.start(3, 0);
    shared = new SharedStore(redis.url(), redis.primaries());
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
