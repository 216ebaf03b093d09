// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class CalendarPeriodTest {

  private static final ZoneId LORD_HOWE = ZoneId.of("Australia/Lord_Howe");

  private static long micros(Instant instant) {
    return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1_000;
  }

  private static long at(String local, ZoneId zone) {
    return micros(LocalDateTime.parse(local).atZone(zone).toInstant());
  }

  private static void assertPeriod(
      CalendarPeriod period, String zoneName, String within, String start, String end) {
    ZoneId zone = ZoneId.of(zoneName);
    Windows windows = new Windows.Calendar(period, zone);
    long found = windows.startOf(at(within, zone));
    assertThat(found).as("%s %s", period, within).isEqualTo(at(start, zone));
    assertThat(windows.endOf(found)).as("%s %s", period, within).isEqualTo(at(end, zone));
    assertThat(windows.startAt(windows.indexOf(found))).isEqualTo(found);
  }

  @Test
  void day_acrossDaylightSaving_startsAtMidnight() {
    String paris = "Europe/Paris";
    assertPeriod(
        CalendarPeriod.DAY, paris, "2026-03-29T12:00", "2026-03-29T00:00", "2026-03-30T00:00");
    assertPeriod(
        CalendarPeriod.DAY, paris, "2026-10-25T12:00", "2026-10-25T00:00", "2026-10-26T00:00");
    String york = "America/New_York";
    assertPeriod(
        CalendarPeriod.DAY, york, "2026-03-08T23:00", "2026-03-08T00:00", "2026-03-09T00:00");
    assertPeriod(
        CalendarPeriod.DAY, york, "2026-11-01T00:30", "2026-11-01T00:00", "2026-11-02T00:00");
    assertPeriod(
        CalendarPeriod.DAY,
        "Asia/Kolkata",
        "2026-11-01T05:29:59",
        "2026-11-01T00:00",
        "2026-11-02T00:00");
  }

  @Test
  void day_whoseMidnightIsSkipped_startsAtItsFirstMoment() {
    // Beirut moves from 00:00 to 01:00.
    assertPeriod(
        CalendarPeriod.DAY,
        "Asia/Beirut",
        "2026-03-29T05:00",
        "2026-03-29T01:00",
        "2026-03-30T00:00");
  }

  @Test
  void month_anyLength_endsWhereTheNextBegins() {
    String utc = "UTC";
    assertPeriod(
        CalendarPeriod.MONTH, utc, "2028-02-29T10:00", "2028-02-01T00:00", "2028-03-01T00:00");
    assertPeriod(
        CalendarPeriod.MONTH, utc, "2100-02-28T10:00", "2100-02-01T00:00", "2100-03-01T00:00");
    assertPeriod(
        CalendarPeriod.MONTH, utc, "2026-12-31T23:59", "2026-12-01T00:00", "2027-01-01T00:00");
  }

  @Test
  void week_startsOnMonday() {
    String york = "America/New_York";
    assertPeriod(
        CalendarPeriod.WEEK, york, "2026-03-08T12:00", "2026-03-02T00:00", "2026-03-09T00:00");
    assertPeriod(
        CalendarPeriod.WEEK, york, "2026-03-09T00:00", "2026-03-09T00:00", "2026-03-16T00:00");
    assertPeriod(
        CalendarPeriod.WEEK, york, "2027-01-01T00:00", "2026-12-28T00:00", "2027-01-04T00:00");
  }

  @Test
  void year_startsInItsZone() {
    assertPeriod(
        CalendarPeriod.YEAR,
        "Asia/Kolkata",
        "2027-01-01T03:00",
        "2027-01-01T00:00",
        "2028-01-01T00:00");
  }

  @Test
  void hour_thatComesTwice_isTwoHours() {
    Windows windows = new Windows.Calendar(CalendarPeriod.HOUR, ZoneId.of("Europe/Paris"));
    long first = micros(Instant.parse("2026-10-25T00:00:00Z"));
    assertThat(windows.startOf(first + 1)).isEqualTo(first);
    assertThat(windows.endOf(first)).isEqualTo(first + 3_600_000_000L);
    assertThat(windows.startOf(first + 3_600_000_000L)).isEqualTo(first + 3_600_000_000L);
  }

  @Test
  void hour_whoseHalfComesTwice_lastsUntilTheNextHour() {
    // On 5 April 2026 Lord Howe goes from 02:00 (+11) to 01:30 (+10:30).
    Windows windows = new Windows.Calendar(CalendarPeriod.HOUR, LORD_HOWE);
    long start = micros(Instant.parse("2026-04-04T14:00:00Z"));
    long end = micros(Instant.parse("2026-04-04T15:30:00Z"));
    for (long moment = start; moment < end; moment += 300_000_000L) {
      assertThat(windows.startOf(moment)).isEqualTo(start);
    }
    assertThat(windows.endOf(start)).isEqualTo(end);
    assertThat(windows.startOf(end)).isEqualTo(end);
  }

  @Test
  void periods_ofAnyZone_coverTimeWithoutGapOrOverlap() {
    Random random = new Random(5);
    for (String zone : ZoneId.getAvailableZoneIds()) {
      for (CalendarPeriod period : CalendarPeriod.values()) {
        Windows windows = new Windows.Calendar(period, ZoneId.of(zone));
        for (int i = 0; i < 20; i++) {
          long moment = 500_000_000_000_000L + random.nextLong(2_000_000_000_000_000L);
          long start = windows.startOf(moment);
          long end = windows.endOf(start);
          assertThat(start).as("%s %s %d", zone, period, moment).isLessThanOrEqualTo(moment);
          assertThat(end).as("%s %s %d", zone, period, moment).isGreaterThan(moment);
          assertThat(windows.startOf(end)).as("%s %s %d", zone, period, moment).isEqualTo(end);
          assertThat(windows.startOf(end - 1)).as("%s %s", zone, period).isEqualTo(start);
          assertThat(windows.startOf(start)).as("%s %s", zone, period).isEqualTo(start);
        }
      }
    }
  }
}
