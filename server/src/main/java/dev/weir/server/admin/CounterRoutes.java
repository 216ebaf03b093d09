// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.LimitState;
import dev.weir.core.RateLimiter;
import dev.weir.records.AuditEntry;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What limits have counted for a descriptor: seen, forgotten, or given more. */
final class CounterRoutes {

  private static final Logger LOG = LoggerFactory.getLogger(CounterRoutes.class);
  private static final String COUNTERS = "/v1/admin/counters/";

  private final Administration administration;

  CounterRoutes(Administration administration) {
    this.administration = administration;
  }

  List<Route> routes() {
    return List.of(
        Route.post(COUNTERS + "peek", Role.VIEWER, this::peek),
        Route.post(COUNTERS + "reset", Role.OPERATOR, this::reset),
        Route.post(COUNTERS + "grant", Role.OPERATOR, this::grant));
  }

  private static Descriptor descriptor(Input input) {
    List<Descriptor.Entry> entries = new ArrayList<>();
    for (Input each : input.objects("entries", Descriptor.MAX_ENTRIES)) {
      entries.add(new Descriptor.Entry(each.text("key"), each.text("value")));
      each.done();
    }
    return Descriptor.of(input.text("domain"), entries).withCost(0);
  }

  private CompletionStage<Reply> peek(Visit visit) {
    Input input = visit.input();
    Descriptor descriptor = descriptor(input);
    input.done();
    return administration
        .limiter()
        .get()
        .peekAsync(List.of(descriptor))
        .thenApply(decision -> Reply.ok(shown(decision)));
  }

  private static JsonObject shown(Decision decision) {
    return new JsonObject()
        .put("allowed", decision.allowed())
        .put("reason", decision.reason().word())
        .put("limits", Shown.limits(decision.states()));
  }

  private CompletionStage<Reply> reset(Visit visit) {
    Input input = visit.input();
    Descriptor descriptor = descriptor(input);
    String reason = input.optionalText("reason").orElse("");
    input.done();
    RateLimiter limiter = administration.limiter().get();
    return change(visit, "counter.reset", descriptor, reason, d -> limiter.resetAsync(List.of(d)));
  }

  private CompletionStage<Reply> grant(Visit visit) {
    Input input = visit.input();
    Descriptor descriptor = descriptor(input);
    long amount = input.integer("amount", 1, Descriptor.MAX_COST);
    String reason = input.optionalText("reason").orElse("");
    input.done();
    RateLimiter limiter = administration.limiter().get();
    return change(
        visit,
        "counter.grant",
        descriptor,
        reason,
        d -> limiter.grantAsync(List.of(d.withCost(amount))));
  }

  private CompletionStage<Reply> change(
      Visit visit,
      String action,
      Descriptor descriptor,
      String reason,
      Function<Descriptor, CompletionStage<Decision>> change) {
    RateLimiter limiter = administration.limiter().get();
    return audited(
            administration,
            visit.author(),
            action,
            descriptor.domain() + " " + descriptor.entries(),
            reason,
            () -> limiter.peekAsync(List.of(descriptor)).thenApply(CounterRoutes::met),
            () -> change.apply(descriptor).thenApply(Decision::states))
        .thenCompose(done -> limiter.peekAsync(List.of(descriptor)))
        .thenApply(decision -> Reply.ok(shown(decision)));
  }

  private static List<LimitState> met(Decision decision) {
    if (decision.states().isEmpty()) {
      throw Input.wrong("entries", "meet no limit", "a descriptor that a policy limits");
    }
    return decision.states();
  }

  /** Asks for what limits say. */
  @FunctionalInterface
  interface Ask {
    CompletionStage<List<LimitState>> ask();
  }

  /**
   * Changes counters with an entry in the audit trail. Counters and trail are in two places: the
   * change is refused where the trail cannot be reached, and where it is lost in the moment
   * between, the log tells what the trail does not.
   */
  static CompletionStage<List<LimitState>> audited(
      Administration administration,
      String author,
      String action,
      String target,
      String reason,
      Ask before,
      Ask change) {
    return before
        .ask()
        .thenCompose(
            known ->
                administration
                    .records()
                    .audit(Long.MAX_VALUE, 1)
                    .thenCompose(reachable -> change.ask())
                    .thenCompose(
                        states ->
                            trail(
                                administration,
                                AuditEntry.shortened(
                                    author,
                                    action,
                                    target,
                                    brief(known, "").encode(),
                                    brief(states, reason).encode()),
                                states)));
  }

  private static CompletionStage<List<LimitState>> trail(
      Administration administration, AuditEntry entry, List<LimitState> states) {
    return administration
        .records()
        .change(List.of(), Optional.of(entry))
        .thenApply(done -> states)
        .whenComplete(
            (done, error) -> {
              if (error != null) {
                LOG.error("done, but not in the audit trail: {}", entry);
              }
            });
  }

  private static JsonObject brief(List<LimitState> states, String reason) {
    JsonArray limits = new JsonArray();
    for (LimitState state : states) {
      limits.add(
          new JsonObject()
              .put("policy", state.policy())
              .put("limit", state.limit().name())
              .put("remaining", state.verdict().remaining()));
    }
    JsonObject brief = new JsonObject().put("limits", limits);
    return reason.isEmpty() ? brief : brief.put("reason", reason);
  }
}
