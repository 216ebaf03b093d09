// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * What a store knows of its Redis now.
 *
 * @param connected whether checks are being asked of Redis
 * @param topology what it is connected to, once known
 * @param version the server's version, once known, such as {@code redis 7.0.15}
 * @param error why it is not connected
 * @param warnings what an operator ought to change, such as an eviction policy that drops counters
 */
public record RedisHealth(
    boolean connected,
    Optional<Topology> topology,
    Optional<String> version,
    Optional<String> error,
    List<String> warnings) {

  /** How Redis is deployed. */
  public enum Topology {
    /** One primary. */
    SINGLE,
    /** One primary, chosen by sentinels. */
    SENTINEL,
    /** A primary for each range of slots. */
    CLUSTER
  }

  public RedisHealth {
    requireNonNull(topology, "topology");
    requireNonNull(version, "version");
    requireNonNull(error, "error");
    warnings = List.copyOf(warnings);
  }
}
