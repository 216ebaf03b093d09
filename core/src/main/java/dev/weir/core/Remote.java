// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A store that is elsewhere, with what this node knows without asking it. Safe for use by any
 * number of threads.
 */
final class Remote {

  private final Store store;
  private final FailureJudge failures;
  private final TimeSource clock;
  private final @Nullable DenialMemory denials;
  private final Leases leases;
  // Denied from memory.
  private final LongAdder answered = new LongAdder();
  private final LongAdder givenBack = new LongAdder();

  /** What is known of a take without asking the store. */
  enum Known {
    ADMITTED,
    DENIED,
    NOTHING
  }

  Remote(Store store, FailureJudge failures, TimeSource clock, @Nullable DenialMemory denials) {
    this.store = requireNonNull(store, "store");
    this.failures = failures;
    this.clock = requireNonNull(clock, "clock");
    this.denials = denials;
    this.leases = new Leases(this, clock);
  }

  /** This node's own time, for what it knows. */
  long now() {
    return clock.micros();
  }

  /** Takes from one limit and nothing else, if that can be done here. */
  Known take(BoundLimit limit, long high, long low, long cost) {
    long now = clock.micros();
    if (limit.leased() && leases.spend(limit, high, low, cost, now) != Grant.NONE) {
      return Known.ADMITTED;
    }
    if (denials == null || !denials.denies(limit, high, low, cost, now)) {
      return Known.NOTHING;
    }
    answered.increment();
    return Known.DENIED;
  }

  /**
   * Judges a take by one limit and nothing else from what is known here.
   *
   * @return null if the store has to be asked
   */
  @Nullable Decision judge(
      String policy, BoundLimit limit, byte[] key, long high, long low, long cost) {
    return judge(policy, limit, key, high, low, cost, now());
  }

  /** The same at a moment of {@link #now}. */
  @Nullable Decision judge(
      String policy, BoundLimit limit, byte[] key, long high, long low, long cost, long now) {
    if (limit.leased()) {
      long estimate = leases.spend(limit, high, low, cost, now);
      if (estimate != Grant.NONE) {
        long left = estimate * ((TokenBucketKernel) limit.kernel()).unit();
        return new QuickAllowed(policy, limit, key, left, cost, now, true);
      }
    }
    Verdict denial = denials == null ? null : denials.recall(limit, high, low, cost, now);
    if (denial == null) {
      return null;
    }
    answered.increment();
    return QuickCheck.denied(policy, limit, CounterKey.wrap(limit.id(), key), denial);
  }

  /** Judges a plan from what is here, or else asks the store. */
  CompletionStage<Decision> decide(Plan plan) {
    CompletionStage<Decision> leased = leases.decide(plan, clock.micros());
    return leased != null ? leased : ask(plan);
  }

  /** The same for a plan that {@link #judge} knew nothing about just now. */
  CompletionStage<Decision> decideUnknown(Plan plan, long now) {
    CompletionStage<Decision> leased = leases.decide(plan, now);
    return leased != null ? leased : askStore(plan, now);
  }

  /** Asks the store about a plan, unless it must be denied. */
  CompletionStage<Decision> ask(Plan plan) {
    long now = clock.micros();
    Decision known = denials == null ? null : recall(plan, denials, now);
    if (known == null) {
      return askStore(plan, now);
    }
    answered.increment();
    return CompletableFuture.completedFuture(known);
  }

  private CompletionStage<Decision> askStore(Plan plan, long now) {
    DenialMemory memory = denials;
    DenialMemory.Departure left = memory == null ? null : memory.departure(now);
    return send(plan.charges())
        .handle(
            (verdicts, failure) -> {
              if (verdicts != null && memory != null && left != null) {
                learn(plan, verdicts, memory, left);
              }
              if (verdicts != null) {
                plan.tell(verdicts);
              }
              return decide(plan, verdicts, failure);
            });
  }

  /** Judges a plan without the store. */
  Decision judgeWithout(Plan plan, StoreException lost) {
    return failures.judge(plan, lost);
  }

  /** Notes that so many takes of callers that were denied are given back. */
  void givesBack(int takes) {
    givenBack.add(takes);
  }

