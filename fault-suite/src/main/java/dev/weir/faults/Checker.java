// SPDX-License-Identifier: Apache-2.0
package dev.weir.faults;

import dev.weir.core.FailurePolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * Holds a history against the promises of {@code docs/semantics.md}.
 *
 * <p>It trusts nothing but what callers were told and what Redis held in the end. Per key: a charge
 * that the store admitted must be counted; a charge of unknown fate may be; any other must not.
 */
final class Checker {
  /** Of a tight key. */
  static final long LIMIT = 50;

  /** Nodes that share a local limit. */
  static final int NODES = 2;

  private static final long LOCAL_SHARE = LIMIT / NODES;
  private static final int MOST_EXAMPLES = 3;

  private final History history;
  private final Expectation expectation;
  private final Map<Told.Key, Sums> sums = new HashMap<>();
  private final Map<String, List<String>> broken = new HashMap<>();

  private Checker(History history, Expectation expectation) {
    this.history = history;
    this.expectation = expectation;
  }

  /** What one key's callers were told. */
  private static final class Sums {
    long admitted;
    long admittedAfterwards;
    long unknownAllowed;
    long unknownDenied;
    long allowedByPolicy;
    long outages;
    boolean away;
  }

  static Findings check(String fault, History history, Expectation expectation) {
    return new Checker(history, expectation).findings(fault);
  }

  private Findings findings(String fault) {
    history.told().stream().filter(told -> !isVictim(told)).forEach(this::add);
    sums.forEach(this::judge);
    judgeBite();
    long late = lateness();
    OptionalLong back = firstJudgedAfterTheFault();
    if (history.told().size() != history.asked()) {
      broke("R22 every check is answered", (history.asked() - history.told().size()) + " were not");
    }
    if (back.isEmpty()) {
      broke("R23 the first success closes the breaker", "no check was judged after the fault");
    }
    return new Findings(
        fault,
        history.told().size(),
        count(told -> told.judged() && told.allowed()),
        count(told -> told.leftToPolicy() && told.allowed()),
        count(told -> !told.leftToPolicy() && !told.allowed()),
        count(told -> told.leftToPolicy() && !told.allowed()),
        count(told -> told.fate() == Told.Fate.UNKNOWN),
        sums.keySet().stream().mapToLong(this::lost).sum(),
        sums.keySet().stream().mapToLong(this::phantom).sum(),
        history.told().stream().mapToLong(Told::nanos).max().orElse(0),
        late,
        percentileWhileAway(),
        back,
        broken.entrySet().stream().map(e -> e.getKey() + ": " + e.getValue()).sorted().toList());
  }

  private boolean isVictim(Told told) {
    return expectation.victims().contains(told.key());
  }

  /* A fault that nobody noticed shows nothing. */
  private void judgeBite() {
    boolean bites = !expectation.storeServes() || !expectation.victims().isEmpty();
    Predicate<Told> left =
        told -> told.leftToPolicy() && (!expectation.storeServes() || isVictim(told));
    if (bites && !expectation.mayGoUnnoticed() && count(left) == 0) {
      broke("the fault is one", "no check was left to its failure policy");
    }
  }

  private long count(Predicate<Told> which) {
    return history.told().stream().filter(which).count();
  }

  private void add(Told told) {
    Sums of = sums.computeIfAbsent(told.key(), key -> new Sums());
    if (told.judged()) {
      of.away = false;
      of.admitted += told.allowed() ? 1 : 0;
      of.admittedAfterwards += told.allowed() && told.askedNanos() > history.faultEnded() ? 1 : 0;
      return;
    }
    if (told.fate() == Told.Fate.REMEMBERED) {
      if (told.allowed()) {
        broke("R28 only denials are remembered", told.key() + " was allowed");
      }
      return;
    }
    of.outages += of.away ? 0 : 1;
    of.away = true;
    of.allowedByPolicy += told.allowed() ? 1 : 0;
    if (told.fate() == Told.Fate.UNKNOWN) {
      of.unknownAllowed += told.allowed() ? 1 : 0;
      of.unknownDenied += told.allowed() ? 0 : 1;
    }
    judgePolicy(told);
  }

  private void judgePolicy(Told told) {
    FailurePolicy policy = told.key().onFailure();
    boolean wrong =
        switch (policy) {
          case OPEN -> !told.allowed();
          case CLOSED -> told.allowed();
          case LOCAL -> !told.key().tight() && !told.allowed();
        };
    if (wrong) {
      broke("R23 the failure policy decides", told.key() + " was told " + told.allowed());
    }
    if (expectation.storeServes()) {
      broke("the store keeps serving", told.key() + " was left to its failure policy");
    }
  }

