// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import dev.weir.core.CalendarPeriod;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoField;
import java.util.HashMap;
import java.util.Map;

/** Calendar periods, found by the label that a moment's date and time give its period. */
final class CalendarStarts implements CounterLedger.Starts {
  private static final long SECOND = 1_000_000;

  private final CalendarPeriod period;
  private final ZoneId zone;
  private final Map<String, Long> starts = new HashMap<>();

  CalendarStarts(CalendarPeriod period, ZoneId zone) {
    this.period = period;
    this.zone = zone;
  }

  @Override
  public long startOf(long time) {
    long second = Math.floorDiv(time, SECOND);
    return starts.computeIfAbsent(label(second), label -> first(label, second)) * SECOND;
  }

  /** The first second that has the label of the given one. */
  private long first(String label, long second) {
    long inside = second;
    long step = 1L << 26;
    while (step > 0) {
      // No period is interrupted, and none is shorter than the steps that end the search.
      if (label(inside - step).equals(label)) {
        inside -= step;
      } else {
        step /= 2;
      }
    }
    return inside;
  }

  private String label(long second) {
    ZonedDateTime moment = Instant.ofEpochSecond(second).atZone(zone);
    return switch (period) {
      case HOUR -> moment.toLocalDate() + " " + moment.getHour() + moment.getOffset();
      case DAY -> moment.toLocalDate().toString();
      case WEEK ->
          moment.toLocalDate().minusDays(moment.get(ChronoField.DAY_OF_WEEK) - 1L).toString();
      case MONTH -> moment.getYear() + "-" + moment.getMonthValue();
      case YEAR -> Integer.toString(moment.getYear());
    };
  }
}
