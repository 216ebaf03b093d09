// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;

/** A division of time into windows, in microseconds since the epoch. */
sealed interface Windows {

  /** Start of the window that holds the moment. */
  long startOf(long now);

  /** End of the window that starts at the given moment. */
  long endOf(long start);

  /** The window's number: a start in a coarser unit, growing with time. */
  long indexOf(long start);

  /** The start that has the given number. */
  long startAt(long index);

  /** Windows of one length, aligned to the epoch. */
  record Fixed(long micros) implements Windows {
    @Override
    public long startOf(long now) {
      return now - Math.floorMod(now, micros);
    }

    @Override
    public long endOf(long start) {
      return start + micros;
    }

    @Override
    public long indexOf(long start) {
      return Math.floorDiv(start, micros);
    }

    @Override
    public long startAt(long index) {
      return index * micros;
    }
  }

  /**
   * Periods of a calendar. The bounds of the current one are kept, since the calendar's arithmetic
   * costs a thousand times a comparison.
   */
  final class Calendar implements Windows, Kernel.Periods {

    private record Bounds(long start, long end) {
      boolean holds(long micros) {
        return start <= micros && micros < end;
      }
    }

    private final CalendarPeriod period;
    private final ZoneId zone;
    // A race computes the same immutable bounds twice.
    private volatile Bounds last = new Bounds(0, 0);

    Calendar(CalendarPeriod period, ZoneId zone) {
      this.period = period;
      this.zone = zone;
    }

    @Override
    public long startOf(long now) {
      return bounds(now).start;
    }

    @Override
    public long endOf(long start) {
      return bounds(start).end;
    }

    Kernel.Parameters parameters(long limit) {
      return new Kernel.Parameters.Calendar(limit, period, zone, this);
    }

    /* Zones change at whole seconds, so a period starts at one. */
    @Override
    public long indexOf(long start) {
      return Math.floorDiv(start, 1_000_000L);
    }

    @Override
    public long startAt(long index) {
      return index * 1_000_000L;
    }

    private Bounds bounds(long micros) {
      Bounds bounds = last;
      if (!bounds.holds(micros)) {
        bounds = compute(micros);
        last = bounds;
      }
      return bounds;
    }

    private Bounds compute(long micros) {
      ZonedDateTime moment = Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L)).atZone(zone);
      ZonedDateTime start = period.startOf(moment);
      return new Bounds(micros(start), micros(period.after(start)));
    }

    private static long micros(ZonedDateTime moment) {
      return Math.multiplyExact(moment.toEpochSecond(), 1_000_000L);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Calendar c && period == c.period && zone.equals(c.zone);
    }

    @Override
    public int hashCode() {
      return 31 * period.hashCode() + zone.hashCode();
    }
  }
}
