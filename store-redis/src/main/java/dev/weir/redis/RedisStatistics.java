// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import static java.util.Objects.requireNonNull;

/**
 * What a store has counted of its calls since it was made.
 *
 * @param connections connections that there ought to be
 * @param connected those of them over which checks are being asked
 * @param outages how often one of them stopped being one
 * @param roundTripMicros how long calls took that were answered, from when they were put together
 * @param checksPerCall how many checks such a call carried
 * @since 0.1
 */
public record RedisStatistics(
    int connections,
    int connected,
    long outages,
    Distribution roundTripMicros,
    Distribution checksPerCall) {

  public RedisStatistics {
    requireNonNull(roundTripMicros, "roundTripMicros");
    requireNonNull(checksPerCall, "checksPerCall");
  }
}
