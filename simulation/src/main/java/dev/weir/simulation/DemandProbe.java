// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import dev.weir.core.Decision;
import dev.weir.core.FixedWindow;
import dev.weir.core.Limit;
import dev.weir.core.LimitId;
import dev.weir.core.LimitState;
import dev.weir.core.MemoryStore;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Counts what keys ask for, window by window. Used by one thread.
 *
 * <p>The engine counts: each policy gets fixed windows that nobody can exhaust in place of its
 * limits, and what is used of them is what was asked for.
 */
final class DemandProbe implements AutoCloseable {

  private static final long PLENTY = 1L << 50;

  private record Probed(String policy, Duration window, DemandCounts counts) {}

  private final LogClock clock;
  private final MemoryStore store;
  private final RateLimiter limiter;
  private final List<Probed> probed = new ArrayList<>();
  private final Map<LimitId, DemandCounts> byLimit = new HashMap<>();
  private long uncounted;

  /**
   * @throws IllegalArgumentException if no policy has limits
   */
  DemandProbe(PolicySet policies, SuggestionWish wish, LogClock clock) {
    this.clock = clock;
    List<Policy> probes = new ArrayList<>();
    for (Policy policy : policies.policies()) {
      if (!policy.unlimited()) {
        List<Limit> limits = new ArrayList<>();
        for (Duration window : wish.windows()) {
          Limit limit = Limit.of(window.toString(), new FixedWindow(PLENTY, window));
          DemandCounts counts = new DemandCounts();
          limits.add(limit);
          probed.add(new Probed(policy.fullName(), window, counts));
          byLimit.put(LimitId.of(policy.fullName(), limit.name()), counts);
        }
        probes.add(Proposal.with(policy, limits));
      }
    }
    if (probes.isEmpty()) {
      throw new IllegalArgumentException("policies: none with limits (expected: at least one)");
    }
    this.store = MemoryStore.create(clock, MemoryStore.defaultMaxKeys());
    this.limiter = RateLimiter.create(store, PolicySet.of(probes));
  }

  void count(Request request) {
    clock.turn(request.micros());
    if (request.descriptors().isEmpty()) {
      return;
    }
    Decision decision = limiter.check(request.descriptors());
    if (decision.reason() == Reason.FAILURE_OPEN) {
      uncounted++;
      return;
    }
    for (LimitState state : decision.states()) {
      long taken = state.verdict().amount();
      long used = PLENTY - state.verdict().remaining();
      if (taken > 0) {
        Optional.ofNullable(byLimit.get(state.key().limit()))
            .ifPresent(counts -> counts.raise(used - taken, used));
      }
    }
  }

  List<Demand> demands(double percentile) {
    return probed.stream()
        .map(
            each ->
                new Demand(
                    each.policy,
                    each.window,
                    each.counts.windows(),
                    each.counts.percentile(50),
                    each.counts.percentile(percentile),
                    each.counts.most(),
                    uncounted))
        .toList();
  }

  @Override
  public void close() {
    store.close();
  }
}
