// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * What a charge returns so that it can be refunded: where it was taken, when, and how much.
 *
 * @param key the counter that was charged
 * @param mark the window or tick of the charge, in the unit of its algorithm
 * @param amount permits taken; 0 for a charge that took nothing
 * @param holdId the id of the hold on a concurrency limit
 */
public record Receipt(CounterKey key, long mark, long amount, Optional<String> holdId) {
  public Receipt {
    requireNonNull(key, "key");
    requireNonNull(holdId, "holdId");
    Require.within("amount", amount, 0, Descriptor.MAX_COST);
  }
}
