// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import dev.weir.server.identity.ChangeRefused;
import dev.weir.server.identity.Identities;
import dev.weir.server.identity.User;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Users. */
final class UserRoutes {

  private static final String USERS = "/v1/admin/users";
  private static final String USER = "/v1/admin/users/{user}";
  private static final int MAX_PAGE = 500;
  private static final int PAGE = 100;

  private final Identities identities;
  private final UserLimits limits;

  UserRoutes(Administration administration) {
    this.identities = administration.callers().identities();
    this.limits = new UserLimits(administration.settings().domain(), administration.limiter());
  }

  List<Route> routes() {
    return List.of(
        // Many users are many to put in order.
        Route.get(USERS, Role.VIEWER, this::list).query("after", "max", "tier").blocking(),
        Route.post(USERS, Role.ADMIN, this::create),
        Route.get(USER, Role.VIEWER, this::one),
        Route.patch(USER, Role.ADMIN, this::update),
        Route.delete(USER, Role.ADMIN, this::delete));
  }

  private CompletionStage<Reply> list(Visit visit) {
    String after = visit.parameter("after").orElse("");
    Optional<String> tier = visit.parameter("tier");
    long max = visit.parameter("max", 1, MAX_PAGE, PAGE);
    JsonArray users = new JsonArray();
    String last = "";
    boolean more = false;
    for (Map.Entry<String, User> each : identities.users().entrySet()) {
      if (each.getKey().compareTo(after) <= 0
          || tier.isPresent() && !tier.get().equals(each.getValue().tier())) {
        continue;
      }
      if (users.size() == max) {
        more = true;
        break;
      }
      users.add(Shown.user(each.getValue()));
      last = each.getKey();
    }
    JsonObject body = new JsonObject().put("users", users).put("total", identities.userCount());
    return ProcessRoutes.done(Reply.ok(more ? body.put("next", last) : body));
  }

  private CompletionStage<Reply> create(Visit visit) {
    Input input = visit.input();
    User user =
        new User(input.text("id"), input.text("tier"), input.optionalText("tenant"), 0, false);
    input.done();
    return identities
        .create(user, visit.author())
        .thenApply(made -> Reply.created(location(made), Shown.user(made)));
  }

  private static String location(User user) {
    return USERS + "/" + user.id();
  }

  private CompletionStage<Reply> one(Visit visit) {
    User user = known(identities, visit.variable("user"));
    return limits
        .peek(user)
        .thenApply(
            states ->
                Reply.ok(
                    Shown.user(user)
                        .put("keys", identities.keysOf(user.id()).size())
                        .put("limits", Shown.limits(states))));
  }

  private CompletionStage<Reply> update(Visit visit) {
    Input input = visit.input();
    Optional<String> tier = input.optionalText("tier");
    Optional<String> tenant = input.optionalText("tenant");
    input.done();
    if (tier.isEmpty() && tenant.isEmpty()) {
      throw Input.wrong("body", "nothing to change", "tier or tenant");
    }
    return identities
        .update(visit.variable("user"), tier, tenant, visit.author())
        .thenApply(user -> Reply.ok(Shown.user(user)));
  }

  private CompletionStage<Reply> delete(Visit visit) {
    return identities
        .delete(visit.variable("user"), visit.author())
        .thenApply(user -> Reply.nothing());
  }

  /** The user of an id. */
  static User known(Identities identities, String id) {
    return identities
        .user(id)
        .orElseThrow(() -> new ChangeRefused(ChangeRefused.Why.NOT_FOUND, "user: does not exist"));
  }
}
