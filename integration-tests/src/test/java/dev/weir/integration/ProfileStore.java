// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import dev.weir.redis.fixtures.RedisProcess;
import java.util.Map;

/** Where a profile keeps its limits in a test. */
enum ProfileStore {
  MEMORY,
  /** A real Redis, which ends with the tests. */
  REDIS;

  private static final class Shared {
    static final RedisProcess REDIS = RedisProcess.start();
  }

  /** The profile's variables for this store, which is then empty. */
  Map<String, String> variables() {
    if (this == MEMORY) {
      return Map.of();
    }
    Shared.REDIS.cli("FLUSHALL");
    return variables(Shared.REDIS);
  }

  /** The variables of all profiles for a Redis. */
  static Map<String, String> variables(RedisProcess redis) {
    return Map.of(
        "REDIS_URL",
        redis.url(),
        "REDIS_HOST",
        "127.0.0.1",
        "REDIS_PORT",
        Integer.toString(redis.port()),
        // On a busy machine no check of a test shall be judged without Redis.
        "WEIR_REDIS_TIMEOUT",
        "5s");
  }
}
