// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.live;

import dev.weir.core.MemoryStore;
import dev.weir.core.Store;
import dev.weir.redis.Distribution;
import dev.weir.redis.RedisHealth;
import dev.weir.redis.RedisStatistics;
import dev.weir.redis.RedisStore;
import dev.weir.server.metrics.Durations;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How the store of the limits is. Not safe for several threads. */
final class StoreFigures {

  private final Store store;
  private final long maxKeys;
  private @Nullable RedisStatistics before;

  StoreFigures(Store store, long maxKeys) {
    this.store = store;
    this.maxKeys = maxKeys;
  }

  void restart() {
    before = null;
  }

  /** What it is and whether it is asked. */
  JsonObject brief() {
    if (store instanceof RedisStore redis) {
      RedisHealth health = redis.health();
      return shown("redis", health.connected(), health.error().orElse(""));
    }
    return shown("memory", true, "");
  }

  private static JsonObject shown(String kind, boolean up, String error) {
    return new JsonObject().put("kind", kind).put("up", up).put("error", error);
  }

  /** Everything. */
  JsonObject read() {
    JsonObject shown = brief();
    if (store instanceof RedisStore redis) {
      return redis(shown, redis);
    }
    shown.put("breaker", "closed").put("maxKeys", maxKeys);
    return store instanceof MemoryStore memory ? shown.put("keys", memory.keys()) : shown;
  }

  private JsonObject redis(JsonObject shown, RedisStore redis) {
    RedisHealth health = redis.health();
    RedisStatistics now = redis.statistics();
    int down = Math.max(0, now.connections() - now.connected());
    String breaker = down == 0 ? "closed" : now.connected() == 0 ? "open" : "partial";
    health
        .topology()
        .ifPresent(kind -> shown.put("topology", kind.name().toLowerCase(Locale.ROOT)));
    health.version().ifPresent(version -> shown.put("version", version));
    RedisStatistics last = before;
    before = now;
    Durations trips = durations(now.roundTripMicros());
    Durations checks = durations(now.checksPerCall());
    Durations fresh = trips.since(last == null ? trips : durations(last.roundTripMicros()));
    long calls = checks.since(last == null ? checks : durations(last.checksPerCall())).count();
    long carried = last == null ? 0 : now.checksPerCall().sum() - last.checksPerCall().sum();
    return shown
        .put("breaker", breaker)
        .put("warnings", new JsonArray(health.warnings()))
        .put("instances", redis.nodes())
        .put("connections", new JsonObject().put("up", now.connected()).put("down", down))
        .put("outages", now.outages())
        .put("roundTrip", roundTrip(fresh))
        .put("checksPerCall", calls == 0 ? 0 : Rates.tenths(carried / (double) calls));
  }

  private static Durations durations(Distribution values) {
    return new Durations(values.bounds(), values.counts(), 0);
  }

  private static JsonObject roundTrip(Durations trips) {
    JsonObject shown = new JsonObject().put("count", trips.count());
    return trips.count() == 0
        ? shown
        : shown.put("p50", trips.about(0.5)).put("p99", trips.about(0.99));
  }
}
