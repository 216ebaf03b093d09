// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import dev.weir.core.LimitState;
import dev.weir.core.Policy;
import dev.weir.policy.PolicyCatalog;
import dev.weir.policy.Tier;
import dev.weir.server.control.SystemState;
import dev.weir.server.identity.ApiKey;
import dev.weir.server.identity.ChangeRefused;
import dev.weir.server.identity.Identities;
import dev.weir.server.identity.Identities.IssuedKey;
import dev.weir.server.identity.Identities.KeyRequest;
import dev.weir.server.identity.User;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The administration as clients of profile E know it: its paths and bodies over the same users,
 * keys, limits and load states. No answer has a key but the one that makes it.
 */
final class ProfileE {

  /** Users whose limits are told at once. */
  private static final int MAX_STATUS = 1_000;

  /** Users that are listed at once. */
  private static final int MAX_USERS = 10_000;

  /** Peeks that wait for the store at once. */
  private static final int BATCH = 50;

  private static final long LONGEST_SECONDS = Duration.ofDays(365).toSeconds();

  private final Administration administration;
  private final Identities identities;
  private final UserLimits limits;

  /** Since when a state lasts that nobody has set. */
  private final long startedMillis;

  ProfileE(Administration administration) {
    this.administration = administration;
    this.identities = administration.callers().identities();
    this.limits = new UserLimits(administration.settings().domain(), administration.limiter());
    this.startedMillis = administration.nowMillis();
  }

  List<Route> routes() {
    return List.of(
        Route.get("/admin/health", Role.VIEWER, visit -> ok(health())),
        Route.post("/admin/health", Role.OPERATOR, this::enter),
        Route.get("/admin/users", Role.VIEWER, visit -> ok(users())).blocking(),
        Route.post("/admin/users", Role.ADMIN, this::createUser),
        Route.get("/admin/users/{user}", Role.VIEWER, this::user),
        Route.post("/admin/api-keys", Role.OPERATOR, this::createKey),
        Route.get("/admin/api-keys/{key}/info", Role.VIEWER, this::key),
        Route.get("/admin/rate-limits/status", Role.VIEWER, this::status)
            .query("user_id")
            .blocking(),
        Route.post("/admin/rate-limits/reset/{user}", Role.OPERATOR, this::reset),
        Route.get("/admin/config", Role.VIEWER, visit -> ok(configuration())),
        Route.post("/admin/config/reload", Role.ADMIN, this::reload).blocking());
  }

  private CompletionStage<Reply> ok(JsonObject body) {
    return ProcessRoutes.done(Reply.ok(stamped(body)));
  }

  private JsonObject stamped(JsonObject body) {
    return body.put("timestamp", now());
  }

  private String now() {
    return Shown.moment(administration.nowMillis());
  }

  private JsonObject health() {
    JsonObject own = new ProcessRoutes(administration).health();
    JsonObject components = new JsonObject();
    for (Object each : own.getJsonArray("components")) {
      JsonObject component = (JsonObject) each;
      String name = component.getString("name");
      boolean redis =
          name.equals("store")
              && component.getJsonObject("details").getString("kind", "").equals("redis");
      JsonObject shown =
          new JsonObject()
              .put("status", component.getString("status").equals("ok") ? "healthy" : "unhealthy")
              .put("details", component.getJsonObject("details"));
      Optional.ofNullable(component.getString("error"))
          .ifPresent(error -> shown.put("error", error));
      components.put(redis ? "redis" : name, shown);
    }
    boolean healthy = own.getString("status").equals("ok");
    return new JsonObject()
        .put("system_health", state(administration.states().current()))
        .put(
            "health_check",
            new JsonObject()
                .put("overall_status", healthy ? "healthy" : "degraded")
                .put("timestamp", now())
                .put("components", components));
  }

  private JsonObject state(SystemState state) {
    JsonObject shown =
        new JsonObject()
            .put("status", state.name().toUpperCase(Locale.ROOT))
            .put("updated_by", updatedBy(state.author()))
            .put("reason", state.reason())
            .put(
                "timestamp",
                Shown.moment(state.sinceMillis() > 0 ? state.sinceMillis() : startedMillis));
    OptionalLong left = state.secondsLeft(administration.nowMillis());
    return left.isPresent()
        ? shown.put("ttl_seconds", left.getAsLong())
        : shown.putNull("ttl_seconds");
  }

