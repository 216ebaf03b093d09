// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import dev.weir.core.SlidingWindow;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Two counters, the earlier one weighted by how much of it the sliding window still covers. */
final class SlidingLedger implements Ledger {
  private final long limit;
  private final long window;
  private final long tick;
  private final List<Event> events = new ArrayList<>();

  SlidingLedger(SlidingWindow sliding) {
    this.limit = sliding.limit();
    this.window = Ledger.micros(sliding.window());
    long finest = 1;
    while (window / finest > (1L << 52) / (2 * limit)) {
      finest *= 10;
    }
    this.tick = finest;
  }

  private SlidingLedger(SlidingLedger other) {
    this.limit = other.limit;
    this.window = other.window;
    this.tick = other.tick;
    this.events.addAll(other.events);
  }

  private long index(long now) {
    long own = Math.floorDiv(now, window);
    return events.isEmpty() ? own : Math.max(own, events.getLast().time());
  }

  private long spent(long index) {
    long spent = 0;
    for (Event event : events) {
      if (event.time() == index) {
        spent = Math.max(0, spent + event.amount());
      }
    }
    return spent;
  }

  @Override
  public SlidingLedger copy() {
    return new SlidingLedger(this);
  }

  @Override
  public boolean stepped(long now) {
    return !events.isEmpty() && Math.floorDiv(now, window) < events.getLast().time() - 1;
  }

  @Override
  public void repair(long now) {
    long stored = events.getLast().time();
    long previous = spent(stored - 1);
    long current = spent(stored);
    long index = Math.floorDiv(now, window);
    events.clear();
    events.add(new Event(index - 1, previous));
    events.add(new Event(index, current));
  }

  @Override
  public long left(long now) {
    long index = index(now);
    long elapsed = Math.max(0, now - index * window) / tick * tick;
    BigInteger[] weighted =
        BigInteger.valueOf(spent(index - 1))
            .multiply(BigInteger.valueOf(window - elapsed))
            .divideAndRemainder(BigInteger.valueOf(window));
    long rounded = weighted[0].longValueExact() + (weighted[1].signum() > 0 ? 1 : 0);
    return limit - spent(index) - rounded;
  }

  @Override
  public void take(long now, long amount) {
    events.add(new Event(index(now), amount));
  }

  @Override
  public long stamp(long now) {
    return index(now);
  }

  /* What is given back to the window before goes into the history before anything since. */
  @Override
  public void giveBack(long now, long stamp, long amount) {
    long index = index(now);
    if (stamp == index) {
      events.add(new Event(index, -amount));
    } else {
      relieve(index, stamp == index - 1 ? amount : 0);
    }
  }

  private void relieve(long index, long amount) {
    events.add(new Event(index - 1, -amount));
    events.add(new Event(index, 0));
  }

  /* What counts longest is given back first. */
  @Override
  public void grant(long now, long amount) {
    long index = index(now);
    long current = Math.min(amount, spent(index));
    relieve(index, amount - current);
    events.add(new Event(index, -current));
  }
}
