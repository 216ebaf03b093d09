// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Policies, compiled: immutable and safe for use by any number of threads.
 *
 * <p>Every policy that matches a descriptor applies. Finding them takes time that depends on how
 * many match, not on how many there are.
 */
public final class PolicySet {

  private static final PolicySet EMPTY = new PolicySet(0, List.of(), true);
  private static final PolicySet UNLOADED = new PolicySet(0, List.of(), false);

  /**
   * The policies of one domain.
   *
   * @param conditions those that look for entries; null if there are none
   * @param sequences those that want exactly the entries that they name; null if there are none
   */
  private record Domain(
      @Nullable ConditionIndex<CompiledPolicy> conditions, @Nullable SequenceIndex sequences) {

    static Domain of(List<CompiledPolicy> policies) {
      List<CompiledPolicy> byCondition = new ArrayList<>();
      List<CompiledPolicy> bySequence = new ArrayList<>();
      for (CompiledPolicy policy : policies) {
        (policy.source().entries().isEmpty() ? byCondition : bySequence).add(policy);
      }
      return new Domain(
          byCondition.isEmpty() ? null : ConditionIndex.of(byCondition),
          bySequence.isEmpty() ? null : SequenceIndex.of(bySequence));
    }

    List<PolicyMatch> match(Descriptor descriptor) {
      List<PolicyMatch> found =
          conditions == null
              ? List.of()
              : conditions.fold(descriptor, List.of(), AllMatches.ALL_MATCHES);
      return sequences == null ? found : sequences.fold(descriptor, found);
    }
  }

  private final long version;
  private final List<Policy> policies;
  private final List<CompiledPolicy> compiled;
  private final Map<String, Domain> domains;
  private final Map<LimitId, BoundLimit> limits;
  private final boolean costsInEntries;
  private final boolean loaded;

  private PolicySet(long version, PolicySet other) {
    this.version = version;
    this.policies = other.policies;
    this.compiled = other.compiled;
    this.domains = other.domains;
    this.limits = other.limits;
    this.costsInEntries = other.costsInEntries;
    this.loaded = other.loaded;
  }

  private PolicySet(long version, List<Policy> policies, boolean loaded) {
    this.loaded = loaded;
    this.version = version;
    this.policies = policies;
    this.compiled = compile(policies);
    this.domains = index(compiled);
    this.limits = limits(compiled);
    this.costsInEntries = policies.stream().anyMatch(policy -> policy.cost().isPresent());
  }

  /** No policy: everything is allowed, as {@link Reason#NO_MATCH} (R13). */
  public static PolicySet empty() {
    return EMPTY;
  }

  /**
   * No policy, because none has been found yet: as {@link #empty}, but whoever can tell a caller
   * that nothing is known does so.
   *
   * @since 0.1
   */
  public static PolicySet unloaded() {
    return UNLOADED;
  }

  /** Whether what it says is what somebody wanted; false of {@link #unloaded} alone. */
  public boolean loaded() {
    return loaded;
  }

  /**
   * The first version of a set.
   *
   * @param policies at least one
   * @throws IllegalArgumentException if there is none, or one twice
   */
  public static PolicySet of(List<Policy> policies) {
    return of(1, policies);
  }

  /**
   * A version of a set.
   *
   * @param version 0 or more
   * @param policies at least one
   * @throws IllegalArgumentException if there is none, or one twice
   */
  public static PolicySet of(long version, List<Policy> policies) {
    Require.within("version", version, 0, Long.MAX_VALUE);
    List<Policy> copy = List.copyOf(requireNonNull(policies, "policies"));
    Require.within("policies", copy.size(), 1, 1_000_000);
    Set<String> names = new HashSet<>();
    for (Policy policy : copy) {
      if (!names.add(policy.fullName())) {
        throw new IllegalArgumentException(
            "policy: \"" + policy.fullName() + "\" (expected: each name once in a domain)");
      }
    }
    return new PolicySet(version, copy, true);
  }

  /** The version after this one, with other policies. */
  public PolicySet next(List<Policy> policies) {
    return of(Math.addExact(version, 1), policies);
  }

  /**
   * The same policies as another version, at no cost.
   *
   * @param version 0 or more
   */
  public PolicySet withVersion(long version) {
    Require.within("version", version, 0, Long.MAX_VALUE);
    return version == this.version ? this : new PolicySet(version, this);
  }

  /** Which of the sets that followed each other this is. */
  public long version() {
    return version;
  }

  /** The policies, in the order in which they apply. */
  public List<Policy> policies() {
    return policies;
  }