  /*
   * Who says that a state is set by somebody else is still who has set it: the trail has both, and
   * a token's name has no space, so that nobody can make up the first.
   */
  private static String author(Visit visit, String updatedBy) {
    String plain = updatedBy.replaceAll("\\p{Cntrl}", "?");
    String shortened = plain.length() > 90 ? plain.substring(0, 90) : plain;
    return shortened.isEmpty() ? visit.author() : visit.author() + " for " + shortened;
  }

  private static String updatedBy(String author) {
    int mark = author.indexOf(" for ");
    return mark < 0 ? author : author.substring(mark + 5);
  }

  private CompletionStage<Reply> enter(Visit visit) {
    Input input = visit.input();
    String name = input.text("status").toLowerCase(Locale.ROOT);
    String author = author(visit, input.optionalText("updated_by").orElse(""));
    return administration
        .states()
        .set(
            name,
            input.optionalSeconds("ttl_seconds", 1, LONGEST_SECONDS),
            author,
            input.optionalText("reason").orElse(""))
        .thenApply(
            state ->
                Reply.ok(
                    stamped(
                        new JsonObject()
                            .put(
                                "message",
                                "System state is " + state.name().toUpperCase(Locale.ROOT))
                            .put("health_status", state(state)))));
  }

  private JsonObject users() {
    JsonObject users = new JsonObject();
    for (User user : identities.users().values()) {
      if (users.size() == MAX_USERS) {
        break;
      }
      users.put(user.id(), shown(user));
    }
    return new JsonObject().put("users", users).put("total_users", identities.userCount());
  }

  /** A user, with the ids of the keys in place of the keys, which nobody knows any more. */
  private JsonObject shown(User user) {
    JsonArray ids = new JsonArray();
    identities.keysOf(user.id()).forEach(key -> ids.add(key.id()));
    return new JsonObject()
        .put("user_id", user.id())
        .put("tier", user.tier())
        .put("api_keys", ids)
        .put("api_key_count", ids.size());
  }

  private CompletionStage<Reply> createUser(Visit visit) {
    Input input = visit.input();
    User user = new User(input.text("user_id"), input.text("tier"), Optional.empty(), 0, false);
    return identities
        .create(user, visit.author())
        .thenApply(
            made ->
                Reply.ok(
                    stamped(
                        shown(made)
                            .put("message", "User " + made.id() + " created")
                            .put("created_at", Shown.moment(made.createdAtMillis())))));
  }

  private CompletionStage<Reply> user(Visit visit) {
    User user = UserRoutes.known(identities, visit.variable("user"));
    return limits
        .peek(user)
        .thenApply(
            states ->
                Reply.ok(stamped(shown(user).put("rate_limit_status", status(user, states)))));
  }

  /** How a user's limit is: of several, the one with the least left. */
  private JsonObject status(User user, List<LimitState> states) {
    JsonObject status = new JsonObject().put("user_id", user.id()).put("tier", user.tier());
    LimitState least = null;
    for (LimitState state : states) {
      if (least == null || state.verdict().remaining() < least.verdict().remaining()) {
        least = state;
      }
    }
    if (least == null) {
      return status.put("current_count", 0).putNull("effective_limit").putNull("remaining");
    }
    long limit = least.limit().algorithm().limit();
    long remaining = least.verdict().remaining();
    status
        .put("current_count", Math.max(0, limit - remaining))
        .put("effective_limit", limit)
        .put("remaining", remaining);
    StateRoutes.window(least.limit().algorithm())
        .ifPresent(window -> status.put("window_seconds", window.toSeconds()));
    long resetMicros = least.verdict().micros() + least.verdict().resetAfterMicros();
    return status
        .put("reset", Math.ceilDiv(resetMicros, 1_000_000L))
        .put("system_state", administration.states().current().name().toUpperCase(Locale.ROOT))
        .put("tier_config", tier(user.tier()).orElseGet(JsonObject::new));
  }

  private Optional<JsonObject> tier(String name) {
    return Optional.ofNullable(administration.catalog().get().tiers().get(name))
        .map(ProfileE::tier);
  }

  private static JsonObject tier(Tier tier) {
    JsonObject shown = new JsonObject();
    Tier.Limit limit = tier.limits().getFirst();
    limit
        .rates()
        .forEach(
            (state, rate) ->
                shown.put(
                    (state.equals(PolicyCatalog.NORMAL) ? "burst" : state) + "_limit",
                    rate.limit()));
    StateRoutes.window(limit.in(PolicyCatalog.NORMAL))
        .ifPresent(window -> shown.put("window_minutes", window.toMinutes()));
    return shown;
  }

