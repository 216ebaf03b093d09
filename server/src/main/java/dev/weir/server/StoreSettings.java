// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.util.Objects.requireNonNull;

import dev.weir.core.MemoryStore;
import dev.weir.redis.RedisOptions;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where the state of limits is kept.
 *
 * @param maxKeys most keys that the in-memory store holds; 1 or more
 * @param redis the Redis that all nodes share; the memory of the process if none
 * @param nodes how many nodes share the limits, for local shares while Redis is away (R23)
 */
public record StoreSettings(long maxKeys, Optional<RedisOptions> redis, OptionalInt nodes) {

  static final int MAX_NODES = 1_000_000;

  public StoreSettings {
    requireNonNull(redis, "redis");
    requireNonNull(nodes, "nodes");
    if (maxKeys < 1) {
      throw new IllegalArgumentException("maxKeys: " + maxKeys + " (expected: 1 or more)");
    }
    if (nodes.isPresent() && (nodes.getAsInt() < 1 || nodes.getAsInt() > MAX_NODES)) {
      throw new IllegalArgumentException(
          "nodes: " + nodes.getAsInt() + " (expected: 1.." + MAX_NODES + ")");
    }
  }

  /** In memory, as many keys as fit well. */
  public static StoreSettings memory() {
    return memory(MemoryStore.defaultMaxKeys());
  }

  /** In memory, with a bound on keys. */
  public static StoreSettings memory(long maxKeys) {
    return new StoreSettings(maxKeys, Optional.empty(), OptionalInt.empty());
  }

  /** In a Redis. */
  public static StoreSettings redis(RedisOptions options) {
    return new StoreSettings(
        MemoryStore.defaultMaxKeys(), Optional.of(options), OptionalInt.empty());
  }

  /** The same for a number of nodes. */
  public StoreSettings nodes(int count) {
    return new StoreSettings(maxKeys, redis, OptionalInt.of(count));
  }
}
