// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import dev.weir.records.AuditRecord;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The audit trail, which can be read and nothing else. */
final class AuditRoutes {

  private static final int MAX_PAGE = 500;
  private static final int PAGE = 100;

  private final Administration administration;

  AuditRoutes(Administration administration) {
    this.administration = administration;
  }

  List<Route> routes() {
    return List.of(Route.get("/v1/admin/audit", Role.VIEWER, this::list).query("before", "max"));
  }

  private CompletionStage<Reply> list(Visit visit) {
    long before = visit.parameter("before", 1, Long.MAX_VALUE, Long.MAX_VALUE);
    int max = (int) visit.parameter("max", 1, MAX_PAGE, PAGE);
    return administration
        .records()
        .audit(before, max)
        .thenApply(
            records -> {
              JsonArray entries = new JsonArray();
              records.forEach(record -> entries.add(shown(record)));
              JsonObject body = new JsonObject().put("entries", entries);
              return Reply.ok(
                  records.size() == max && records.getLast().number() > 1
                      ? body.put("next", records.getLast().number())
                      : body);
            });
  }

  private static JsonObject shown(AuditRecord record) {
    return new JsonObject()
        .put("number", record.number())
        .put("at", Shown.moment(record.atMillis()))
        .put("author", record.entry().author())
        .put("action", record.entry().action())
        .put("target", record.entry().target())
        .put("before", record.entry().before())
        .put("after", record.entry().after());
  }
}
