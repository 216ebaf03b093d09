// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Judges a check in the place of a store that cannot: each limit by its failure policy, then all of
 * them together (R23).
 */
final class FailureJudge {

  private static final long LOCAL_MAX_KEYS = 100_000;
  private static final long CLOSED_RETRY_MICROS = 1_000_000;

  private final OptionalInt nodes;
  // Local shares; none while the store answers.
  private final AtomicReference<@Nullable MemoryStore> local = new AtomicReference<>();

  FailureJudge(OptionalInt nodes) {
    this.nodes = nodes;
  }

  /** Refuses policies whose local share cannot be known or counted. */
  void admit(PolicySet policies) {
    for (Policy policy : policies.policies()) {
      policy.limits().forEach(limit -> admit(policy, limit));
      for (LimitOverride override : policy.overrides()) {
        policy.limits().forEach(limit -> admit(policy, override.apply(limit)));
      }
    }
  }

  private void admit(Policy policy, Limit limit) {
    if (limit.onFailure() != FailurePolicy.LOCAL) {
      return;
    }
    String name = "limit " + policy.name() + "/" + limit.name();
    if (nodes.isEmpty()) {
      throw new IllegalArgumentException(
          name + ": failure policy local (expected: the number of nodes to be configured)");
    }
    try {
      limit.algorithm().dividedBy(nodes.getAsInt());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          name + ": share of " + nodes.getAsInt() + " nodes: " + e.getMessage(), e);
    }
  }

  /** Forgets the local shares: the store is back. */
  void recovered() {
    if (local.get() != null) {
      MemoryStore shares = local.getAndSet(null);
      if (shares != null) {
        shares.close();
      }
    }
  }

  Decision judge(Plan plan) {
    List<Charge> charges = plan.charges();
    @Nullable Verdict[] verdicts = new Verdict[charges.size()];
    boolean closed = false;
    boolean anyLocal = false;
    for (int i = 0; i < verdicts.length; i++) {
      Limit limit = plan.sources().get(i).limit();
      switch (limit.onFailure()) {
        case OPEN -> verdicts[i] = verdict(Verdict.Outcome.ADMITTED, 0);
        case CLOSED -> {
          verdicts[i] = verdict(Verdict.Outcome.DENIED, CLOSED_RETRY_MICROS);
          closed |= limit.mode() == Mode.ENFORCED;
        }
        case LOCAL -> anyLocal = true;
      }
    }
    if (anyLocal) {
      judgeLocally(plan, verdicts, closed);
    }
    return decide(plan.states(Arrays.asList(verdicts)), closed, anyLocal);
  }

  private static Decision decide(List<LimitState> states, boolean closed, boolean anyLocal) {
    if (closed) {
      return new Decision.Denied(Reason.FAILURE_CLOSED, states);
    }
    for (LimitState state : states) {
      if (!state.allowed() && state.limit().mode() == Mode.ENFORCED) {
        return new Decision.Denied(Reason.FAILURE_LOCAL, states);
      }
    }
    return new JudgedAllowed(anyLocal ? Reason.FAILURE_LOCAL : Reason.FAILURE_OPEN, states);
  }

  /* If a closed limit denies the check, the local shares are asked without being charged (R1). */
  private void judgeLocally(Plan plan, @Nullable Verdict[] verdicts, boolean closed) {
    List<Charge> shares = new ArrayList<>();
    for (int i = 0; i < verdicts.length; i++) {
      if (verdicts[i] == null) {
        Charge charge = plan.charges().get(i);
        Algorithm share = plan.sources().get(i).limit().algorithm().dividedBy(nodes.orElse(1));
        Operation operation = closed ? Operation.PEEK : charge.operation();
        shares.add(
            new Charge(charge.key(), share.kernel(), charge.cost(), charge.mode(), operation));
      }
    }
    List<Verdict> judged = judgeLocally(shares);
    for (int i = 0, next = 0; i < verdicts.length; i++) {
      if (verdicts[i] == null) {
        verdicts[i] = judged.get(next++);
      }
    }
  }

  private List<Verdict> judgeLocally(List<Charge> shares) {
    MemoryStore store = local.get();
    if (store == null) {
      MemoryStore created = MemoryStore.create(TimeSource.system(), LOCAL_MAX_KEYS);
      store = local.compareAndSet(null, created) ? created : local.get();
    }
    try {
      return (store == null ? MemoryStore.create() : store).applyNow(shares);
    } catch (StoreException e) {
      // No room for one more key even here: a share that cannot be counted is not given out.
      List<Verdict> denied = new ArrayList<>(shares.size());
      for (int i = 0; i < shares.size(); i++) {
        denied.add(verdict(Verdict.Outcome.DENIED, CLOSED_RETRY_MICROS));
      }
      return denied;
    }
  }

  private static Verdict verdict(Verdict.Outcome outcome, long retryAfterMicros) {
    return new Verdict(outcome, 0, 0, retryAfterMicros, 0, 0, 0, false);
  }
}
