// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.redis.RedisOptions;
import dev.weir.server.gateway.AuthSettings;
import dev.weir.server.gateway.Route;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A configuration as it is shown: what is a secret is only said to be there. Everything is named
 * here one by one, so that what comes new is not shown by accident.
 */
final class ConfigurationView {

  private ConfigurationView() {}

  /**
   * @param ports the ports that listeners have, by name
   */
  static JsonObject of(Configuration configuration, Map<String, Integer> ports) {
    JsonArray listeners = new JsonArray();
    for (Listener listener : configuration.listeners()) {
      listeners.add(listener(listener, ports.getOrDefault(listener.name(), listener.port())));
    }
    JsonArray routes = new JsonArray();
    for (Route route : configuration.routes()) {
      routes.add(
          new JsonObject()
              .put("name", route.name())
              .put("path", route.path().toString())
              .put("methods", texts(route.methods())));
    }
    JsonArray files = new JsonArray();
    configuration.policyFiles().forEach(file -> files.add(file.toString()));
    return new JsonObject()
        .put("file", configuration.file().map(Object::toString).orElse(""))
        .put("policyFiles", files)
        .put("listeners", listeners)
        .put("routes", routes)
        .put("auth", auth(configuration.auth()))
        .put("store", store(configuration.store()))
        .put("records", records(configuration))
        .put("identities", identities(configuration.identities()))
        .put("http", http(configuration.limits()))
        .put(
            "server",
            new JsonObject()
                .put("eventLoops", configuration.eventLoops())
                .put("drainMillis", configuration.drain().toMillis()));
  }

  private static JsonObject auth(AuthSettings auth) {
    JsonArray rules = new JsonArray();
    for (Route rule : auth.rules()) {
      rules.add(
          new JsonObject()
              .put("name", rule.name())
              .put("path", rule.path().toString())
              .put("methods", texts(rule.methods())));
    }
    return new JsonObject().put("deniedStatus", auth.denied()).put("rules", rules);
  }

  private static JsonObject listener(Listener listener, int port) {
    TreeSet<String> serves = new TreeSet<>();
    for (Surface surface : listener.serves()) {
      serves.add(surface.word());
    }
    return new JsonObject()
        .put("name", listener.name())
        .put("host", listener.host())
        .put("port", port)
        .put("serves", texts(serves))
        .put("tokens", listener.tokens().open() ? "none" : "configured");
  }

  private static JsonArray texts(Iterable<String> texts) {
    JsonArray array = new JsonArray();
    texts.forEach(array::add);
    return array;
  }

  private static JsonObject store(StoreSettings store) {
    JsonObject shown =
        store.redis().isPresent()
            ? redis(store.redis().get())
            : new JsonObject().put("kind", "memory").put("maxKeys", store.maxKeys());
    store.nodes().ifPresent(nodes -> shown.put("nodes", nodes));
    return shown;
  }

  private static JsonObject redis(RedisOptions redis) {
    return new JsonObject()
        .put("kind", "redis")
        .put("url", RedisUrl.shown(redis.url()))
        .put("prefix", redis.prefix())
        .put("timeoutMillis", redis.timeout().toMillis());
  }

  private static JsonObject records(Configuration configuration) {
    RecordSettings records = configuration.identities().records();
    Optional<RedisOptions> redis = records.redis().or(() -> configuration.store().redis());
    return records
        .dataDir()
        .map(folder -> new JsonObject().put("kind", "file").put("dataDir", folder.toString()))
        .or(() -> redis.map(ConfigurationView::redis))
        .orElseGet(() -> new JsonObject().put("kind", "memory"));
  }

  private static JsonObject identities(IdentitySettings identities) {
    return new JsonObject()
        .put("keyPrefix", identities.keys().format().prefix())
        .put("secret", identities.keys().secret().isPresent() ? "configured" : "made here")
        .put(
            "invalidKeys",
            new JsonObject()
                .put("limit", identities.invalidKeys().limit())
                .put("windowSeconds", identities.invalidKeys().window().toSeconds())
                .put("banSeconds", identities.invalidKeys().ban().toSeconds()));
  }

  private static JsonObject http(HttpLimits limits) {
    return new JsonObject()
        .put("maxRequestLine", limits.maxRequestLineBytes())
        .put("maxHeader", limits.maxHeaderBytes())
        .put("maxBody", limits.maxBodyBytes())
        .put("headerDeadlineMillis", limits.headDeadline().toMillis())
        .put("bodyDeadlineMillis", limits.bodyDeadline().toMillis())
        .put("idleTimeoutMillis", limits.idleTimeout().toMillis())
        .put("maxConnections", limits.maxConnections())
        .put("maxConnectionsPerAddress", limits.maxConnectionsPerAddress());
  }
}
