// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import java.util.ArrayList;
import java.util.List;

/** Every charge by itself, counting from its time for a window, the end excluded. */
final class LogLedger implements Ledger {
  private final long limit;
  private final long window;
  private final List<Event> events = new ArrayList<>();

  LogLedger(long limit, long window) {
    this.limit = limit;
    this.window = window;
  }

  private long time(long now) {
    return events.isEmpty() ? now : Math.max(now, events.getLast().time());
  }

  private boolean counts(Event event, long now) {
    return event.time() > time(now) - window;
  }

  /* Whoever changes a log drops what has expired: no earlier reading brings it back. */
  private void dropExpired(long now) {
    long horizon = time(now) - window;
    events.removeIf(event -> event.time() <= horizon);
  }

  @Override
  public LogLedger copy() {
    LogLedger copy = new LogLedger(limit, window);
    copy.events.addAll(events);
    return copy;
  }

  @Override
  public boolean stepped(long now) {
    return !events.isEmpty() && events.getLast().time() - now > window;
  }

  @Override
  public void repair(long now) {
    long sum = limit - left(now);
    events.clear();
    events.add(new Event(now, sum));
  }

  @Override
  public long left(long now) {
    long sum = 0;
    for (Event event : events) {
      sum += counts(event, now) ? event.amount() : 0;
    }
    return limit - sum;
  }

  @Override
  public void take(long now, long amount) {
    long time = time(now);
    dropExpired(now);
    events.add(new Event(time, amount));
  }

  @Override
  public long stamp(long now) {
    return time(now);
  }

  @Override
  public void giveBack(long now, long stamp, long amount) {
    relieve(now, amount, stamp, stamp);
  }

  @Override
  public void grant(long now, long amount) {
    relieve(now, amount, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /** Relieves the newest charges between two times first: they count longest. */
  private void relieve(long now, long amount, long from, long to) {
    dropExpired(now);
    long left = amount;
    for (int i = events.size() - 1; i >= 0; i--) {
      Event event = events.get(i);
      if (counts(event, now) && from <= event.time() && event.time() <= to) {
        long given = Math.min(left, event.amount());
        left -= given;
        events.set(i, new Event(event.time(), event.amount() - given));
      }
    }
  }
}
