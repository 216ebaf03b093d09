// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import dev.weir.core.Store;
import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.testkit.ManualTimeSource;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Checks that share a call on a single server. */
final class CoalescingTest implements CoalescingContract {

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

  @Override
  public Store on(ManualTimeSource clock) {
    return shared.on(clock);
  }
}
