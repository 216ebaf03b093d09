// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.rls;

import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.FixedWindow;
import dev.weir.core.Limit;
import dev.weir.core.LimitState;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.Reason;
import dev.weir.core.Verdict;
import dev.weir.server.wire.Judge;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Makes checks of queries. Used by one event loop; not safe for several threads. */
final class Charging {
  /*
   * All descriptors of a query that take are one check, which takes from all or from none (R1). What
   * descriptors give back is given whatever becomes of the check: it was used before. In a domain
   * that charges all, each descriptor is a check of its own, and what it was denied is recorded.
   */

  private static final int MAX_OVERRIDES = 1_024;

  /** A limit as a request brings it. */
  private record Brought(long requestsPerUnit, int unit) {}

  /** One check, and which descriptors it is of. */
  private record Part(List<Integer> positions, CompletableFuture<Decision> decision) {}

  private final Judge judge;
  private final Set<String> chargesAll;
  private final Map<Brought, Limit> overrides = new LinkedHashMap<>();
  private Set<String> domains = Set.of();
  private PolicySet domainsOf = PolicySet.empty();

  Charging(Judge judge, Set<String> chargesAll) {
    this.judge = judge;
    this.chargesAll = chargesAll;
  }

  /** The checks of a query. */
  static final class Parts {
    private final int descriptors;
    private final List<Part> parts = new ArrayList<>(2);
    private final List<Integer> refused = new ArrayList<>(0);

    private Parts(int descriptors) {
      this.descriptors = descriptors;
    }

    /** Complete when all are judged. */
    CompletableFuture<Void> all() {
      return CompletableFuture.allOf(
          parts.stream().map(Part::decision).toArray(CompletableFuture<?>[]::new));
    }

    /** What became of all, once they are judged. */
    Judgement judgement() {
      Judgement judgement = new Judgement(descriptors);
      parts.forEach(part -> judgement.some(part.decision.join(), part.positions));
      refused.forEach(judgement::refuse);
      return judgement;
    }
  }

  /** Whether a query is one descriptor that takes by what is configured. */
  boolean isPlain(Query query) {
    if (query.descriptors().size() != 1) {
      return false;
    }
    Query.Asked asked = query.descriptors().getFirst();
    return !asked.negative() && !asked.override() && !chargesAll.contains(query.domain());
  }

  /**
   * Checks a plain query.
   *
   * @throws IllegalArgumentException if it is beyond the sizes of a descriptor
   */
  CompletableFuture<Decision> check(RateLimiter limiter, Query query) {
    List<Descriptor> one =
        List.of(descriptor(query, query.descriptors().getFirst(), limiter.policies()));
    long begin = judge.begin();
    return judge.timed(begin, one, limiter.checkAsync(one)).toCompletableFuture();
  }

  /**
   * Begins the checks of any query.
   *
   * @throws IllegalArgumentException if it is beyond the sizes of descriptors; nothing is charged
   */
  Parts charge(RateLimiter limiter, Query query) {
    int count = query.descriptors().size();
    Parts parts = new Parts(count);
    List<Descriptor> takes = new ArrayList<>(count);
    List<Integer> takesAt = new ArrayList<>(count);
    List<Descriptor> gives = new ArrayList<>(0);
    List<Integer> givesAt = new ArrayList<>(0);
    for (int i = 0; i < count; i++) {
      Query.Asked asked = query.descriptors().get(i);
      boolean known = asked.override() && domains(limiter.policies()).contains(query.domain());
      if (known && asked.requestsPerUnit() == 0 && !asked.negative()) {
        parts.refused.add(i);
      } else if (asked.negative() && hits(query, asked) > 0) {
        gives.add(descriptor(query, asked, limiter.policies()));
        givesAt.add(i);
      } else {
        takes.add(descriptor(query, asked, limiter.policies()));
        takesAt.add(i);
      }
    }
    // A mistake in one must not leave the others charged.
    if (!gives.isEmpty()) {
      limiter.validate(gives);
    }
    if (!takes.isEmpty()) {
      if (chargesAll.contains(query.domain())) {
        limiter.validate(takes);
        chargeEach(limiter, takes, takesAt, parts);
      } else {
        // What a limit of nothing refuses is refused as a whole.
        long begin = judge.begin();
        CompletionStage<Decision> decision =
            parts.refused.isEmpty() ? limiter.checkAsync(takes) : limiter.peekAsync(takes);
        parts.parts.add(
            new Part(takesAt, judge.timed(begin, takes, decision).toCompletableFuture()));
      }
    }
    if (!gives.isEmpty()) {
      parts.parts.add(new Part(givesAt, limiter.grantAsync(gives).toCompletableFuture()));
    }
    return parts;
  }

