// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The admission of one take by one limit. What a caller may want to know of it is made when it is
 * asked for; most callers ask no more than whether they may go on.
 */
final class QuickAllowed implements Decision.Allowed {

  private final String policy;
  private final BoundLimit limit;
  private final byte[] key;
  private final long left;
  private final long cost;
  private final long now;
  private final boolean estimated;
  // Immutable once made; a race makes it twice.
  private @Nullable LimitState state;

  /**
   * An admission.
   *
   * @param left what {@link QuickTake} answered, or would have, as far as is known
   * @param estimated whether that is an estimate
   */
  QuickAllowed(
      String policy,
      BoundLimit limit,
      byte[] key,
      long left,
      long cost,
      long now,
      boolean estimated) {
    this.policy = policy;
    this.limit = limit;
    this.key = key;
    this.left = left;
    this.cost = cost;
    this.now = now;
    this.estimated = estimated;
  }

  private LimitState state() {
    LimitState made = state;
    if (made == null) {
      made =
          new LimitState(
              policy,
              limit.limit(),
              0,
              CounterKey.wrap(limit.id(), key),
              QuickTake.verdict(limit.kernel(), left, cost, now),
              Optional.empty(),
              estimated);
      state = made;
    }
    return made;
  }

  @Override
  public Reason reason() {
    return Reason.WITHIN_LIMIT;
  }

  @Override
  public List<LimitState> states() {
    return List.of(state());
  }

  @Override
  public Optional<LimitState> deciding() {
    return Optional.of(state());
  }

  @Override
  public String toString() {
    return "Allowed" + states();
  }
}
