// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import dev.weir.policy.InvalidFileException;
import dev.weir.records.AuditEntry;
import dev.weir.records.RecordHealth;
import dev.weir.server.wire.BadRequest;
import dev.weir.server.wire.Problem;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
        Route.get("/v1/admin/health", Role.VIEWER, visit -> done(Reply.ok(health()))),
        Route.get("/v1/admin/configuration", Role.VIEWER, visit -> done(configuration())),
        Route.post("/v1/admin/configuration/reload", Role.ADMIN, this::reload).blocking());
  }

  static CompletionStage<Reply> done(Reply reply) {
    return CompletableFuture.completedFuture(reply);
  }

  private static Reply me(Visit visit) {
    return Reply.ok(
        new JsonObject().put("name", visit.who().name()).put("role", visit.who().role().word()));
  }

  /** How every component is; also what another dialect tells. */
  JsonObject health() {
    List<Running.Component> components = new ArrayList<>(administration.process().components());
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
    return Reply.ok(administration.process().configuration());
  }

  private CompletionStage<Reply> reload(Visit visit) {
    visit.input().done();
    reload(administration, visit.author());
    return reloaded(administration, visit.author())
        .thenApply(done -> Reply.ok(new JsonObject().put("policies", policies())));
  }

  private int policies() {
    return administration.limiter().get().policies().policies().size();
  }

  /** Reads the files again; blocks. */
  static void reload(Administration administration, String author) {
    try {
      administration.process().reload();
    } catch (InvalidFileException e) {
      throw new BadRequest(
          Problem.of(422, "files: refused, what was in force stays")
              .with("problems", e.problems().stream().map(Object::toString).toList()));
    }
  }

  /** Tells the audit trail. */
  static CompletionStage<Void> reloaded(Administration administration, String author) {
    AuditEntry entry = new AuditEntry(author, "configuration.reload", "configuration", "", "");
    return administration.records().change(List.of(), Optional.of(entry)).thenApply(done -> null);
  }
}
