// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.live;

import dev.weir.core.LimiterStatistics;
import dev.weir.records.RecordHealth;
import dev.weir.server.admin.LiveStreams;
import dev.weir.server.metrics.Metrics;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a server did since it was asked before and how it is, in numbers, for whoever looks on.
 * Everything is read from counters that are there anyway: decisions pay nothing for it. Not safe
 * for several threads.
 */
final class Figures implements LiveStreams.Source {

  private final Sources sources;
  private final Rates rates = new Rates();
  private final DecisionFigures decisions = new DecisionFigures(rates);
  private final ProcessFigures process = new ProcessFigures(rates);
  private final StoreFigures store;
  private final LongAdder stateChanges = new LongAdder();

  Figures(Sources sources) {
    this.sources = sources;
    this.store = new StoreFigures(sources.store(), sources.maxKeys());
    sources.states().listen((before, after) -> stateChanges.increment());
  }

  @Override
  public void restart() {
    rates.restart();
    decisions.restart();
    store.restart();
    var unused = sources.metrics().takeLongest();
  }

  @Override
  public JsonObject next() {
    long now = sources.time().micros();
    rates.next(now);
    Metrics.Totals totals = sources.metrics().totals();
    LimiterStatistics known = sources.limiter().get().statistics();
    return new JsonObject()
        .put("at", Instance.moment(now / 1_000))
        .put("seconds", Math.round(rates.seconds() * 1_000) / 1_000.0)
        .put("instance", sources.instance().shown(sources.draining().getAsBoolean()))
        .put("decisions", decisions.decisions(totals.decisions()))
        .put("latency", decisions.latency(totals.durations(), sources.metrics().takeLongest()))
        .put("failures", failures(totals, known))
        .put("store", store.read())
        .put("leases", leases(known))
        .put("denials", denials(known))
        .put("http", http(totals))
        .put("resp", resp())
        .put("state", state())
        .put("policies", policies())
        .put("callers", callers())
        .put("records", records())
        .put("security", security(totals))
        .put("process", process.read());
  }

  /** The little that instances tell each other. */
  JsonObject brief() {
    long now = sources.time().micros();
    rates.next(now);
    Metrics.Totals totals = sources.metrics().totals();
    JsonObject all = decisions.decisions(totals.decisions());
    JsonObject latency = decisions.latency(totals.durations(), 0);
    latency.remove("count");
    latency.remove("p90");
    latency.remove("p999");
    latency.remove("max");
    return sources
        .instance()
        .shown(sources.draining().getAsBoolean())
        .put("at", Instance.moment(now / 1_000))
        .put("state", sources.states().current().name())
        .put("policiesVersion", sources.versions().applied())
        .put(
            "decisions",
            new JsonObject()
                .put("allowed", all.getJsonObject("allowed").getDouble("rate"))
                .put("denied", all.getJsonObject("denied").getDouble("rate")))
        .put("latency", latency)
        .put("store", store.brief())
        .put("connections", sources.http().connections().getAsLong())
        .mergeIn(process.brief());
  }

  private JsonObject failures(Metrics.Totals totals, LimiterStatistics known) {
    JsonArray lost = new JsonArray();
    known.storeFailures().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            entry -> {
              String word = entry.getKey().name().toLowerCase(Locale.ROOT);
              lost.add(
                  new JsonObject()
                      .put("category", word)
                      .mergeIn(rates.beside("store " + word, entry.getValue())));
            });
    return new JsonObject()
        .put("store", lost)
        .put("decided", decisions.failures(totals.decisions()))
        .put("refunds", rates.beside("refunds", known.takesGivenBack()));
  }

  private JsonObject leases(LimiterStatistics known) {
    return new JsonObject()
        .put("keys", known.leasedKeys())
        .put("permits", known.leasedPermits())
        .put("bought", rates.beside("bought", known.permitsBought()))
        .put("returned", rates.beside("returned", known.permitsReturned()));
  }

  private JsonObject denials(LimiterStatistics known) {
    return new JsonObject()
        .put("remembered", known.denialsRemembered())
        .put("answered", rates.beside("answered", known.denialsAnswered()));
  }

  private JsonObject http(Metrics.Totals totals) {
    JsonArray statuses = new JsonArray();
    List<Long> counts = totals.statuses();
    for (int i = 1; i < counts.size(); i++) {
      double rate = rates.of("status " + i, counts.get(i));
      if (counts.get(i) > 0) {
        statuses.add(
            new JsonObject().put("status", i + "xx").put("rate", rate).put("total", counts.get(i)));
      }
    }
    return new JsonObject()
        .put("connections", sources.http().connections().getAsLong())
        .put("refused", rates.beside("refused", sources.http().total().getAsLong()))
        .put("statuses", statuses);
  }

  private JsonObject resp() {
    return new JsonObject()
        .put("connections", sources.resp().connections().getAsLong())
        .put("commands", rates.beside("commands", sources.resp().total().getAsLong()));
  }

  private JsonObject state() {
    return new JsonObject()
        .put("name", sources.states().current().name())
        .put("changes", stateChanges.sum());
  }

  private JsonObject policies() {
    return new JsonObject()
        .put("version", sources.versions().applied())
        .put("current", sources.versions().current())
        .put("count", sources.limiter().get().policies().policies().size());
  }

  private JsonObject callers() {
    return new JsonObject()
        .put("users", sources.callers().identities().userCount())
        .put("keys", sources.callers().identities().keyCount())
        .put("bans", sources.callers().bans().count());
  }

  private JsonObject records() {
    RecordHealth health = sources.records().health();
    return new JsonObject()
        .put("kind", health.kind().name().toLowerCase(Locale.ROOT))
        .put("up", health.reachable())
        .put("error", health.error().orElse(""));
  }

  private JsonArray security(Metrics.Totals totals) {
    JsonArray events = new JsonArray();
    totals
        .security()
        .forEach(
            (type, total) -> {
              JsonObject counted = rates.beside("security " + type, total);
              if (total > 0) {
                events.add(new JsonObject().put("type", type).mergeIn(counted));
              }
            });
    return events;
  }
}
