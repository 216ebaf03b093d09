// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.core.LimiterStatistics;
import dev.weir.redis.RedisHealth;
import dev.weir.server.admin.Running;
import dev.weir.server.live.LiveService;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** A server as its administration sees it. */
final class RunningServer implements Running {

  private final WeirServer server;
  private final Configuration configuration;
  private final LiveService live;

  RunningServer(WeirServer server, Configuration configuration, LiveService live) {
    this.server = server;
    this.configuration = configuration;
    this.live = live;
  }

  @Override
  public List<Component> components() {
    List<Component> components = new ArrayList<>();
    components.add(store());
    server
        .ports()
        .forEach(
            (name, port) -> {
              components.add(
                  new Component(
                      "listener " + name,
                      server.draining() ? "draining" : "",
                      new JsonObject().put("port", port)));
              certificates(name).ifPresent(components::add);
            });
    components.add(policies());
    components.add(
        new Component(
            "state", "", new JsonObject().put("name", server.loadStates().current().name())));
    components.add(leases());
    return components;
  }

  private Component store() {
    Optional<RedisHealth> redis = server.redisHealth();
    JsonObject details = new JsonObject().put("kind", redis.isPresent() ? "redis" : "memory");
    redis.ifPresent(
        health -> {
          details.put("connected", health.connected());
          health
              .topology()
              .ifPresent(kind -> details.put("topology", kind.name().toLowerCase(Locale.ROOT)));
          health.version().ifPresent(version -> details.put("version", version));
          details.put("warnings", new JsonArray(health.warnings()));
        });
    return new Component("store", redis.flatMap(RedisHealth::error).orElse(""), details);
  }

  private Optional<Component> certificates(String listener) {
    return server
        .tls(listener)
        .map(
            tls ->
                new Component(
                    "certificates " + listener,
                    tls.trouble().stream().findFirst().orElse(""),
                    new JsonObject()
                        .put("notAfter", tls.notAfter().toString())
                        .put("trouble", new JsonArray(tls.trouble()))));
  }

  private Component policies() {
    long wanted = server.policyVersions().current();
    long applied = server.policyVersions().applied();
    return new Component(
        "policies",
        wanted == applied
            ? ""
            : "version " + wanted + " cannot be used here, " + applied + " is in force",
        new JsonObject()
            .put("version", applied)
            .put("policies", server.limiter().policies().policies().size()));
  }

  private Component leases() {
    LimiterStatistics known = server.limiter().statistics();
    return new Component(
        "leases",
        "",
        new JsonObject()
            .put("keys", known.leasedKeys())
            .put("permits", known.leasedPermits())
            .put("bought", known.permitsBought())
            .put("returned", known.permitsReturned()));
  }

  @Override
  public CompletionStage<JsonObject> instances() {
    return live.instances();
  }

  @Override
  public JsonObject configuration() {
    return ConfigurationView.of(configuration, server.ports());
  }

  @Override
  public void reload() {
    server.reload();
  }
}
