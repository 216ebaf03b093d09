// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.live;

import dev.weir.core.RateLimiter;
import dev.weir.core.Store;
import dev.weir.core.TimeSource;
import dev.weir.records.RecordStore;
import dev.weir.server.control.LoadStates;
import dev.weir.server.control.PolicyVersions;
import dev.weir.server.identity.Callers;
import dev.weir.server.metrics.Metrics;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What figures are read from.
 *
 * @param instance which instance this is
 * @param limiter the one in force
 * @param maxKeys most keys of a store in memory
 * @param http connections of clients that speak HTTP, and how many were refused
 * @param resp connections of clients that speak the Redis protocol, and their commands
 * @param draining whether the server is about to end
 */
public record Sources(
    TimeSource time,
    Instance instance,
    Metrics metrics,
    Supplier<RateLimiter> limiter,
    Store store,
    long maxKeys,
    Traffic http,
    Traffic resp,
    LoadStates states,
    PolicyVersions versions,
    Callers callers,
    RecordStore records,
    BooleanSupplier draining) {

  /**
   * What comes in by a protocol.
   *
   * @param connections open now
   * @param total a count since the start, of what the protocol is counted by
   */
  public record Traffic(LongSupplier connections, LongSupplier total) {}
}
