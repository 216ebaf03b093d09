// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.Optional;

/**
 * What one limit said within a decision.
 *
 * @param policy the policy's name
 * @param limit the limit, after overrides
 * @param descriptor position in the check of the descriptor that met it
 * @param key the counter
 * @param verdict what the store said, or what the failure policy said in its place
 * @param holdId the id under which a concurrency limit holds the permits
 * @param estimated whether remaining and reset-after are estimates, because the permits were leased
 *     before (R26)
 */
public record LimitState(
    String policy,
    Limit limit,
    int descriptor,
    CounterKey key,
    Verdict verdict,
    Optional<String> holdId,
    boolean estimated) {

  /** Whether this limit alone would let the check pass, shadow or not. */
  public boolean allowed() {
    return !verdict.outcome().denies();
  }

  /** What to present for a refund; amount 0 if nothing was taken. */
  public Receipt receipt() {
    return new Receipt(key, verdict.mark(), verdict.amount(), holdId);
  }
}