  private CompletionStage<Reply> createKey(Visit visit) {
    Input input = visit.input();
    KeyRequest request =
        new KeyRequest(
            input.text("user_id"),
            input.optionalText("api_key"),
            "",
            Set.of(),
            OptionalLong.empty());
    return identities.issue(request, visit.author()).thenApply(this::issued);
  }

  private Reply issued(IssuedKey issued) {
    return Reply.ok(
        stamped(
            new JsonObject()
                .put("api_key", issued.text())
                .put("key_id", issued.key().id())
                .put("user_id", issued.key().user())
                .put("tier", tierOf(issued.key()))
                .put("created_at", Shown.moment(issued.key().createdAtMillis()))));
  }

  private String tierOf(ApiKey key) {
    return identities.user(key.user()).map(User::tier).orElse("");
  }

  /** By the key itself, as clients of the profile do, or by its id, which is no secret. */
  private CompletionStage<Reply> key(Visit visit) {
    String text = visit.variable("key");
    ApiKey key =
        identities
            .key(text)
            .or(() -> identities.find(text))
            .orElseThrow(
                () -> new ChangeRefused(ChangeRefused.Why.NOT_FOUND, "api_key: does not exist"));
    JsonObject shown =
        new JsonObject()
            .put("key_id", key.id())
            .put("user_id", key.user())
            .put("tier", tierOf(key))
            .put("is_active", key.inForce(administration.nowMillis()));
    if (!key.configured()) {
      shown.put("created_at", Shown.moment(key.createdAtMillis()));
    }
    return ok(shown);
  }

  private CompletionStage<Reply> status(Visit visit) {
    Optional<String> id = visit.parameter("user_id");
    List<User> users = new ArrayList<>();
    if (id.isPresent()) {
      users.add(UserRoutes.known(identities, id.get()));
    } else {
      identities.users().values().stream().limit(MAX_STATUS).forEach(users::add);
    }
    CompletionStage<JsonObject> told = CompletableFuture.completedFuture(new JsonObject());
    for (int from = 0; from < users.size(); from += BATCH) {
      List<User> some = users.subList(from, Math.min(users.size(), from + BATCH));
      told = told.thenCompose(before -> told(some, before));
    }
    return told.thenApply(
        all ->
            Reply.ok(
                stamped(
                    new JsonObject()
                        .put("rate_limits", all)
                        .put("total_users", identities.userCount()))));
  }

  private CompletionStage<JsonObject> told(List<User> users, JsonObject into) {
    CompletionStage<JsonObject> all = CompletableFuture.completedFuture(into);
    for (User user : users) {
      all =
          all.thenCombine(
              limits.peek(user), (before, states) -> before.put(user.id(), status(user, states)));
    }
    return all;
  }

  private CompletionStage<Reply> reset(Visit visit) {
    User user = UserRoutes.known(identities, visit.variable("user"));
    return CounterRoutes.audited(
            administration,
            visit.author(),
            "counter.reset",
            "user " + user.id(),
            "",
            () -> limits.peek(user),
            () -> limits.reset(user))
        .thenCompose(done -> limits.peek(user))
        .thenApply(
            states ->
                Reply.ok(
                    stamped(
                        new JsonObject()
                            .put("message", "Rate limits of " + user.id() + " are reset")
                            .put("user_id", user.id())
                            .put("rate_limit_status", status(user, states)))));
  }

  private JsonObject configuration() {
    PolicyCatalog catalog = administration.catalog().get();
    JsonObject tiers = new JsonObject();
    for (Map.Entry<String, Tier> each : catalog.tiers().entrySet()) {
      tiers.put(each.getKey(), tier(each.getValue()));
    }
    JsonArray policies = new JsonArray();
    for (Policy policy : catalog.in(PolicyCatalog.NORMAL).policies()) {
      policies.add(policy.fullName());
    }
    return new JsonObject()
        .put(
            "config",
            administration
                .running()
                .configuration()
                .put("tiers", tiers)
                .put("policies", policies)
                .put("total_users", identities.userCount())
                .put("total_api_keys", identities.keyCount()));
  }

  private CompletionStage<Reply> reload(Visit visit) {
    administration.running().reload();
    return ProcessRoutes.reloaded(administration, visit.author())
        .thenApply(
            done ->
                Reply.ok(stamped(new JsonObject().put("message", "Configuration is reloaded"))));
  }
}
