// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import dev.weir.core.Concurrency;
import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.MemoryStore;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * One set of policies over a store of its own, on the clock of the log. Used by one thread.
 *
 * <p>Nothing is decided here: the limiter is the one that serves in production, over the same store
 * in memory.
 */
final class Judge implements AutoCloseable {

  /* No policy has a domain without a name. */
  private static final Descriptor NOTHING = Descriptor.of("", List.of());

  private final String name;
  private final MemoryStore store;
  private final RateLimiter limiter;
  private final boolean holds;
  private final PolicyTally tally;
  private long ids;

  Judge(String name, PolicySet policies, LogClock clock, long mostCounters, int mostKeys) {
    this.name = name;
    this.store = MemoryStore.create(clock, mostCounters);
    this.limiter = RateLimiter.create(store, policies);
    this.holds = holds(policies);
    this.tally = new PolicyTally(policies, mostKeys);
  }

  /** Whether a set has limits of concurrency. */
  static boolean holds(PolicySet policies) {
    return policies.policies().stream()
        .map(Policy::limits)
        .flatMap(List::stream)
        .anyMatch(limit -> limit.algorithm() instanceof Concurrency);
  }

  Decision judge(Request request) {
    Decision decision = decide(request);
    tally.count(decision, request.micros());
    return decision;
  }

  private Decision decide(Request request) {
    if (request.descriptors().isEmpty()) {
      return limiter.check(NOTHING);
    }
    if (holds && request.durationMicros() > 0) {
      // A hold that expires when the request was answered is one that is released then.
      return limiter.hold(
          request.descriptors(),
          Long.toString(ids++),
          Duration.of(request.durationMicros(), ChronoUnit.MICROS));
    }
    return request.descriptors().size() == 1
        ? limiter.check(request.descriptors().getFirst())
        : limiter.check(request.descriptors());
  }

  String name() {
    return name;
  }

  PolicyTally tally() {
    return tally;
  }

  @Override
  public void close() {
    store.close();
  }
}
