// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

/** A limit of a policy, compiled and with its identity: what a match hands to the engine. */
record BoundLimit(LimitId id, Limit limit, Kernel kernel) {

  static BoundLimit of(String policy, Limit limit) {
    return new BoundLimit(LimitId.of(policy, limit.name()), limit, limit.algorithm().kernel());
  }
}
