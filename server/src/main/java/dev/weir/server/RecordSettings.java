// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.util.Objects.requireNonNull;

import dev.weir.redis.RedisOptions;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where records are kept: users, keys, bans, states, policies. Without either of these in the Redis
 * of the limits, and if there is none, in the memory of the process.
 *
 * @param dataDir a folder of this instance alone
 * @param redis a Redis of their own
 */
public record RecordSettings(Optional<Path> dataDir, Optional<RedisOptions> redis) {

  /** Wherever the limits are. */
  public static final RecordSettings DEFAULT =
      new RecordSettings(Optional.empty(), Optional.empty());

  /**
   * @throws IllegalArgumentException if both are given
   */
  public RecordSettings {
    requireNonNull(dataDir, "dataDir");
    requireNonNull(redis, "redis");
    if (dataDir.isPresent() && redis.isPresent()) {
      throw new IllegalArgumentException("data-dir and redis: both (expected: one of them)");
    }
  }

  /** In a folder. */
  public static RecordSettings folder(Path dataDir) {
    return new RecordSettings(Optional.of(dataDir), Optional.empty());
  }
}
