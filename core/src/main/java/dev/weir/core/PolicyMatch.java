// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A policy that applies to a descriptor, with the limits that do. Made once per policy set. */
final class PolicyMatch {

  private final CompiledPolicy policy;
  private final List<BoundLimit> limits;
  private final Listing listing;
  private final List<PolicyMatch> alone;
  private final @Nullable Priority shed;
  private final boolean mayShed;
  private final boolean unlimited;
  private final boolean replacing;

  PolicyMatch(CompiledPolicy policy, List<BoundLimit> limits, Listing listing) {
    this.policy = policy;
    this.limits = limits;
    this.listing = listing;
    this.alone = List.of(this);
    this.unlimited = listing == Listing.NONE && limits.isEmpty();
    this.replacing = listing == Listing.NONE && !policy.source().replaces().isEmpty();
    boolean denies = listing == Listing.NONE && policy.source().mode() != Mode.SHADOW;
    this.shed = denies ? policy.shed() : null;
    PriorityRule rule = policy.priority();
    this.mayShed =
        shed != null
            && (rule == null ? Priority.NORMAL.compareTo(shed) <= 0 : rule.mayBeWithin(shed));
  }

  /** The policy's name. */
  String policy() {
    return policy.source().name();
  }

  /** The limits to charge, after overrides; none if the descriptor is listed. */
  List<BoundLimit> limits() {
    return limits;
  }

  /** Whether the policy has no limits, and lets the descriptor pass. */
  boolean unlimited() {
    return unlimited;
  }

  /** Whether limits of other policies give way. */
  boolean replacing() {
    return replacing;
  }

  Listing listing() {
    return listing;
  }

  /**
   * What the descriptor costs.
   *
   * @throws IllegalArgumentException if the entry that names the cost holds no cost
   */
  long cost(Descriptor descriptor) {
    return policy.cost(descriptor);
  }

  /** Appends the bytes of the counter's key, one part for each of the policy's (R18). */
  void writeKey(Descriptor descriptor, KeyBuffer buffer) {
    policy.key().write(descriptor, buffer);
  }

  /** The highest priority that it sheds, by itself or with others that match; null for none. */
  @Nullable Priority shed() {
    return shed;
  }

  /** What the policy says of the descriptor's priority; null if nothing. */
  @Nullable Priority priority(Descriptor descriptor) {
    PriorityRule rule = policy.priority();
    return rule == null ? null : rule.of(descriptor);
  }

  /** Whether a descriptor may be shed if no other policy matches it. */
  boolean mayShed() {
    return mayShed;
  }

  /** Whether the descriptor is shed if no other policy matches it. */
  boolean sheds(Descriptor descriptor) {
    if (shed == null) {
      return false;
    }
    Priority own = priority(descriptor);
    return (own == null ? Priority.NORMAL : own).compareTo(shed) <= 0;
  }

  CompiledPolicy source() {
    return policy;
  }

  /** The list of only this match. */
  List<PolicyMatch> alone() {
    return alone;
  }
}
