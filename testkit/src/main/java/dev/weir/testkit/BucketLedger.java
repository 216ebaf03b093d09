// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import dev.weir.core.TokenBucket;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Counts in permits × period: a permit is {@code period} parts, a tick earns {@code refill}. */
final class BucketLedger implements Ledger {
  private static final BigInteger MOST = BigInteger.TWO.pow(52);
  private static final BigInteger MOST_GAIN = BigInteger.TWO.pow(30);

  private final BigInteger full;
  private final BigInteger period;
  private final BigInteger refill;
  private final long tick;
  private final List<Event> events = new ArrayList<>();

  /** Stands for a repair among the amounts. */
  private static final long REPAIR = Long.MIN_VALUE;

  BucketLedger(TokenBucket bucket) {
    this.tick = tick(bucket);
    this.period = BigInteger.valueOf(Ledger.micros(bucket.period()) / tick);
    this.refill = BigInteger.valueOf(bucket.refill());
    this.full = period.multiply(BigInteger.valueOf(bucket.capacity()));
  }

  private BucketLedger(BucketLedger other) {
    this.full = other.full;
    this.period = other.period;
    this.refill = other.refill;
    this.tick = other.tick;
    this.events.addAll(other.events);
  }

  /* The finest power of ten for which a full bucket, in lowest terms, stays below 2^53 with its
   * debt, the gain at 2^30 and the ticks to full below 2^42. */
  private static long tick(TokenBucket bucket) {
    for (long tick = 1; ; tick *= 10) {
      BigInteger period = BigInteger.valueOf(Ledger.micros(bucket.period()) / tick);
      BigInteger common = period.gcd(BigInteger.valueOf(bucket.refill()));
      BigInteger full = period.divide(common).multiply(BigInteger.valueOf(bucket.capacity()));
      BigInteger gain = BigInteger.valueOf(bucket.refill()).divide(common);
      if (full.compareTo(MOST) <= 0
          && gain.compareTo(MOST_GAIN) <= 0
          && full.divide(gain).bitLength() <= 42) {
        return tick;
      }
    }
  }

  /** Parts held at a tick, and the tick up to which they are counted. */
  private record Held(BigInteger parts, long at) {}

  private Held held(long now) {
    long until = Math.floorDiv(now, tick);
    if (events.isEmpty()) {
      return new Held(full, until);
    }
    BigInteger parts = full;
    long at = events.getFirst().time();
    for (Event event : events) {
      if (event.amount() == REPAIR) {
        at = event.time();
      } else {
        parts = earned(parts, event.time() - at);
        at = Math.max(at, event.time());
        parts = parts.subtract(period.multiply(BigInteger.valueOf(event.amount()))).min(full);
      }
    }
    return new Held(earned(parts, until - at), Math.max(at, until));
  }

  private BigInteger earned(BigInteger parts, long ticks) {
    return ticks <= 0 ? parts : parts.add(refill.multiply(BigInteger.valueOf(ticks))).min(full);
  }

  @Override
  public BucketLedger copy() {
    return new BucketLedger(this);
  }

  @Override
  public boolean stepped(long now) {
    BigInteger[] toFull = full.divideAndRemainder(refill);
    long ticksToFull = toFull[0].longValueExact() + (toFull[1].signum() > 0 ? 1 : 0);
    return held(now).at - Math.floorDiv(now, tick) > ticksToFull;
  }

  @Override
  public void repair(long now) {
    events.add(new Event(Math.floorDiv(now, tick), REPAIR));
  }

  @Override
  public long left(long now) {
    BigInteger[] permits = held(now).parts.divideAndRemainder(period);
    return permits[0].longValueExact() - (permits[1].signum() < 0 ? 1 : 0);
  }

  @Override
  public void take(long now, long amount) {
    events.add(new Event(held(now).at, amount));
  }

  @Override
  public long stamp(long now) {
    return 0;
  }

  @Override
  public void giveBack(long now, long stamp, long amount) {
    grant(now, amount);
  }

  @Override
  public void grant(long now, long amount) {
    events.add(new Event(held(now).at, -amount));
  }
}
