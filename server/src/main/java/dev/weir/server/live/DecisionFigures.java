// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.live;

import dev.weir.core.Reason;
import dev.weir.micrometer.DecisionMeters;
import dev.weir.server.metrics.Durations;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What was decided since it was looked at before, and how fast. Not safe for several threads. */
final class DecisionFigures {

  /** Limits that have a row of their own. */
  static final int MAX_LIMITS = 20;

  private static final List<Reason> FAILURES =
      List.of(Reason.FAILURE_OPEN, Reason.FAILURE_CLOSED, Reason.FAILURE_LOCAL);

  /** A limit, and what it decided. */
  private static final class Row {
    private final String policy;
    private final String limit;
    private long allowed;
    private long denied;
    private double allowedRate;
    private double deniedRate;

    Row(String policy, String limit) {
      this.policy = policy;
      this.limit = limit;
    }

    void add(Row other) {
      allowed += other.allowed;
      denied += other.denied;
      allowedRate += other.allowedRate;
      deniedRate += other.deniedRate;
    }

    double rate() {
      return allowedRate + deniedRate;
    }

    long total() {
      return allowed + denied;
    }

    JsonObject into(JsonObject shown) {
      return shown
          .put("allowed", both(allowedRate, allowed))
          .put("denied", both(deniedRate, denied));
    }

    private static JsonObject both(double rate, long total) {
      return new JsonObject().put("rate", Rates.tenths(rate)).put("total", total);
    }
  }

  private final Rates rates;
  private @Nullable Durations before;

  DecisionFigures(Rates rates) {
    this.rates = rates;
  }

  void restart() {
    before = null;
  }

  /** By outcome, reason and limit. */
  JsonObject decisions(List<DecisionMeters.Count> counts) {
    Map<String, Row> byLimit = new TreeMap<>();
    Map<String, Long> byReason = new TreeMap<>();
    for (DecisionMeters.Count count : counts) {
      String name = count.policy() + '\n' + count.limit();
      Row row = byLimit.computeIfAbsent(name, n -> new Row(count.policy(), count.limit()));
      if (count.allowed()) {
        row.allowed += count.count();
      } else {
        row.denied += count.count();
      }
      byReason.merge(
          outcome(count.allowed()) + ' ' + count.reason().word(), count.count(), Long::sum);
    }
    Row all = new Row("", "");
    byLimit.forEach(
        (name, row) -> {
          row.allowedRate = rates.of("allowed\n" + name, row.allowed);
          row.deniedRate = rates.of("denied\n" + name, row.denied);
          all.add(row);
        });
    JsonObject shown = all.into(new JsonObject()).put("reasons", reasons(byReason));
    return limits(shown, new ArrayList<>(byLimit.values()));
  }

  private static String outcome(boolean allowed) {
    return allowed ? "allowed" : "denied";
  }

  private JsonArray reasons(Map<String, Long> byReason) {
    JsonArray reasons = new JsonArray();
    byReason.forEach(
        (name, total) -> {
          String[] words = name.split(" ", 2);
          reasons.add(
              new JsonObject()
                  .put("reason", words[1])
                  .put("outcome", words[0])
                  .mergeIn(rates.beside("reason " + name, total)));
        });
    return reasons;
  }

  private static JsonObject limits(JsonObject shown, List<Row> rows) {
    rows.sort(Comparator.comparingDouble(Row::rate).thenComparingLong(Row::total).reversed());
    int own = Math.min(rows.size(), MAX_LIMITS);
    JsonArray limits = new JsonArray();
    for (Row row : rows.subList(0, own)) {
      limits.add(row.into(new JsonObject().put("policy", row.policy).put("limit", row.limit)));
    }
    Row others = new Row("", "");
    rows.subList(own, rows.size()).forEach(others::add);
    return shown
        .put("limits", limits)
        .put("others", others.into(new JsonObject().put("limits", rows.size() - own)));
  }

  /** Decisions that failure policies made, by policy. */
  JsonArray failures(List<DecisionMeters.Count> counts) {
    JsonArray shown = new JsonArray();
    for (Reason reason : FAILURES) {
      long total =
          counts.stream()
              .filter(count -> count.reason() == reason)
              .mapToLong(DecisionMeters.Count::count)
              .sum();
      String policy = reason.name().substring("FAILURE_".length()).toLowerCase(Locale.ROOT);
      shown.add(
          new JsonObject().put("policy", policy).mergeIn(rates.beside("failure " + policy, total)));
    }
    return shown;
  }

  /**
   * How long decisions took.
   *
   * @param now all of them until now
   * @param longest of those that came since it was looked at before
   */
  JsonObject latency(Durations now, long longest) {
    Durations last = before;
    before = now;
    Durations fresh = last == null ? now.since(now) : now.since(last);
    JsonObject shown = new JsonObject().put("count", fresh.count());
    if (fresh.count() == 0) {
      return shown;
    }
    Durations known = new Durations(fresh.bounds(), fresh.counts(), longest);
    return shown
        .put("p50", known.atMost(0.5))
        .put("p90", known.atMost(0.9))
        .put("p99", known.atMost(0.99))
        .put("p999", known.atMost(0.999))
        .put("max", Math.max(longest, known.atMost(1)));
  }
}
