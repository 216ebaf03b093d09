// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;

/** A unit of the calendar; weeks start on Monday (ISO 8601). */
public enum CalendarPeriod {
  HOUR,
  DAY,
  WEEK,
  MONTH,
  YEAR;

  /** Start of the period in which the given moment lies. */
  ZonedDateTime startOf(ZonedDateTime moment) {
    LocalDate date = moment.toLocalDate();
    ZoneId zone = moment.getZone();
    return switch (this) {
      case HOUR -> moment.truncatedTo(ChronoUnit.HOURS);
      case DAY -> date.atStartOfDay(zone);
      case WEEK -> date.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY)).atStartOfDay(zone);
      case MONTH -> date.withDayOfMonth(1).atStartOfDay(zone);
      case YEAR -> date.withDayOfYear(1).atStartOfDay(zone);
    };
  }

  // Where a clock goes back by half an hour, an hour on it is still the same hour.
  private ZonedDateTime hourAfter(ZonedDateTime start) {
    ZonedDateTime next = startOf(start.plusHours(1));
    return next.isAfter(start) ? next : startOf(start.plusHours(2));
  }

  /** Start of the period after the one that starts at the given moment. */
  ZonedDateTime after(ZonedDateTime start) {
    LocalDate date = start.toLocalDate();
    ZoneId zone = start.getZone();
    return switch (this) {
      case HOUR -> hourAfter(start);
      case DAY -> date.plusDays(1).atStartOfDay(zone);
      case WEEK -> date.plusWeeks(1).atStartOfDay(zone);
      case MONTH -> date.plusMonths(1).atStartOfDay(zone);
      case YEAR -> date.plusYears(1).atStartOfDay(zone);
    };
  }
}
