// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

/**
 * A limit of a policy, compiled and with its identity: what a match hands to the engine.
 *
 * @param leased whether its permits may be bought in advance; never those of a shadow limit
 */
record BoundLimit(LimitId id, Limit limit, Kernel kernel, int kernelId, boolean leased) {

  static BoundLimit of(String policy, Limit limit) {
    return of(LimitId.of(policy, limit.name()), limit);
  }

  static BoundLimit of(LimitId id, Limit limit) {
    Kernel kernel = limit.algorithm().kernel();
    boolean leased = limit.lease().isPresent() && limit.mode() == Mode.ENFORCED;
    return new BoundLimit(id, limit, kernel, KernelIds.of(kernel), leased);
  }

  /**
   * A limit that a request of a domain brought: it counts in a namespace of its own, which no
   * policy's name can be.
   *
   * @throws IllegalArgumentException if requests brought too many different parameters
   */
  static BoundLimit requested(String domain, Limit limit) {
    Limit unleased = limit.lease().isPresent() ? limit.unleased() : limit;
    Kernel kernel = unleased.algorithm().kernel();
    int number = KernelIds.of(kernel, KernelIds.REQUESTED);
    LimitId id = LimitId.of(domain + "/(request)", unleased.name());
    return new BoundLimit(id, unleased, kernel, number, false);
  }
}
