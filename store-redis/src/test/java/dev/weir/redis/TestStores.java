// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import dev.weir.core.TimeSource;
import java.time.Duration;

/** Stores for tests: on a clock of the test's own, with time enough on a busy machine. */
final class TestStores {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private TestStores() {}

  static RedisStore connected(RedisOptions options, TimeSource clock) {
    RedisStore store = RedisStore.create(options.timeout(PATIENCE), clock);
    await(store);
    return store;
  }

  static RedisStore connected(RedisOptions options) {
    RedisStore store = RedisStore.create(options);
    await(store);
    return store;
  }

  private static void await(RedisStore store) {
    try {
      if (!store.awaitConnected(PATIENCE)) {
        throw new IllegalStateException("not connected: " + store.health());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
