// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.time.Duration;
import java.time.ZoneId;

/**
 * One counter per window: the fixed window and the calendar quota differ only in where windows
 * start.
 */
final class WindowKernel implements Kernel, Step.Arithmetic<WindowKernel.Window> {

  private static final long MAX_LIMIT = (1L << 52) - 1;

  /** Start of the window in microseconds, and what is spent in it: more than the limit in debt. */
  record Window(long start, long spent) implements State {}

  private final long limit;
  private final Windows windows;

  private WindowKernel(long limit, long least, Windows windows) {
    this.limit = Require.within("limit", limit, least, MAX_LIMIT);
    this.windows = windows;
  }

  static WindowKernel fixed(long limit, Duration window) {
    return new WindowKernel(limit, 0, new Windows.Fixed(Require.micros("window", window)));
  }

  static WindowKernel calendar(long limit, CalendarPeriod period, ZoneId zone) {
    return new WindowKernel(limit, 1, new Windows.Calendar(period, zone));
  }

  @Override
  public long limit() {
    return limit;
  }

  Windows windows() {
    return windows;
  }

  @Override
  public Parameters parameters() {
    return switch (windows) {
      case Windows.Fixed fixed -> new Parameters.Window(limit, fixed.micros());
      case Windows.Calendar calendar -> calendar.parameters(limit);
    };
  }

  @Override
  public Verdict judgeTake(boolean charged, long cost, long nowMicros, long first, long second) {
    Window settled = new Window(windows.startOf(nowMicros), first);
    return Step.judgeTake(this, settled, nowMicros, charged, cost);
  }

  @Override
  public Window fresh(long now) {
    return new Window(windows.startOf(now), 0);
  }

  /* The stored time is known to the window only: a reading from before the window before it cannot
   * be a racing thread's. */
  @Override
  public boolean ahead(Window state, long now) {
    return now < state.start && windows.endOf(windows.startOf(now)) < state.start;
  }

  @Override
  public Window settle(Window state, long now) {
    if (now < state.start) {
      return ahead(state, now) ? new Window(windows.startOf(now), state.spent) : state;
    }
    long start = windows.startOf(now);
    return start == state.start ? state : new Window(start, 0);
  }

  @Override
  public long balance(Window settled, long now) {
    return limit - settled.spent;
  }

  @Override
  public boolean fits(Window settled, long cost, long now) {
    return settled.spent + cost <= limit;
  }

  @Override
  public Window take(Window settled, long cost, long now) {
    return new Window(settled.start, settled.spent + cost);
  }

  @Override
  public Window giveBack(Window settled, long amount, long mark, long now) {
    return windows.indexOf(settled.start) == mark ? grant(settled, amount, now) : settled;
  }

  @Override
  public Window grant(Window settled, long amount, long now) {
    return new Window(settled.start, Math.max(0, settled.spent - amount));
  }

  @Override
  public long retryAfter(Window settled, long cost, long now) {
    return windows.endOf(settled.start) - now;
  }

  @Override
  public long resetAfter(Window settled, long now) {
    return settled.spent == 0 ? 0 : windows.endOf(settled.start) - now;
  }

  @Override
  public long mark(Window settled, long now) {
    return windows.indexOf(settled.start);
  }

  /* What is spent stays spent, in the new window that holds the same moment. */
  @Override
  public Window adopt(State other, Kernel from, long now) {
    if (!(other instanceof Window window)
        || !(from instanceof WindowKernel old)
        || old.windows.getClass() != windows.getClass()) {
      return fresh(now);
    }
    Window settled = old.settle(window, now);
    return new Window(windows.startOf(Math.max(now, settled.start)), settled.spent);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WindowKernel k && limit == k.limit && windows.equals(k.windows);
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(limit) + windows.hashCode();
  }
}