  /**
   * Tells for each policy whether it applies to a descriptor, and why; takes time in proportion to
   * their number.
   *
   * @throws IllegalArgumentException if the entry that names the cost holds no cost
   */
  public List<PolicyExplanation> explain(Descriptor descriptor) {
    requireNonNull(descriptor, "descriptor");
    List<PolicyExplanation> explanations = new ArrayList<>(compiled.size());
    for (CompiledPolicy policy : compiled) {
      explanations.add(explain(policy, descriptor));
    }
    return List.copyOf(explanations);
  }

  /** Every policy that applies, in order; allocates nothing if there is at most one. */
  List<PolicyMatch> match(Descriptor descriptor) {
    Domain domain = domains.get(descriptor.domain());
    return domain == null ? List.of() : domain.match(descriptor);
  }

  /** Whether a check of so many descriptors may turn out to be refused for what it says. */
  boolean mayRefuse(int descriptors) {
    return costsInEntries || (long) descriptors * limits.size() > Store.MAX_CHARGES;
  }

  /** The limit of that identity, before overrides. */
  Optional<BoundLimit> limit(LimitId id) {
    return Optional.ofNullable(limits.get(id));
  }

  private static List<CompiledPolicy> compile(List<Policy> policies) {
    List<CompiledPolicy> compiled = new ArrayList<>(policies.size());
    for (Policy policy : policies) {
      compiled.add(new CompiledPolicy(policy, compiled.size()));
    }
    return List.copyOf(compiled);
  }

  private static Map<String, Domain> index(List<CompiledPolicy> policies) {
    Map<String, List<CompiledPolicy>> byDomain = new HashMap<>();
    for (CompiledPolicy policy : policies) {
      byDomain.computeIfAbsent(policy.source().domain(), domain -> new ArrayList<>()).add(policy);
    }
    Map<String, Domain> domains = new HashMap<>();
    byDomain.forEach((domain, list) -> domains.put(domain, Domain.of(list)));
    return domains;
  }

  private static Map<LimitId, BoundLimit> limits(List<CompiledPolicy> policies) {
    Map<LimitId, BoundLimit> limits = new HashMap<>();
    for (CompiledPolicy policy : policies) {
      for (BoundLimit limit : policy.limits()) {
        limits.put(limit.id(), limit);
      }
    }
    return limits;
  }

  private static PolicyExplanation explain(CompiledPolicy policy, Descriptor descriptor) {
    Policy source = policy.source();
    if (!source.domain().equals(descriptor.domain())) {
      return new PolicyExplanation.Unmatched(
          source, "domain: \"" + descriptor.domain() + "\" (expected: " + source.domain() + ")");
    }
    Optional<String> other = otherEntries(source.entries(), descriptor.entries());
    if (other.isPresent()) {
      return new PolicyExplanation.Unmatched(source, other.get());
    }
    for (CompiledCondition condition : policy.conditions()) {
      if (!condition.holds(descriptor)) {
        return new PolicyExplanation.Unmatched(source, why(condition.condition(), descriptor));
      }
    }
    PolicyMatch match = policy.match(descriptor);
    if (match.sheds(descriptor)) {
      return new PolicyExplanation.Listed(source, Reason.SHED);
    }
    return switch (match.listing()) {
      case ALLOWED -> new PolicyExplanation.Listed(source, Reason.ALLOW_LIST);
      case DENIED -> new PolicyExplanation.Listed(source, Reason.DENY_LIST);
      case NONE ->
          new PolicyExplanation.Matched(
              source,
              policy.key().texts(descriptor),
              match.limits().stream().map(BoundLimit::limit).toList(),
              match.cost(descriptor));
    };
  }

  /** What keeps entries from being exactly those that a policy wants, if it names any. */
  private static Optional<String> otherEntries(
      List<EntryPattern> wanted, List<Descriptor.Entry> found) {
    for (int i = 0; i < Math.min(wanted.size(), found.size()); i++) {
      EntryPattern pattern = wanted.get(i);
      Descriptor.Entry entry = found.get(i);
      if (!entry.key().equals(pattern.key())
          || !Matcher.of(pattern.pattern()).matches(entry.value())) {
        return Optional.of(
            "entry "
                + (i + 1)
                + ": "
                + entry.key()
                + " \""
                + entry.value()
                + "\" (expected: "
                + pattern.key()
                + ", and it "
                + pattern.pattern()
                + ")");
      }
    }
    return wanted.isEmpty() || wanted.size() == found.size()
        ? Optional.empty()
        : Optional.of("entries: " + found.size() + " (expected: " + wanted.size() + ")");
  }

  private static String why(Condition condition, Descriptor descriptor) {
    String found =
        descriptor.value(condition.key()).map(value -> '"' + value + '"').orElse("no entry");
    return condition.key() + ": " + found + " (expected: it " + condition.pattern() + ")";
  }
}
