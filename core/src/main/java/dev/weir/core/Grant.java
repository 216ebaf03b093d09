// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Permits that a store has given to this node, to be spent within a lifetime that began before they
 * were asked for. Safe for use by any number of threads; each permit is spent, or claimed back,
 * once.
 */
final class Grant {

  /** Stands for what is left where there was not enough, or too late. */
  static final long NONE = -1;

  /* What is left of a grant that has been claimed, in place of a number of permits. */
  private static final long CLAIMED = -1;

  static final Grant EMPTY = new Grant(0, 0, 0, 0, 0);

  private static final VarHandle LEFT;

  static {
    try {
      LEFT = MethodHandles.lookup().findVarHandle(Grant.class, "left", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final long departed;
  private final long lifetime;
  private final long trip;
  private final long elsewhere;
  private final long half;

  @SuppressWarnings("UnusedVariable") // by its handle
  private volatile long left;

  /**
   * A grant.
   *
   * @param departed when it was asked for, by this node's clock
   * @param lifetime for how long it may be spent from then
   * @param trip how long the answer took
   * @param elsewhere what the store had left
   */
  Grant(long permits, long departed, long lifetime, long trip, long elsewhere) {
    this.departed = departed;
    this.lifetime = lifetime;
    this.trip = trip;
    this.elsewhere = elsewhere;
    this.half = permits / 2;
    this.left = permits;
  }

  /**
   * Spends permits.
   *
   * @return what is left here, or {@link #NONE} if nothing was spent
   */
  long spend(long cost, long now) {
    // Whoever reads the clock in time and is then held up has decided in time.
    if (!alive(now)) {
      return NONE;
    }
    for (long before = left; before >= cost; before = left) {
      if (LEFT.compareAndSet(this, before, before - cost)) {
        return before - cost;
      }
      Thread.onSpinWait();
    }
    return NONE;
  }

  /** Undoes {@link #spend}; whether what is left had not been claimed. */
  boolean putBack(long cost) {
    for (long before = left; before != CLAIMED; before = left) {
      if (LEFT.compareAndSet(this, before, before + cost)) {
        return true;
      }
      Thread.onSpinWait();
    }
    return false;
  }

  /** Unsigned, so that a clock set back ends it, too. */
  boolean alive(long now) {
    return Long.compareUnsigned(now - departed, lifetime) < 0;
  }

  long left() {
    return Math.max(0, left);
  }

  /** Whether so little is left, with time to go, that more will be needed soon. */
  boolean low(long left, long now) {
    return left <= half && now - departed < lifetime / 2;
  }

  /** Takes what is left out of everybody's reach. */
  long claim() {
    return Math.max(0, (long) LEFT.getAndSet(this, CLAIMED));
  }

  /** How long ago these permits may have been taken, when what is sent now arrives. */
  long age(long now) {
    return Math.max(0, now - departed) + trip;
  }

  /** What the store had left, and this. */
  long estimate(long left, long limit) {
    return Math.min(limit, elsewhere + left);
  }
}