  LimiterStatistics statistics() {
    long now = clock.micros();
    Leases.Held held = leases.held(now);
    return new LimiterStatistics(
        denials == null ? 0 : denials.size(now),
        answered.sum(),
        held.keys(),
        held.permits(),
        leases.bought(),
        leases.returned(),
        givenBack.sum(),
        failures.failures());
  }

  /** Notes that the store has answered for a plan's keys. */
  void recovered(Plan plan) {
    failures.recovered(plan);
  }

  private Decision decide(
      Plan plan, @Nullable List<Verdict> verdicts, @Nullable Throwable failure) {
    if (verdicts != null) {
      failures.recovered(plan);
      return plan.decide(verdicts);
    }
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof StoreException lost) {
      Decision decision = failures.judge(plan, lost);
      Aftermath.settle(this, plan, decision, lost);
      return decision;
    }
    throw new CompletionException(requireNonNull(cause, "cause"));
  }

  /** Sends charges once; forgets what they make untrue before anybody learns that they happened. */
  CompletionStage<List<Verdict>> send(List<Charge> charges) {
    CompletionStage<List<Verdict>> answer = store.apply(charges);
    return denials == null || !anyGives(charges)
        ? answer
        : answer.whenComplete((verdicts, failure) -> forget(charges));
  }

  private static boolean anyGives(List<Charge> charges) {
    for (int i = 0; i < charges.size(); i++) {
      if (gives(charges.get(i))) {
        return true;
      }
    }
    return false;
  }

  /* If one of several charges must be denied, none is made (R1). The decision names the limits that
   * are known to deny; the others have not been asked. */
  private static @Nullable Decision recall(Plan plan, DenialMemory memory, long now) {
    Scratch scratch = Scratch.own();
    List<LimitState> denied = null;
    for (int i = 0; i < plan.charges().size(); i++) {
      Charge charge = plan.charges().get(i);
      if (remembers(charge)) {
        charge.key().hash(scratch);
        BoundLimit limit = plan.sources().get(i).bound();
        Verdict denial = memory.recall(limit, scratch.high, scratch.low, charge.cost(), now);
        if (denial != null) {
          denied = denied == null ? new ArrayList<>(2) : denied;
          denied.add(plan.state(i, denial));
        }
      }
    }
    return denied == null ? null : plan.denied(Reason.OVER_LIMIT, denied);
  }

  private void learn(
      Plan plan, List<Verdict> verdicts, DenialMemory memory, DenialMemory.Departure left) {
    for (int i = 0; i < verdicts.size(); i++) {
      Charge charge = plan.charges().get(i);
      if (verdicts.get(i).outcome() == Verdict.Outcome.DENIED
          && remembers(charge)
          && plan.chargesOnce(charge.key())) {
        Scratch scratch = Scratch.own();
        charge.key().hash(scratch);
        memory.remember(
            plan.sources().get(i).bound().kernelId(),
            scratch.high,
            scratch.low,
            charge.cost(),
            verdicts.get(i),
            left,
            clock.micros());
      }
    }
  }

  /* Never a hold: a release elsewhere frees permits at any time. */
  private static boolean remembers(Charge charge) {
    return charge.operation() instanceof Operation.Take && charge.mode() == Mode.ENFORCED;
  }

  private void forget(List<Charge> charges) {
    for (Charge charge : charges) {
      if (denials != null && gives(charge)) {
        Scratch scratch = Scratch.own();
        charge.key().hash(scratch);
        denials.forget(scratch.low);
      }
    }
  }

  /** Whether more may be admitted after a charge than before. */
  private static boolean gives(Charge charge) {
    return switch (charge.operation()) {
      case Operation.Refund r -> true;
      case Operation.Grant g -> true;
      case Operation.Reset r -> true;
      case Operation.Release r -> true;
      case Operation.Take t -> false;
      case Operation.TakeUpTo t -> false;
      case Operation.Peek p -> false;
      case Operation.Record r -> false;
      case Operation.Hold h -> false;
      case Operation.Renew r -> false;
    };
  }

  /** Forgets what was learnt, and ends what was leased, under other policies. */
  void policiesChanged(PolicySet policies) {
    leases.policiesChanged(policies);
    if (denials != null) {
      denials.forgetAll();
    }
  }

  /** Gives back everything that was leased and leases nothing more; answers when that is done. */
  CompletionStage<Void> close() {
    return leases.close();
  }
}
