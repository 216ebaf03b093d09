// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.core.Decision;
import dev.weir.core.DecisionListener;
import dev.weir.core.Descriptor;
import dev.weir.core.LimitId;
import dev.weir.core.LimitState;
import dev.weir.core.Reason;
import dev.weir.core.StoreException;
import dev.weir.server.wire.ByteWriter;
import dev.weir.server.wire.Timings;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts decisions by limit and reason, and the time they took, and tells them in the text format
 * of Prometheus. Safe for use by any thread.
 */
final class Meters implements DecisionListener, Timings {

  static final String MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  /** Limits counted by name; those that callers bring must not fill the memory. */
  private static final int MAX_LIMITS = 10_000;

  private static final LimitId NO_LIMIT = LimitId.of("none", "none");
  private static final LimitId OTHER = LimitId.of("other", "other");
  private static final long[] BOUNDS = {
    10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000,
    1_000_000
  };

  /** The counters of one limit. */
  private static final class Counters {
    private final String policy;
    private final String limit;
    private final Map<Reason, LongAdder> allowed = new EnumMap<>(Reason.class);
    private final Map<Reason, LongAdder> denied = new EnumMap<>(Reason.class);

    Counters(String policy, String limit) {
      this.policy = policy;
      this.limit = limit;
      for (Reason reason : Reason.values()) {
        allowed.put(reason, new LongAdder());
        denied.put(reason, new LongAdder());
      }
    }
  }

  private final Map<LimitId, Counters> counters = new ConcurrentHashMap<>();
  private final Map<StoreException.Category, LongAdder> failures =
      new EnumMap<>(StoreException.Category.class);
  private final LongAdder[] buckets = new LongAdder[BOUNDS.length + 1];
  private final LongAdder totalMicros = new LongAdder();

  Meters() {
    for (StoreException.Category category : StoreException.Category.values()) {
      failures.put(category, new LongAdder());
    }
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] = new LongAdder();
    }
  }

  @Override
  public void onDecision(List<Descriptor> descriptors, Decision decision) {
    LimitState deciding = decision.deciding().orElse(null);
    Counters counted =
        deciding == null ? of(NO_LIMIT, "", "") : of(deciding.key().limit(), deciding);
    LongAdder adder =
        (decision.allowed() ? counted.allowed : counted.denied).get(decision.reason());
    if (adder != null) {
      adder.increment();
    }
  }

  private Counters of(LimitId id, LimitState state) {
    return of(id, state.policy(), state.limit().name());
  }

  private Counters of(LimitId id, String policy, String limit) {
    Counters known = counters.get(id);
    if (known != null) {
      return known;
    }
    return counters.size() < MAX_LIMITS
        ? counters.computeIfAbsent(id, fresh -> new Counters(policy, limit))
        : counters.computeIfAbsent(OTHER, other -> new Counters("other", "other"));
  }

  @Override
  public void took(long micros, int decisions) {
    long each = Math.max(0, micros) / decisions;
    int bucket = 0;
    while (bucket < BOUNDS.length && each > BOUNDS[bucket]) {
      bucket++;
    }
    buckets[bucket].add(decisions);
    totalMicros.add(Math.max(0, micros));
  }

  /** The store has not judged a check. */
  void failed(StoreException.Category category) {
    LongAdder adder = failures.get(category);
    if (adder != null) {
      adder.increment();
    }
  }

  /**
   * Everything counted so far.
   *
   * @param storeUp whether the store can be asked; empty for the memory of the process
   */
  byte[] text(Optional<Boolean> storeUp) {
    ByteWriter out = new ByteWriter();
    out.text("# HELP weir_decisions_total Decisions by their deciding limit.\n");
    out.text("# TYPE weir_decisions_total counter\n");
    for (Counters each : counters.values()) {
      lines(out, each, each.allowed, "allowed");
      lines(out, each, each.denied, "denied");
    }
    histogram(out);
    storeUp.ifPresent(up -> store(out, up));
    return out.toBytes();
  }

  private void store(ByteWriter out, boolean up) {
    out.text("# HELP weir_store_up Whether checks are being asked of Redis.\n");
    out.text("# TYPE weir_store_up gauge\n");
    out.text("weir_store_up ").number(up ? 1 : 0).character('\n');
    out.text("# HELP weir_store_failures_total Checks that Redis did not judge.\n");
    out.text("# TYPE weir_store_failures_total counter\n");
    failures.forEach(
        (category, adder) -> {
          out.text("weir_store_failures_total{category=\"");
          out.text(category.name().toLowerCase(Locale.ROOT)).text("\"} ");
          out.number(adder.sum()).character('\n');
        });
  }

  private static void lines(
      ByteWriter out, Counters counted, Map<Reason, LongAdder> byReason, String outcome) {
    byReason.forEach(
        (reason, adder) -> {
          long count = adder.sum();
          if (count > 0) {
            out.text("weir_decisions_total{policy=\"").text(label(counted.policy));
            out.text("\",limit=\"").text(label(counted.limit));
            out.text("\",outcome=\"").text(outcome).text("\",reason=\"").text(reason.word());
            out.text("\"} ").number(count).character('\n');
          }
        });
  }

  private void histogram(ByteWriter out) {
    out.text("# HELP weir_decision_seconds Time from a request to its decision.\n");
    out.text("# TYPE weir_decision_seconds histogram\n");
    long count = 0;
    for (int i = 0; i < BOUNDS.length; i++) {
      count += buckets[i].sum();
      out.text("weir_decision_seconds_bucket{le=\"").text(seconds(BOUNDS[i]));
      out.text("\"} ").number(count).character('\n');
    }
    count += buckets[BOUNDS.length].sum();
    out.text("weir_decision_seconds_bucket{le=\"+Inf\"} ").number(count).character('\n');
    out.text("weir_decision_seconds_sum ").text(seconds(totalMicros.sum())).character('\n');
    out.text("weir_decision_seconds_count ").number(count).character('\n');
  }

  private static String seconds(long micros) {
    return String.format(Locale.ROOT, "%d.%06d", micros / 1_000_000, micros % 1_000_000);
  }

  private static String label(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }
}
