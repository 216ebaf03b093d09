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
}
