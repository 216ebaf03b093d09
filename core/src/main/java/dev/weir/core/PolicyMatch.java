// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.List;

/** A policy that applies to a descriptor, with the limits that do. Made once per policy set. */
final class PolicyMatch {

  private final CompiledPolicy policy;
  private final List<BoundLimit> limits;
  private final Listing listing;
  private final List<PolicyMatch> alone;

  PolicyMatch(CompiledPolicy policy, List<BoundLimit> limits, Listing listing) {
    this.policy = policy;
    this.limits = limits;
    this.listing = listing;
    this.alone = List.of(this);
  }

  /** The policy's name. */
  String policy() {
    return policy.source().name();
  }

  /** The limits to charge, after overrides; none if the descriptor is listed. */
  List<BoundLimit> limits() {
    return limits;
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

  CompiledPolicy source() {
    return policy;
  }

  /** The list of only this match. */
  List<PolicyMatch> alone() {
    return alone;
  }
}
