// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import dev.weir.records.AuditEntry;
import dev.weir.records.RecordHealth;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The process itself: who asks, how it is, what it is configured with. */
final class ProcessRoutes {

  private final Administration administration;

  ProcessRoutes(Administration administration) {
    this.administration = administration;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/v1/admin/me", Role.VIEWER, visit -> done(me(visit))),
        Route.get("/v1/admin/openapi.json", Role.VIEWER, visit -> done(OpenApi.REPLY)),
        Route.get("/v1/admin/health", Role.VIEWER, visit -> done(Reply.ok(health()))),
        Route.get("/v1/admin/configuration", Role.VIEWER, visit -> done(configuration())),
        Route.post("/v1/admin/configuration/reload", Role.ADMIN, this::reload).blocking());
  }

  static CompletionStage<Reply> done(Reply reply) {
    return CompletableFuture.completedFuture(reply);
  }

  /** Read when somebody asks: most processes are never asked. */
  private static final class OpenApi {
    private static final Reply REPLY = new Reply(200, Buffer.buffer(read()), Map.of());

    private static byte[] read() {
      try (InputStream in = ProcessRoutes.class.getResourceAsStream("openapi.json")) {
        if (in == null) {
          throw new IllegalStateException("openapi.json is not beside its class");
        }
        return in.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static Reply me(Visit visit) {
    return Reply.ok(
        new JsonObject().put("name", visit.who().name()).put("role", visit.who().role().word()));
  }

  /** How every component is; also what another dialect tells. */
  JsonObject health() {
    List<Running.Component> components = new ArrayList<>(administration.running().components());
    components.add(records());
    boolean degraded = components.stream().anyMatch(each -> !each.error().isEmpty());
    JsonArray shown = new JsonArray();
    for (Running.Component component : components) {
      JsonObject each =
          new JsonObject()
              .put("name", component.name())
              .put("status", component.error().isEmpty() ? "ok" : "degraded");
      if (!component.error().isEmpty()) {
        each.put("error", component.error());
      }
      shown.add(each.put("details", component.details()));
    }
    return new JsonObject()
        .put("status", degraded ? "degraded" : "ok")
        .put("at", Shown.moment(administration.nowMillis()))
        .put("components", shown);
  }

  private Running.Component records() {
    RecordHealth health = administration.records().health();
    return new Running.Component(
        "records",
        health.error().orElse(""),
        new JsonObject()
            .put("kind", health.kind().name().toLowerCase(Locale.ROOT))
            .put("durable", health.durable())
            .put("warnings", new JsonArray(health.warnings()))
            .put("users", administration.callers().identities().userCount())
            .put("keys", administration.callers().identities().keyCount())
            .put("bans", administration.callers().bans().count()));
  }

  private Reply configuration() {
    return Reply.ok(
        administration
            .running()
            .configuration()
            .put("administrators", administration.administrators().shown()));
  }

  private CompletionStage<Reply> reload(Visit visit) {
    visit.input().done();
    administration.running().reload();
    return reloaded(administration, visit.author())
        .thenApply(done -> Reply.ok(new JsonObject().put("policies", policies())));
  }

  private int policies() {
    return administration.limiter().get().policies().policies().size();
  }

  /** Tells the audit trail. */
  static CompletionStage<Void> reloaded(Administration administration, String author) {
    AuditEntry entry = new AuditEntry(author, "configuration.reload", "configuration", "", "");
    return administration.records().change(List.of(), Optional.of(entry)).thenApply(done -> null);
  }
}
