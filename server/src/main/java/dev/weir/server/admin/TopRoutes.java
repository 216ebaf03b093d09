// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import dev.weir.core.Descriptor;
import dev.weir.server.metrics.TopKeys;
import dev.weir.server.wire.BadRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The keys that this instance denied most or met most lately. */
final class TopRoutes {

  private static final int MAX = 1_000;
  private static final int SHOWN = 20;

  private final TopKeys topKeys;

  TopRoutes(Administration administration) {
    this.topKeys = administration.topKeys();
  }

  List<Route> routes() {
    return List.of(
        Route.get("/v1/admin/top-keys", Role.VIEWER, this::list).query("by", "max").blocking());
  }

  private CompletionStage<Reply> list(Visit visit) {
    String by = visit.parameter("by").orElse("denied");
    int max = (int) visit.parameter("max", 1, MAX, SHOWN);
    List<TopKeys.Top> top =
        switch (by) {
          case "denied" -> topKeys.mostDenied(max);
          case "used" -> topKeys.mostUsed(max);
          default -> throw BadRequest.of("by", by, "denied or used");
        };
    return ProcessRoutes.done(Reply.ok(new JsonObject().put("by", by).put("keys", shown(top))));
  }

  /** Keys as they are shown. */
  static JsonArray shown(List<TopKeys.Top> top) {
    JsonArray keys = new JsonArray();
    for (TopKeys.Top each : top) {
      JsonObject key =
          new JsonObject()
              .put("policy", each.policy())
              .put("limit", each.limit())
              .put("key", each.key())
              .put("count", each.count())
              .put("error", each.error());
      each.descriptor().ifPresent(descriptor -> tell(descriptor, key));
      keys.add(key);
    }
    return keys;
  }

  /** As a counter is asked for. */
  private static void tell(Descriptor descriptor, JsonObject key) {
    JsonArray entries = new JsonArray();
    for (Descriptor.Entry entry : descriptor.entries()) {
      entries.add(new JsonObject().put("key", entry.key()).put("value", entry.value()));
    }
    key.put("domain", descriptor.domain()).put("entries", entries);
  }
}
