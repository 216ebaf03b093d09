// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.resp;

import dev.weir.core.Condition;
import dev.weir.core.Descriptor;
import dev.weir.core.KeyPart;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.ValuePattern;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The policies that can be asked by their name and one key, of one set. Used by one event loop. */
final class NamedPolicies {

  /** What a name stands for: what is asked with a key, or why nothing can be. */
  private record Named(
      String domain, List<Descriptor.Entry> given, List<String> open, boolean twice) {}

  private final PolicySet set;
  private final Map<String, Named> byName = new HashMap<>();

  NamedPolicies(PolicySet set) {
    this.set = set;
    for (Policy policy : set.policies()) {
      Named named = named(policy);
      byName.put(policy.fullName(), named);
      byName.merge(
          policy.name(), named, (one, other) -> new Named(one.domain, one.given, one.open, true));
    }
  }

  boolean isOf(PolicySet other) {
    return set == other;
  }

  /* The key takes the place of the one entry that the policy leaves open. */
  private static Named named(Policy policy) {
    Map<String, Descriptor.Entry> given = new LinkedHashMap<>();
    Set<String> open = new LinkedHashSet<>();
    for (Condition condition : policy.conditions()) {
      if (condition.pattern() instanceof ValuePattern.Exact exact) {
        given.put(condition.key(), new Descriptor.Entry(condition.key(), exact.value()));
      } else {
        open.add(condition.key());
      }
    }
    for (KeyPart part : policy.key()) {
      open.add(part.entry());
    }
    open.removeAll(given.keySet());
    return new Named(policy.domain(), List.copyOf(given.values()), new ArrayList<>(open), false);
  }

  /**
   * What a check of a key by a policy presents.
   *
   * @throws IllegalArgumentException if the policy is unknown, or the key is not all it needs
   */
  Descriptor descriptor(String policy, String key) {
    @Nullable Named named = byName.get(policy);
    if (named == null) {
      throw new IllegalArgumentException("unknown policy '" + policy + "'");
    }
    if (named.twice) {
      throw new IllegalArgumentException(
          "policy '" + policy + "' (expected: domain/policy, since several domains have it)");
    }
    if (named.open.size() != 1) {
      throw new IllegalArgumentException(
          "policy '"
              + policy
              + "' needs the entries "
              + named.open
              + " (expected: WEIR.CHECK DOMAIN "
              + named.domain
              + " ENTRIES n key value ...)");
    }
    List<Descriptor.Entry> entries = new ArrayList<>(named.given);
    entries.add(new Descriptor.Entry(named.open.getFirst(), key));
    return Descriptor.of(named.domain, entries);
  }
}
