// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import dev.weir.server.identity.ApiKey;
import dev.weir.server.identity.ChangeRefused;
import dev.weir.server.identity.Identities;
import dev.weir.server.identity.Identities.IssuedKey;
import dev.weir.server.identity.Identities.KeyRequest;
import dev.weir.server.identity.User;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** API keys. A key is in the answer that makes it, and in no other. */
final class KeyRoutes {

  private static final String KEYS = "/v1/admin/users/{user}/keys";
  private static final String KEY = "/v1/admin/keys/{key}";
  private static final long MAX_OVERLAP_SECONDS = Duration.ofDays(90).toSeconds();
  private static final long OVERLAP_SECONDS = Duration.ofDays(1).toSeconds();

  private final Administration administration;
  private final Identities identities;

  KeyRoutes(Administration administration) {
    this.administration = administration;
    this.identities = administration.callers().identities();
  }

  List<Route> routes() {
    return List.of(
        Route.get(KEYS, Role.VIEWER, this::list),
        Route.post(KEYS, Role.OPERATOR, this::create),
        Route.get(KEY, Role.VIEWER, this::one),
        Route.delete(KEY, Role.OPERATOR, this::revoke),
        Route.post(KEY + "/rotate", Role.OPERATOR, this::rotate));
  }

  private JsonObject shown(ApiKey key) {
    return Shown.key(key, administration.nowMillis());
  }

  private CompletionStage<Reply> list(Visit visit) {
    User user = UserRoutes.known(identities, visit.variable("user"));
    JsonArray keys = new JsonArray();
    identities.keysOf(user.id()).forEach(key -> keys.add(shown(key)));
    return ProcessRoutes.done(Reply.ok(new JsonObject().put("keys", keys)));
  }

  private CompletionStage<Reply> create(Visit visit) {
    Input input = visit.input();
    KeyRequest request =
        new KeyRequest(
            visit.variable("user"),
            input.optionalText("key"),
            input.optionalText("name").orElse(""),
            input.texts("scopes", 32),
            input.optionalMoment("expiresAt"));
    input.done();
    return identities.issue(request, visit.author()).thenApply(this::issued);
  }

  private Reply issued(IssuedKey issued) {
    return Reply.created(
        "/v1/admin/keys/" + issued.key().id(), shown(issued.key()).put("key", issued.text()));
  }

  private CompletionStage<Reply> one(Visit visit) {
    ApiKey key =
        identities
            .key(visit.variable("key"))
            .orElseThrow(() -> new ChangeRefused(ChangeRefused.Why.NOT_FOUND, "key: no such id"));
    return ProcessRoutes.done(Reply.ok(shown(key)));
  }

  private CompletionStage<Reply> revoke(Visit visit) {
    return identities
        .revoke(visit.variable("key"), visit.author())
        .thenApply(key -> Reply.ok(shown(key)));
  }

  private CompletionStage<Reply> rotate(Visit visit) {
    Input input = visit.input();
    long overlap =
        input.optionalInteger("overlapSeconds", 0, MAX_OVERLAP_SECONDS).orElse(OVERLAP_SECONDS);
    input.done();
    return identities
        .rotate(visit.variable("key"), Duration.ofSeconds(overlap), visit.author())
        .thenApply(this::issued);
  }
}
