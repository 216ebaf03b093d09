// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import dev.weir.core.Decision;
import dev.weir.core.Limit;
import dev.weir.core.LimitId;
import dev.weir.core.LimitState;
import dev.weir.core.Mode;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.Reason;
import dev.weir.policy.RateWords;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What became of the requests under one set of policies. Used by one thread. */
final class PolicyTally {

  /** What one limit did. */
  static final class LimitTally {
    final LimitId id;
    final String rate;
    final Mode mode;
    long judged;
    long over;
    long denied;
    long firstMicros;
    long lastMicros;

    LimitTally(LimitId id, Limit limit, Mode mode) {
      this.id = id;
      this.rate = RateWords.format(limit.algorithm());
      this.mode = mode;
    }
  }

  private final Map<LimitId, LimitTally> limits = new LinkedHashMap<>();
  private final Map<Reason, Long> reasons = new EnumMap<>(Reason.class);
  private final KeyTallies keys;
  private long requests;
  private long denied;
  private long firstMicros;
  private long lastMicros;

  /** Counts for every limit that there is, whether requests meet it or not. */
  PolicyTally(PolicySet policies, int mostKeys) {
    this.keys = new KeyTallies(mostKeys);
    for (Policy policy : policies.policies()) {
      for (Limit limit : policy.limits()) {
        LimitId id = LimitId.of(policy.fullName(), limit.name());
        Mode mode = limit.mode() == Mode.ENFORCED ? policy.mode() : limit.mode();
        limits.put(id, new LimitTally(id, limit, mode));
      }
    }
  }

  void count(Decision decision, long micros) {
    requests++;
    reasons.merge(decision.reason(), 1L, Long::sum);
    List<LimitState> states = decision.states();
    for (int i = 0; i < states.size(); i++) {
      LimitState state = states.get(i);
      LimitTally tally = tally(state);
      tally.judged++;
      if (!state.allowed()) {
        tally.over++;
      }
    }
    if (!decision.allowed()) {
      denied(decision, micros);
    }
  }

  private void denied(Decision decision, long micros) {
    firstMicros = denied == 0 ? micros : firstMicros;
    lastMicros = micros;
    denied++;
    decision
        .deciding()
        .filter(state -> !state.allowed())
        .ifPresent(
            state -> {
              LimitTally tally = tally(state);
              tally.firstMicros = tally.denied == 0 ? micros : tally.firstMicros;
              tally.lastMicros = micros;
              tally.denied++;
              keys.count(state.key(), micros);
            });
  }

  private LimitTally tally(LimitState state) {
    LimitId id = state.key().limit();
    LimitTally tally = limits.get(id);
    if (tally == null) {
      tally = new LimitTally(id, state.limit(), state.limit().mode());
      limits.put(id, tally);
    }
    return tally;
  }

  Map<LimitId, LimitTally> limits() {
    return limits;
  }

  Map<Reason, Long> reasons() {
    return reasons;
  }

  KeyTallies keys() {
    return keys;
  }

  long requests() {
    return requests;
  }

  long denied() {
    return denied;
  }

  long firstMicros() {
    return firstMicros;
  }

  long lastMicros() {
    return lastMicros;
  }
}
