// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Judges a check in the place of a store that cannot: each limit by its failure policy, then all of
 * them together (R23).
 */
final class FailureJudge {

  private static final long LOCAL_MAX_KEYS = 100_000;
  private static final long CLOSED_RETRY_MICROS = 1_000_000;

  static final int MAX_NODES = 1_000_000;

  private final @Nullable IntSupplier nodes;
  // Local shares; none until the store first fails, and none once all are forgotten.
  private final AtomicReference<@Nullable MemoryStore> local = new AtomicReference<>();
  // Filled once, then only read.
  private final Map<StoreException.Category, LongAdder> failures =
      new EnumMap<>(StoreException.Category.class);

  /**
   * A judge.
   *
   * @param nodes how many nodes share a limit, now; none if nobody knows
   */
  FailureJudge(@Nullable IntSupplier nodes) {
    this.nodes = nodes;
    for (StoreException.Category category : StoreException.Category.values()) {
      failures.put(category, new LongAdder());
    }
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
    if (nodes == null) {
      throw new IllegalArgumentException(
          name + ": failure policy local (expected: the number of nodes to be configured)");
    }
    int count = count(nodes);
    try {
      limit.algorithm().dividedBy(count);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          name + ": share of " + count + " nodes: " + e.getMessage(), e);
    }
  }

  /** Nodes as counted now; a count that has not begun counts this one. */
  private static int count(IntSupplier nodes) {
    return Math.clamp(nodes.getAsInt(), 1, MAX_NODES);
  }

  /**
   * Forgets the local shares of a plan's keys: the store has answered for them.
   *
   * <p>Not those of other keys: another part of the store may keep them and still be away.
   */
  void recovered(Plan plan) {
    MemoryStore shares = local.get();
    if (shares == null) {
      return;
    }
    List<Charge> forgotten = new ArrayList<>();
    for (int i = 0; i < plan.charges().size(); i++) {
      if (plan.sources().get(i).limit().onFailure() == FailurePolicy.LOCAL) {
        Charge charge = plan.charges().get(i);
        forgotten.add(new Charge(charge.key(), charge.kernel(), 0, charge.mode(), Operation.RESET));
      }
    }
    if (!forgotten.isEmpty()) {
      shares.applyNow(forgotten);
    }
    if (shares.keys() == 0 && local.compareAndSet(shares, null)) {
      shares.close();
    }
  }

  /** Checks that the store did not judge, by why. */
  Map<StoreException.Category, Long> failures() {
    Map<StoreException.Category, Long> counts = new EnumMap<>(StoreException.Category.class);
    failures.forEach((category, count) -> counts.put(category, count.sum()));
    return counts;
  }

  /** Judges a check for the reason that the store did not. */
  Decision judge(Plan plan, StoreException lost) {
    LongAdder count = failures.get(lost.category());
    if (count != null) {
      count.increment();
    }
    return judge(plan);
  }

  private Decision judge(Plan plan) {
    List<Charge> charges = plan.charges();
    @Nullable Verdict[] verdicts = new Verdict[charges.size()];
    boolean closed = false;
    boolean anyLocal = false;
    boolean everyQuota = true;
    boolean anyQuota = false;
    for (int i = 0; i < verdicts.length; i++) {
      Limit limit = plan.sources().get(i).limit();
      anyQuota |= limit.mode() == Mode.QUOTA;
      everyQuota &= limit.mode() != Mode.QUOTA || limit.onFailure() == FailurePolicy.CLOSED;
      switch (limit.onFailure()) {
        case OPEN -> verdicts[i] = verdict(Verdict.Outcome.ADMITTED, 0);
        case CLOSED -> {
          verdicts[i] = verdict(Verdict.Outcome.DENIED, CLOSED_RETRY_MICROS);
          closed |= limit.mode() == Mode.ENFORCED;
        }
        case LOCAL -> anyLocal = true;
      }
    }
    closed |= anyQuota && everyQuota;
    if (anyLocal) {
      judgeLocally(plan, verdicts, closed);
    }
    return decide(plan, plan.states(Arrays.asList(verdicts)), closed, anyLocal);
  }

  private static Decision decide(
      Plan plan, List<LimitState> states, boolean closed, boolean anyLocal) {
    if (closed) {
      return plan.denied(Reason.FAILURE_CLOSED, states);
    }
    return Deciding.denies(states)
        ? plan.denied(Reason.FAILURE_LOCAL, states)
        : plan.allowed(anyLocal ? Reason.FAILURE_LOCAL : Reason.FAILURE_OPEN, states);
  }

  /* If a closed limit denies the check, the local shares are asked without being charged (R1). */
  private void judgeLocally(Plan plan, @Nullable Verdict[] verdicts, boolean closed) {
    List<Verdict> judged = apply(shares(plan, verdicts, closed ? Operation.PEEK : null));
    for (int i = 0, next = 0; i < verdicts.length; i++) {
      if (verdicts[i] == null) {
        verdicts[i] = judged.get(next++);
      }
    }
  }

  private List<Charge> shares(
      Plan plan, @Nullable Verdict[] verdicts, @Nullable Operation instead) {
    int count = nodes == null ? 1 : count(nodes);
    List<Charge> shares = new ArrayList<>();
    for (int i = 0; i < verdicts.length; i++) {
      if (verdicts[i] == null) {
        Charge charge = plan.charges().get(i);
        Algorithm algorithm = plan.sources().get(i).limit().algorithm();
        Operation operation = instead == null ? charge.operation() : instead;
        shares.add(
            new Charge(
                charge.key(),
                share(algorithm, count).kernel(),
                charge.cost(),
                charge.mode(),
                operation));
      }
    }
    return shares;
  }

  /* The number of nodes may have grown since the policies were admitted; the smallest share that
   * can be counted is then given out instead. */
  private static Algorithm share(Algorithm algorithm, int count) {
    for (int divisor = count; ; divisor = divisor / 2) {
      try {
        return algorithm.dividedBy(divisor);
      } catch (IllegalArgumentException e) {
        if (divisor <= 1) {
          throw e;
        }
      }
    }
  }

  private List<Verdict> apply(List<Charge> shares) {
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
