// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One limit bound to one key in advance: the fastest check.
 *
 * <p>Safe for use by any number of threads. In memory an admission allocates nothing.
 */
public final class Handle {

  private static final Place NOWHERE = new Place(new long[0], 0);

  private final RateLimiter limiter;
  private final @Nullable MemoryStore memory;
  private final @Nullable Remote remote;
  private final DecisionListener listener;
  private final Descriptor descriptor;
  private final String policy;
  private final BoundLimit limit;
  private final CounterKey key;
  private final long high;
  private final long low;
  // Found again whenever its segment was replaced. A race finds the same place twice.
  private Place place = NOWHERE;

  /** Where in the table the cell was last seen. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Place(long[] segment, int slot) {}

  Handle(
      RateLimiter limiter,
      @Nullable MemoryStore memory,
      @Nullable Remote remote,
      DecisionListener listener,
      Descriptor descriptor,
      PolicyMatch match,
      CounterKey key) {
    this.limiter = limiter;
    // Where an entry names the cost, what the caller says of it does not count.
    boolean given = match.source().source().cost().isEmpty();
    this.memory = memory != null && memory.steady() && given ? memory : null;
    this.remote = given ? remote : null;
    this.listener = listener;
    this.descriptor = descriptor;
    this.policy = match.policy();
    this.limit = match.limits().getFirst();
    this.key = key;
    Scratch scratch = Scratch.own();
    key.hash(scratch);
    this.high = scratch.high;
    this.low = scratch.low;
  }

  /** Takes one permit; whether there was one. */
  public boolean tryTake() {
    return tryTake(1);
  }

  /**
   * Takes the whole cost or nothing; whether it was admitted.
   *
   * @param cost 1..2<sup>31</sup> − 1
   */
  public boolean tryTake(long cost) {
    MemoryStore store = memory;
    if (store != null && listener == DecisionListener.none()) {
      Place at = place;
      long now = store.time().micros();
      if (at.slot != 0
          && QuickTake.take(limit.kernel(), limit.kernelId(), at.segment, at.slot, cost, now)
              >= 0) {
        return true;
      }
    } else if (remote != null && cost > 0 && listener == DecisionListener.none()) {
      return tryTake(remote, cost);
    }
    return check(cost).allowed();
  }

  private boolean tryTake(Remote elsewhere, long cost) {
    return switch (elsewhere.take(limit, high, low, cost)) {
      case ADMITTED -> true;
      case DENIED -> false;
      case NOTHING -> check(cost).allowed();
    };
  }

  /** Checks at a cost of 1. */
  public Decision check() {
    return check(1);
  }

  /** Checks at the given cost. */
  public Decision check(long cost) {
    Descriptor asked = descriptor.withCost(cost);
    if (remote != null) {
      return check(remote, asked);
    }
    Decision decision = limiter.check(asked);
    MemoryStore store = memory;
    if (store != null) {
      long[] segment = store.table().segmentOf(high);
      place = new Place(segment, CellTable.slotOf(segment, high, low));
    }
    return decision;
  }

  private Decision check(Remote elsewhere, Descriptor asked) {
    Decision known = elsewhere.judge(policy, limit, key.bytes(), high, low, asked.cost());
    if (known == null) {
      return limiter.check(List.of(asked));
    }
    if (listener != DecisionListener.none()) {
      limiter.tell(List.of(asked), known);
    }
    return known;
  }

  /** The counter that this handle charges. */
  public CounterKey key() {
    return key;
  }

  @Override
  public String toString() {
    return limit.id() + " " + descriptor;
  }
}