  private void chargeEach(
      RateLimiter limiter, List<Descriptor> takes, List<Integer> takesAt, Parts parts) {
    for (int i = 0; i < takes.size(); i++) {
      List<Descriptor> one = List.of(takes.get(i));
      long begin = judge.begin();
      CompletionStage<Decision> decision =
          limiter.checkAsync(one).thenCompose(made -> recorded(limiter, one, made));
      parts.parts.add(
          new Part(
              List.of(takesAt.get(i)), judge.timed(begin, one, decision).toCompletableFuture()));
    }
  }

  /** Denied hits count: the next ones meet them. */
  private static CompletionStage<Decision> recorded(
      RateLimiter limiter, List<Descriptor> one, Decision made) {
    boolean counts = made.reason() == Reason.OVER_LIMIT || made.reason() == Reason.TOO_BIG;
    if (!counts || one.getFirst().cost() == 0) {
      return CompletableFuture.completedFuture(made);
    }
    return limiter.recordAsync(one).thenApply(after -> told(made, after));
  }

  /** The denial with what is left once it was charged. */
  private static Decision told(Decision denied, Decision after) {
    List<LimitState> states = denied.states();
    if (after.states().size() != states.size()) {
      // Concurrency has no part in a record.
      return denied;
    }
    List<LimitState> told = new ArrayList<>(states.size());
    for (int i = 0; i < states.size(); i++) {
      LimitState state = states.get(i);
      Verdict verdict = state.verdict();
      Verdict left = after.states().get(i).verdict();
      told.add(
          new LimitState(
              state.policy(),
              state.limit(),
              state.descriptor(),
              state.key(),
              new Verdict(
                  verdict.outcome(),
                  verdict.amount(),
                  left.remaining(),
                  verdict.retryAfterMicros(),
                  left.resetAfterMicros(),
                  verdict.mark(),
                  left.micros(),
                  verdict.clockStepped()),
              state.holdId(),
              state.estimated()));
    }
    return new Decision.Denied(denied.reason(), told, denied.unlimited());
  }

  private Descriptor descriptor(Query query, Query.Asked asked, PolicySet policies) {
    List<String> texts = asked.entries();
    Descriptor made;
    if (texts.size() == 2) {
      made = Descriptor.of(query.domain(), texts.getFirst(), texts.getLast());
    } else {
      List<Descriptor.Entry> entries = new ArrayList<>(texts.size() / 2);
      for (int i = 0; i < texts.size(); i += 2) {
        entries.add(new Descriptor.Entry(texts.get(i), texts.get(i + 1)));
      }
      made = Descriptor.of(query.domain(), entries);
    }
    long hits = hits(query, asked);
    if (hits != 1) {
      made = made.withCost(hits);
    }
    // A domain that nobody configured is not limited, whoever brings a limit.
    return asked.override()
            && asked.requestsPerUnit() > 0
            && domains(policies).contains(query.domain())
        ? made.withLimit(override(asked))
        : made;
  }

  private static long hits(Query query, Query.Asked asked) {
    long hits = asked.hitsGiven() ? asked.hits() : query.hits() == 0 ? 1 : query.hits();
    if (hits < 0 || hits > Descriptor.MAX_COST) {
      throw new IllegalArgumentException(
          "hits_addend: "
              + Long.toUnsignedString(hits)
              + " (expected: 0.."
              + Descriptor.MAX_COST
              + ")");
    }
    return hits;
  }

  private Limit override(Query.Asked asked) {
    Brought key = new Brought(asked.requestsPerUnit(), asked.unit());
    Limit known = overrides.get(key);
    if (known == null) {
      known =
          Limit.of(
              "override",
              new FixedWindow(asked.requestsPerUnit(), Unit.asked(asked.unit()).duration()));
      if (overrides.size() >= MAX_OVERRIDES) {
        overrides.clear();
      }
      overrides.put(key, known);
    }
    return known;
  }

  private Set<String> domains(PolicySet policies) {
    if (policies != domainsOf) {
      Set<String> names = new HashSet<>();
      for (Policy policy : policies.policies()) {
        names.add(policy.domain());
      }
      domains = names;
      domainsOf = policies;
    }
    return domains;
  }
}
