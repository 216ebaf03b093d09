// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

/**
 * One limit applied to one key at one cost inside a check.
 *
 * @param key the counter
 * @param kernel the limit's compiled parameters
 * @param cost permits; 0..2<sup>31</sup> − 1
 * @param mode enforced, shadow or quota
 * @param operation what to do
 */
public record Charge(CounterKey key, Kernel kernel, long cost, Mode mode, Operation operation) {
  public Charge {
    requireNonNull(key, "key");
    requireNonNull(kernel, "kernel");
    requireNonNull(mode, "mode");
    requireNonNull(operation, "operation");
    Require.within("cost", cost, 0, Descriptor.MAX_COST);
  }
}
