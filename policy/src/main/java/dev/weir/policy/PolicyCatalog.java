// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The policies of every load state, compiled: immutable and safe for use by any number of threads.
 *
 * <p>Names of policies and limits are the same in all states, and limits count in the same way, so
 * that what is spent stays when the state changes (R21).
 */
public final class PolicyCatalog {

  /** The state of a system that nobody says anything about. */
  public static final String NORMAL = "normal";

  private final CatalogSource source;
  private final Map<String, PolicySet> states;
  private final Map<String, Tier> tiers;

  /** The sets of a source by state, {@link #NORMAL} first. */
  PolicyCatalog(CatalogSource source, Map<String, PolicySet> states) {
    this.source = source;
    this.states = Collections.unmodifiableMap(new LinkedHashMap<>(states));
    Map<String, Tier> byName = new LinkedHashMap<>();
    source.tiers().forEach(tier -> byName.put(tier.name(), tier));
    this.tiers = Collections.unmodifiableMap(byName);
  }

  /** A set that is the same in every state, without tiers. */
  public static PolicyCatalog of(PolicySet policies) {
    List<TieredPolicy> plain =
        policies.policies().stream()
            .map(policy -> new TieredPolicy(policy, Optional.empty()))
            .toList();
    return new PolicyCatalog(
        new CatalogSource(plain, List.of(), List.of()), Map.of(NORMAL, policies));
  }

  /** Which of the catalogs that followed each other this is; its sets have the same version. */
  public long version() {
    return in(NORMAL).version();
  }

  /** The same catalog as another version, at no cost. */
  public PolicyCatalog withVersion(long version) {
    Map<String, PolicySet> numbered = new LinkedHashMap<>();
    states.forEach((state, set) -> numbered.put(state, set.withVersion(version)));
    return new PolicyCatalog(source, numbered);
  }

  /**
   * The policies in a state.
   *
   * @throws IllegalArgumentException if there is no such state; names those that there are
   */
  public PolicySet in(String state) {
    PolicySet set = states.get(requireNonNull(state, "state"));
    if (set == null) {
      throw new IllegalArgumentException(
          "state: \"" + state + "\" (expected: " + Nearest.of(state, states.keySet()) + ")");
    }
    return set;
  }

  /** The states' names, {@link #NORMAL} first. */
  public Set<String> states() {
    return states.keySet();
  }

  /** The states other than normal. */
  public List<LoadState> loadStates() {
    return source.states();
  }

  /** The tiers by name. */
  public Map<String, Tier> tiers() {
    return tiers;
  }

  /** The entry that holds the tier of a policy's descriptors, if it has tiers. */
  public Optional<String> tierEntry(Policy policy) {
    return source.policies().stream()
        .filter(tiered -> tiered.policy().fullName().equals(policy.fullName()))
        .findFirst()
        .flatMap(TieredPolicy::tier);
  }

  CatalogSource source() {
    return source;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PolicyCatalog catalog
        && version() == catalog.version()
        && source.equals(catalog.source);
  }

  @Override
  public int hashCode() {
    return source.hashCode();
  }

  @Override
  public String toString() {
    return "PolicyCatalog[policies="
        + source.policies().size()
        + ", tiers="
        + tiers.size()
        + ", states="
        + states.keySet()
        + "]";
  }
}
