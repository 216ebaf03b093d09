// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.math.BigInteger;
import java.time.Duration;

/**
 * Two counters: admitted is what keeps {@code current + previous × (window − elapsed) ÷ window}
 * within the limit, compared without a division.
 *
 * @param limit most permits per window
 * @param ticks length of the window in ticks
 * @param tickMicros length of a tick
 */
record SlidingWindowKernel(long limit, long ticks, long tickMicros)
    implements Kernel, Step.Arithmetic<SlidingWindowKernel.Counters> {

  static final long MAX_LIMIT = (1L << 27) - 1;

  /** Number of the current window, and what was spent in the one before and in it. */
  record Counters(long index, long previous, long current) implements State {}

  static SlidingWindowKernel compile(long limit, Duration window) {
    Require.within("limit", limit, 1, MAX_LIMIT);
    long micros = Require.micros("window", window);
    for (long tick = 1; tick <= micros && micros % tick == 0; tick *= 10) {
      // Debt doubles what a counter may hold.
      if (micros / tick <= (1L << 52) / (2 * limit)) {
        return new SlidingWindowKernel(limit, micros / tick, tick);
      }
    }
    throw new IllegalArgumentException(
        "sliding window: limit "
            + limit
            + " in "
            + window
            + " (expected: values whose exact count stays below 2^53; choose a rounder window)");
  }

  @Override
  public Parameters parameters() {
    return new Parameters.Sliding(limit, ticks, tickMicros);
  }

  @Override
  public Verdict judgeTake(boolean charged, long cost, long nowMicros, long first, long second) {
    Counters settled = new Counters(index(nowMicros), first, second);
    return Step.judgeTake(this, settled, nowMicros, charged, cost);
  }

  private long windowMicros() {
    return ticks * tickMicros;
  }

  long index(long now) {
    return Math.floorDiv(now, windowMicros());
  }

  /** Ticks of the stored window that have passed; 0 for a reading from before it. */
  private long elapsed(long index, long now) {
    return Math.max(0, Math.floorDiv(now - index * windowMicros(), tickMicros));
  }

  @Override
  public Counters fresh(long now) {
    return new Counters(index(now), 0, 0);
  }

  @Override
  public boolean ahead(Counters state, long now) {
    return index(now) < state.index - 1;
  }

  @Override
  public Counters settle(Counters state, long now) {
    long index = index(now);
    if (index == state.index) {
      return state;
    }
    if (index < state.index) {
      return ahead(state, now) ? new Counters(index, state.previous, state.current) : state;
    }
    return new Counters(index, index == state.index + 1 ? state.current : 0, 0);
  }

  @Override
  public long balance(Counters settled, long now) {
    return left(settled.index, settled.previous, settled.current, now);
  }

  /** The balance of a settled state that is given by its parts. */
  long left(long index, long previous, long current, long now) {
    return limit - current - weighted(previous, ticks - elapsed(index, now));
  }

  /** ceil(previous × covered ÷ ticks), where more may be spent than this limit allows (R21). */
  private long weighted(long previous, long covered) {
    return previous <= 2 * limit
        ? Math.ceilDiv(previous * covered, ticks)
        : BigInteger.valueOf(previous)
            .multiply(BigInteger.valueOf(covered))
            .add(BigInteger.valueOf(ticks - 1))
            .divide(BigInteger.valueOf(ticks))
            .longValueExact();
  }

  @Override
  public boolean fits(Counters settled, long cost, long now) {
    return cost <= balance(settled, now);
  }

  @Override
  public Counters take(Counters settled, long cost, long now) {
    return new Counters(settled.index, settled.previous, settled.current + cost);
  }

  @Override
  public Counters giveBack(Counters settled, long amount, long mark, long now) {
    if (mark == settled.index) {
      long current = Math.max(0, settled.current - amount);
      return new Counters(settled.index, settled.previous, current);
    }
    if (mark == settled.index - 1) {
      long previous = Math.max(0, settled.previous - amount);
      return new Counters(settled.index, previous, settled.current);
    }
    return settled;
  }

  /* The current window is relieved first: what is spent there counts longest. */
  @Override
  public Counters grant(Counters settled, long amount, long now) {
    long fromCurrent = Math.min(settled.current, amount);
    long previous = Math.max(0, settled.previous - (amount - fromCurrent));
    return new Counters(settled.index, previous, settled.current - fromCurrent);
  }

  @Override
  public long retryAfter(Counters settled, long cost, long now) {
    long room = limit - settled.current - cost;
    long tick;
    if (room >= 0) {
      // Within this window: previous × (ticks − e) ≤ room × ticks.
      tick = settled.index * ticks + ticks - room * ticks / settled.previous;
    } else {
      // Within the next, where today's current has become the previous.
      tick = (settled.index + 2) * ticks - (limit - cost) * ticks / settled.current;
      tick = Math.max(tick, (settled.index + 1) * ticks);
    }
    return tick * tickMicros - now;
  }

  @Override
  public long resetAfter(Counters settled, long now) {
    if (settled.current > 0) {
      return (settled.index + 2) * windowMicros() - now;
    }
    return settled.previous > 0 ? (settled.index + 1) * windowMicros() - now : 0;
  }

  @Override
  public long mark(Counters settled, long now) {
    return settled.index;
  }

  @Override
  public Counters adopt(State other, Kernel from, long now) {
    if (!(other instanceof Counters windows) || !(from instanceof SlidingWindowKernel old)) {
      return fresh(now);
    }
    Counters settled = old.settle(windows, now);
    long stored = Math.max(now, settled.index * old.windowMicros());
    return new Counters(index(stored), settled.previous, settled.current);
  }
}
