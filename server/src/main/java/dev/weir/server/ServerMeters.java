// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.core.MemoryStore;
import dev.weir.core.RateLimiter;
import dev.weir.core.Store;
import dev.weir.micrometer.LimiterMeters;
import dev.weir.redis.Distribution;
import dev.weir.redis.RedisStatistics;
import dev.weir.redis.RedisStore;
import dev.weir.server.control.LoadStates;
import dev.weir.server.control.PolicyVersions;
import dev.weir.server.identity.Callers;
import dev.weir.server.metrics.Metrics;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** Announces what a server can tell of its parts. */
final class ServerMeters {

  private static final double MICROS = 1e6;

  private ServerMeters() {}

  static void announce(
      Metrics metrics, RateLimiter limiter, Store store, GuardedTransport transport) {
    metrics.gauge(
        "weir.build.info",
        "Always 1; the labels tell what is running",
        Map.of("version", version(), "java", Runtime.version().toString()),
        () -> 1);
    metrics.gauge(
        "weir.http.connections", "Connections of clients", Map.of(), transport::connections);
    metrics.counter(
        "weir.http.connections.refused",
        "Connections closed at once because there were too many",
        Map.of(),
        transport::refused);
    metrics.bind(new LimiterMeters(limiter));
    if (store instanceof MemoryStore memory) {
      metrics.gauge(
          "weir.memory.keys",
          "Keys in the memory of the process, where that is the store",
          Map.of(),
          memory::keys);
    }
    if (store instanceof RedisStore redis) {
      announce(metrics, redis);
    }
  }

  static void announce(Metrics metrics, LoadStates states, PolicyVersions versions) {
    LongAdder changes = new LongAdder();
    states.listen((before, after) -> changes.increment());
    metrics.gauges(
        "weir_load_state",
        "1 for the load state that this server is in, such as normal",
        "state",
        () -> Map.of(states.current().name(), 1));
    metrics.counter(
        "weir.load.state.changes", "How often the load state has changed", Map.of(), changes::sum);
    metrics.gauge(
        "weir.policies.version",
        "The version of the policies in force; 0 for those of the files",
        Map.of(),
        versions::applied);
  }

  /**
   * Announces how long certificates are good.
   *
   * @param certificates what listeners speak TLS with, by their names
   */
  static void announce(Metrics metrics, Map<String, LiveTls> certificates) {
    metrics.gauges(
        "weir_certificate_expiry_seconds",
        "When the certificates of a listener expire, in seconds since 1970",
        "listener",
        () -> {
          Map<String, Long> seconds = new TreeMap<>();
          certificates.forEach((name, tls) -> seconds.put(name, tls.notAfter().getEpochSecond()));
          return seconds;
        });
  }

  static void announce(Metrics metrics, IdentityService service) {
    Callers callers = service.callers();
    metrics.gauge(
        "weir.identities",
        "Users and API keys that this server knows, by kind: user or key",
        Map.of("kind", "user"),
        () -> callers.identities().userCount());
    metrics.gauge(
        "weir.identities",
        "Users and API keys that this server knows, by kind: user or key",
        Map.of("kind", "key"),
        () -> callers.identities().keyCount());
    metrics.gauge(
        "weir.bans",
        "Networks that are banned; those whose time is over leave within a minute",
        Map.of(),
        () -> callers.bans().count());
    metrics.gauge(
        "weir.records.up",
        "1 while the records of users, keys and bans can be read and changed; 0 while their store is"
            + " away and what was known last counts",
        Map.of(),
        () -> service.records().health().reachable() ? 1 : 0);
  }

  private static void announce(Metrics metrics, RedisStore redis) {
    metrics.gauge(
        "weir.store.up",
        "1 while checks are being asked of Redis, 0 while the circuit is open",
        Map.of(),
        () -> redis.health().connected() ? 1 : 0);
    metrics.gauge(
        "weir.store.connections",
        "Connections to Redis by state: up or down",
        Map.of("state", "up"),
        () -> redis.statistics().connected());
    metrics.gauge(
        "weir.store.connections",
        "Connections to Redis by state: up or down",
        Map.of("state", "down"),
        () -> {
          RedisStatistics now = redis.statistics();
          return now.connections() - now.connected();
        });
    metrics.counter(
        "weir.store.outages",
        "How often a connection stopped being asked",
        Map.of(),
        () -> redis.statistics().outages());
    metrics.gauge(
        "weir.store.nodes",
        "Nodes that share this Redis, as counted from their heartbeats",
        Map.of(),
        redis::nodes);
    metrics.histogram(
        "weir_store_round_trip_seconds",
        "Time from putting a call to Redis together to its answer",
        MICROS,
        () -> counted(redis.statistics().roundTripMicros()));
    metrics.histogram(
        "weir_store_call_checks",
        "Checks that a call to Redis carried",
        1,
        () -> counted(redis.statistics().checksPerCall()));
  }

  private static Metrics.Counted counted(Distribution values) {
    return new Metrics.Counted(values.bounds(), values.counts(), values.sum());
  }

  /** The program's version, as it was built. */
  static String version() {
    return Optional.ofNullable(ServerMeters.class.getPackage().getImplementationVersion())
        .orElse("unknown");
  }
}