  private void judge(Told.Key key, Sums of) {
    long mayBeLost = expectation.redisKeepsWrites() ? 0 : of.admitted - of.admittedAfterwards;
    if (key.tight()) {
      judgeTight(key, of, mayBeLost);
    }
    if (!comparable(key)) {
      return;
    }
    Counted counted = counted(key);
    if (counted.first() != counted.second()) {
      broke("R1 all or nothing", key + " counted " + counted);
    }
    if (lost(key) > mayBeLost) {
      broke(
          "R25 nothing is lost but what Redis lost",
          key + " lost " + lost(key) + " of " + of.admitted);
    }
    long unknown = of.unknownAllowed + of.unknownDenied;
    if (counted.first() > of.admitted + unknown) {
      broke(
          "R22 a charge is sent once",
          "%s counted %d of %d admitted and %d unknown"
              .formatted(key, counted.first(), of.admitted, unknown));
    }
    if (expectation.answersArrive() && phantom(key) > 0) {
      broke("R22 what a denied caller took is given back", key + " kept " + phantom(key));
    }
  }

  private void judgeTight(Told.Key key, Sums of, long mayBeLost) {
    if (of.admitted > LIMIT * (1 + expectation.clockSteps()) + mayBeLost) {
      broke("R3 exact", key + " was admitted " + of.admitted + " times of " + LIMIT);
    }
    if (key.onFailure() == FailurePolicy.LOCAL && of.allowedByPolicy > of.outages * LOCAL_SHARE) {
      broke(
          "R23 a local share per outage",
          key + " was allowed " + of.allowedByPolicy + " times in " + of.outages + " outages");
    }
  }

  /** Whether what a key counted can be held against what was told: not where time was changed. */
  private boolean comparable(Told.Key key) {
    return !key.tight() || expectation.clockSteps() == 0;
  }

  private Counted counted(Told.Key key) {
    return history.counted().getOrDefault(key, new Counted(0, 0));
  }

  /** Admitted by the store and not in its count: each is one more than the limit allows. */
  private long lost(Told.Key key) {
    Sums of = sums.getOrDefault(key, new Sums());
    return comparable(key) ? Math.max(0, of.admitted - counted(key).first()) : 0;
  }

  /** In the count of the store, and nobody was allowed anything for it. */
  private long phantom(Told.Key key) {
    Sums of = sums.getOrDefault(key, new Sums());
    return comparable(key)
        ? Math.max(0, counted(key).first() - of.admitted - of.unknownAllowed)
        : 0;
  }

  /** The longest time by which an answer missed its deadline, while this process ran. */
  private long lateness() {
    long most = Long.MIN_VALUE;
    for (Told told : history.told()) {
      long over = told.nanos() - expectation.deadline().toNanos();
      if (over > Math.max(most, 0)) {
        over -= history.stalls().within(told.askedNanos(), told.toldNanos());
      }
      most = Math.max(most, over);
    }
    if (most > expectation.tolerance().toNanos()) {
      broke(
          "R22 every check is answered by its deadline",
          "one was answered " + most / 1_000_000 + " ms later");
    }
    return most;
  }

  /** The 99th percentile of the answers that were not asked of the store during the fault. */
  private OptionalLong percentileWhileAway() {
    long[] nanos =
        history.told().stream()
            .filter(told -> told.fate() == Told.Fate.NOT_MADE)
            .filter(told -> told.askedNanos() > history.faultBegan())
            .mapToLong(Told::nanos)
            .sorted()
            .toArray();
    return nanos.length < 100
        ? OptionalLong.empty()
        : OptionalLong.of(nanos[(int) (nanos.length * 0.99)]);
  }

  private OptionalLong firstJudgedAfterTheFault() {
    return history.told().stream()
        .filter(Told::judged)
        .mapToLong(Told::toldNanos)
        .filter(nanos -> nanos >= history.faultEnded())
        .map(nanos -> nanos - history.faultEnded())
        .min();
  }

  private void broke(String promise, String how) {
    List<String> examples = broken.computeIfAbsent(promise, p -> new ArrayList<>());
    if (examples.size() < MOST_EXAMPLES) {
      examples.add(how);
    }
  }
}
