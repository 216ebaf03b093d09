// SPDX-License-Identifier: Apache-2.0
package dev.weir.micrometer;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Decision;
import dev.weir.core.LimitId;
import dev.weir.core.Reason;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The counters of one limit, each made when it is first needed. Safe for use by any thread. */
final class LimitCounters {

  /** How often a limit decided in one way. */
  static final class Counter {
    private final LimitCounters limit;
    private final boolean allowed;
    private final Reason reason;
    private final LongAdder count = new LongAdder();

    private Counter(LimitCounters limit, Decision decision) {
      this.limit = limit;
      this.allowed = decision.allowed();
      this.reason = decision.reason();
    }

    DecisionMeters.Count read() {
      return new DecisionMeters.Count(limit.policy, limit.limit, allowed, reason, count.sum());
    }

    void bindTo(MeterRegistry registry) {
      FunctionCounter.builder("weir.decisions", count, LongAdder::sum)
          .description(
              "Decisions by the limit that decided; outcome is allowed or denied, reason a word of the"
                  + " semantics; policy and limit are none where no limit applied and other beyond a"
                  + " thousand limits; the policy of limits that requests bring is (request)")
          .tags("policy", limit.policy, "limit", limit.limit)
          .tags("outcome", allowed ? "allowed" : "denied", "reason", reason.word())
          .register(registry);
    }
  }

  /** One of the identities that are counted here. */
  final LimitId id;

  private final String policy;
  private final String limit;
  // Filled once, then only read.
  private final Map<Reason, AtomicReference<@Nullable Counter>> allowed = places();
  private final Map<Reason, AtomicReference<@Nullable Counter>> denied = places();

  LimitCounters(LimitId id, String policy, String limit) {
    this.id = id;
    this.policy = policy;
    this.limit = limit;
  }

  private static Map<Reason, AtomicReference<@Nullable Counter>> places() {
    Map<Reason, AtomicReference<@Nullable Counter>> places = new EnumMap<>(Reason.class);
    for (Reason reason : Reason.values()) {
      places.put(reason, new AtomicReference<>());
    }
    return places;
  }

  private AtomicReference<@Nullable Counter> place(Decision decision) {
    return requireNonNull((decision.allowed() ? allowed : denied).get(decision.reason()), "place");
  }

  /** Counts a decision; false if it is the first of its kind. */
  boolean count(Decision decision) {
    Counter counter = place(decision).getAcquire();
    if (counter != null) {
      counter.count.increment();
    }
    return counter != null;
  }

  /**
   * Makes the counter of a decision.
   *
   * @return null if it is there
   */
  @Nullable Counter add(Decision decision) {
    Counter added = new Counter(this, decision);
    return place(decision).compareAndSet(null, added) ? added : null;
  }

  List<Counter> counters() {
    List<Counter> made = new ArrayList<>();
    Stream.of(allowed, denied)
        .flatMap(places -> places.values().stream())
        .map(AtomicReference::get)
        .forEach(
            counter -> {
              if (counter != null) {
                made.add(counter);
              }
            });
    return made;
  }
}
