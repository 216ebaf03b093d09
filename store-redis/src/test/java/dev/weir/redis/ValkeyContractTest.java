// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Store;
import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.redis.fixtures.RequiresProgram;
import dev.weir.testkit.ManualTimeSource;
import dev.weir.testkit.RateLimiterContract;
import dev.weir.testkit.StoreContract;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Valkey keeps the contract. */
@Timeout(300)
@RequiresProgram("valkey-server")
final class ValkeyContractTest {
  private static RedisProcess valkey;
  private static SharedStore shared;

  @BeforeAll
  static void start() {
    valkey = RedisProcess.builder().program("valkey-server").start();
    shared = new SharedStore(options(), List.of(valkey));
  }

  @AfterAll
  static void end() {
    shared.close();
    valkey.close();
  }

  private static RedisOptions options() {
    return RedisOptions.of(valkey.url());
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

  @Test
  void health_always_saysThatItIsValkey() {
    try (RedisStore store = TestStores.connected(options())) {
      assertThat(store.health().version()).hasValue(valkey.version());
      assertThat(valkey.version()).startsWith("valkey ");
    }
  }
}
