// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import dev.weir.core.Store;
import dev.weir.redis.fixtures.SentinelProcesses;
import dev.weir.testkit.ManualTimeSource;
import dev.weir.testkit.RateLimiterContract;
import dev.weir.testkit.StoreContract;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Timeout;

/** A primary that sentinels name keeps the contract; the servers ask for a password. */
@Timeout(300)
final class RedisSentinelContractTest {
  private static SentinelProcesses sentinels;
  private static SharedStore shared;

  @BeforeAll
  static void start() {
    sentinels = SentinelProcesses.start(1, "secret");
    shared = new SharedStore(options(), List.of(sentinels.primary()));
  }

  @AfterAll
  static void end() {
    shared.close();
    sentinels.close();
  }

  private static RedisOptions options() {
    return RedisOptions.of(sentinels.url());
  }

  @Nested
  final class AStore implements StoreContract {
    @Override
    public int traces() {
      return 200;
    }

    @Override
    public Store create(ManualTimeSource clock) {
      return shared.on(clock);
    }
  }

  @Nested
  final class ALimiter implements RateLimiterContract {
    @Override
    public Store create(ManualTimeSource clock) {
      return shared.on(clock);
    }
  }
}
