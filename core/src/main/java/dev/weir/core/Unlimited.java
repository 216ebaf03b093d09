// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

/**
 * That a descriptor met a policy without limits.
 *
 * @param policy the policy's name
 * @param descriptor position in the check of the descriptor that met it
 * @since 0.1
 */
public record Unlimited(String policy, int descriptor) {
  public Unlimited {
    requireNonNull(policy, "policy");
  }
}
