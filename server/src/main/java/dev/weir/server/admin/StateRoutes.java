// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import dev.weir.core.Algorithm;
import dev.weir.core.CalendarQuota;
import dev.weir.core.Concurrency;
import dev.weir.core.FixedWindow;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.TokenBucket;
import dev.weir.policy.Tier;
import dev.weir.server.control.LoadStates;
import dev.weir.server.control.SystemState;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The load state of the system, and the tiers that it changes. */
final class StateRoutes {

  private static final String STATE = "/v1/admin/state";
  private static final long LONGEST_SECONDS = Duration.ofDays(365).toSeconds();

  private final Administration administration;
  private final LoadStates states;

  StateRoutes(Administration administration) {
    this.administration = administration;
    this.states = administration.states();
  }

  List<Route> routes() {
    return List.of(
        Route.get(STATE, Role.VIEWER, visit -> ProcessRoutes.done(Reply.ok(shown()))),
        Route.put(STATE, Role.OPERATOR, this::set),
        Route.get("/v1/admin/tiers", Role.VIEWER, visit -> ProcessRoutes.done(Reply.ok(tiers()))));
  }

  private JsonObject shown() {
    SystemState state = states.current();
    JsonObject shown = new JsonObject().put("name", state.name());
    if (state.sinceMillis() > 0) {
      shown.put("since", Shown.moment(state.sinceMillis()));
    }
    state.untilMillis().ifPresent(until -> shown.put("until", Shown.moment(until)));
    return shown
        .put("author", state.author())
        .put("reason", state.reason())
        .put("known", new JsonArray(List.copyOf(states.known())));
  }

  private CompletionStage<Reply> set(Visit visit) {
    Input input = visit.input();
    String name = input.text("name");
    Optional<Duration> ttl = input.optionalSeconds("ttlSeconds", 1, LONGEST_SECONDS);
    String reason = input.optionalText("reason").orElse("");
    input.done();
    return states.set(name, ttl, visit.author(), reason).thenApply(state -> Reply.ok(shown()));
  }

  private JsonObject tiers() {
    JsonArray tiers = new JsonArray();
    for (Tier tier : administration.catalog().get().tiers().values()) {
      JsonArray limits = new JsonArray();
      for (Tier.Limit limit : tier.limits()) {
        JsonObject rates = new JsonObject();
        limit.rates().forEach((state, rate) -> rates.put(state, rate(rate)));
        limits.add(new JsonObject().put("limit", limit.name()).put("rates", rates));
      }
      tiers.add(new JsonObject().put("name", tier.name()).put("limits", limits));
    }
    return new JsonObject().put("tiers", tiers);
  }

  private static JsonObject rate(Algorithm algorithm) {
    JsonObject shown =
        new JsonObject()
            .put("algorithm", Shown.algorithm(algorithm))
            .put("capacity", algorithm.limit());
    window(algorithm).ifPresent(window -> shown.put("windowMillis", window.toMillis()));
    return shown;
  }

  /** How long a limit remembers, where that is a fixed time. */
  static Optional<Duration> window(Algorithm algorithm) {
    return switch (algorithm) {
      case TokenBucket bucket -> Optional.of(bucket.period());
      case FixedWindow window -> Optional.of(window.window());
      case SlidingWindow window -> Optional.of(window.window());
      case SlidingLog log -> Optional.of(log.window());
      case CalendarQuota quota -> Optional.empty();
      case Concurrency permits -> Optional.of(permits.expiry());
    };
  }
}
