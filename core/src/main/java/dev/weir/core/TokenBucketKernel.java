// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.time.Duration;

/**
 * Token bucket in whole units: with refill per period in lowest terms, a permit is {@code unit}
 * units and each tick earns {@code gain} of them, so nothing is ever rounded but the tick.
 *
 * <p>Example: 100 permits per minute at a tick of 1 µs is 1 permit per 600 000 µs: a permit is 600
 * 000 units, a tick earns 1, and a full bucket of 100 holds 60 000 000.
 *
 * @param limit most permits
 * @param unit units of one permit
 * @param gain units earned per tick
 * @param tickMicros length of a tick
 */
record TokenBucketKernel(long limit, long unit, long gain, long tickMicros)
    implements Kernel, Step.Arithmetic<TokenBucketKernel.Bucket> {

  /* Debt goes one capacity deep, so a state spans 2 × full, which stays below 2^53. */
  private static final long MAX_FULL = 1L << 52;

  /* A cell in memory counts in doubled units modulo 2^64; at this gain an hour of idleness, within
   * which a sweep visits every cell, spans a quarter of them. */
  private static final long MAX_GAIN = 1L << 30;

  /* A cell keeps 44 bits of the tick up to which credit is counted, in memory and on a clock that may
   * be set back: a bucket must be full, even from its greatest debt, within half of what they span. */
  private static final long MAX_TICKS_TO_FULL = 1L << 42;

  /** Units held, negative in debt, and the tick up to which they are counted. */
  record Bucket(long credit, long at) implements State {}

  /** Finds the finest tick at which everything can be counted exactly (R3). */
  static TokenBucketKernel compile(long capacity, long refill, Duration period) {
    Require.within("capacity", capacity, 1, (1L << 53) - 1);
    Require.within("refill", refill, 1, (1L << 53) - 1);
    long micros = Require.micros("period", period);
    for (long tick = 1; tick <= micros && micros % tick == 0; tick *= 10) {
      long ticks = micros / tick;
      long divisor = gcd(refill, ticks);
      long unit = ticks / divisor;
      long gain = refill / divisor;
      if (gain <= MAX_GAIN
          && unit <= MAX_FULL / capacity
          && capacity * unit / gain < MAX_TICKS_TO_FULL) {
        return new TokenBucketKernel(capacity, unit, gain, tick);
      }
    }
    throw new IllegalArgumentException(
        "token bucket: capacity "
            + capacity
            + ", refill "
            + refill
            + " per "
            + period
            + " (expected: values whose exact count stays below 2^53; choose a rounder rate)");
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  long full() {
    return limit * unit;
  }

  @Override
  public Parameters parameters() {
    return new Parameters.Bucket(limit, unit, gain, tickMicros);
  }

  @Override
  public Verdict judgeTake(boolean charged, long cost, long nowMicros, long first, long second) {
    return Step.judgeTake(this, new Bucket(first, ticks(nowMicros)), nowMicros, charged, cost);
  }

  long ticks(long micros) {
    return tickMicros == 1 ? micros : Math.floorDiv(micros, tickMicros);
  }

  private long micros(long tick, long now) {
    return tick * tickMicros - now;
  }

  @Override
  public Bucket fresh(long now) {
    return new Bucket(full(), ticks(now));
  }

  @Override
  public boolean ahead(Bucket state, long now) {
    return state.at - ticks(now) > Math.ceilDiv(full(), gain);
  }

  @Override
  public Bucket settle(Bucket state, long now) {
    long tick = ticks(now);
    long elapsed = tick - state.at;
    if (elapsed <= 0) {
      return ahead(state, now) ? new Bucket(state.credit, tick) : state;
    }
    long room = full() - state.credit;
    // Rounded up: whoever has waited at least that long is full, and the product stays below full.
    long credit = elapsed >= Math.ceilDiv(room, gain) ? full() : state.credit + elapsed * gain;
    return new Bucket(credit, tick);
  }

  @Override
  public long balance(Bucket settled, long now) {
    return Math.floorDiv(settled.credit, unit);
  }

  @Override
  public boolean fits(Bucket settled, long cost, long now) {
    return settled.credit >= cost * unit;
  }

  @Override
  public Bucket take(Bucket settled, long cost, long now) {
    return new Bucket(settled.credit - cost * unit, settled.at);
  }

  @Override
  public Bucket giveBack(Bucket settled, long amount, long mark, long now) {
    return grant(settled, amount, now);
  }

  @Override
  public Bucket grant(Bucket settled, long amount, long now) {
    long added = Math.min(amount, 2 * limit) * unit;
    return new Bucket(Math.min(full(), settled.credit + added), settled.at);
  }

  @Override
  public long retryAfter(Bucket settled, long cost, long now) {
    return micros(settled.at + Math.ceilDiv(cost * unit - settled.credit, gain), now);
  }

  @Override
  public long resetAfter(Bucket settled, long now) {
    long missing = full() - settled.credit;
    return missing == 0 ? 0 : micros(settled.at + Math.ceilDiv(missing, gain), now);
  }

  @Override
  public long mark(Bucket settled, long now) {
    return settled.at;
  }

  /* Credit is carried over by floor: whole permits first, then the fraction in the new unit. */
  @Override
  public Bucket adopt(State other, Kernel from, long now) {
    if (!(other instanceof Bucket bucket) || !(from instanceof TokenBucketKernel old)) {
      return fresh(now);
    }
    Bucket settled = old.settle(bucket, now);
    long whole = Math.floorDiv(settled.credit, old.unit);
    long fraction = Math.floorMod(settled.credit, old.unit);
    if (whole >= limit) {
      return new Bucket(full(), ticks(now));
    }
    long units = Math.max(-limit, whole) * unit + scaled(fraction, old.unit);
    // The tick is rounded up and an earlier reading counts as the stored time: no time counts
    // twice.
    long stored = Math.max(now, settled.at * old.tickMicros);
    return new Bucket(units, Math.ceilDiv(stored, tickMicros));
  }

  /** floor(fraction × unit ÷ oldUnit), where the product may exceed 64 bits. */
  private long scaled(long fraction, long oldUnit) {
    long high = Math.multiplyHigh(fraction, unit);
    return high == 0 && fraction * unit >= 0
        ? fraction * unit / oldUnit
        : java.math.BigInteger.valueOf(fraction)
            .multiply(java.math.BigInteger.valueOf(unit))
            .divide(java.math.BigInteger.valueOf(oldUnit))
            .longValueExact();
  }
}
