// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import java.util.ArrayList;
import java.util.List;

/** One counter per window; its time is known as the start of its window. */
final class CounterLedger implements Ledger {

  /** Where a window starts that holds a time. */
  interface Starts {
    long startOf(long time);
  }

  private final long limit;
  private final Starts starts;
  private final List<Event> events = new ArrayList<>();
  private long repaired = Long.MIN_VALUE;
  private long carried;

  CounterLedger(long limit, Starts starts) {
    this.limit = limit;
    this.starts = starts;
  }

  private long window(long now) {
    long stored = stored();
    long own = starts.startOf(now);
    return stored == Long.MIN_VALUE ? own : Math.max(stored, own);
  }

  private long stored() {
    return events.isEmpty() ? repaired : events.getLast().time();
  }

  private long spent(long window) {
    long spent = repaired == window ? carried : 0;
    for (Event event : events) {
      if (event.time() == window) {
        spent = Math.max(0, spent + event.amount());
      }
    }
    return spent;
  }

  @Override
  public CounterLedger copy() {
    CounterLedger copy = new CounterLedger(limit, starts);
    copy.events.addAll(events);
    copy.repaired = repaired;
    copy.carried = carried;
    return copy;
  }

  /* A reading from the window just before may be late; one from before that is not. */
  @Override
  public boolean stepped(long now) {
    long stored = stored();
    return stored != Long.MIN_VALUE
        && now < stored
        && starts.startOf(stored - 1) != starts.startOf(now);
  }

  @Override
  public void repair(long now) {
    carried = spent(stored());
    repaired = starts.startOf(now);
    events.clear();
  }

  @Override
  public long left(long now) {
    return limit - spent(window(now));
  }

  @Override
  public void take(long now, long amount) {
    events.add(new Event(window(now), amount));
  }

  @Override
  public long stamp(long now) {
    return window(now);
  }

  @Override
  public void giveBack(long now, long stamp, long amount) {
    if (window(now) == stamp) {
      grant(now, amount);
    } else {
      grant(now, 0);
    }
  }

  @Override
  public void grant(long now, long amount) {
    events.add(new Event(window(now), -amount));
  }
}
