// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import org.jspecify.annotations.Nullable;

/**
 * Reads the times of logs.
 *
 * <ul>
 *   <li>{@code 10/Oct/2025:13:55:36 +0200}, the brackets' time of the combined format
 *   <li>{@code 2025-10-10T13:55:36.123Z}, {@code 2025-10-10 13:55:36,123 +02:00}; ISO 8601
 *   <li>{@code 1760104536}, with a fraction, or in whole milli-, micro- or nanoseconds; since 1970,
 *       told apart by their size
 *   <li>any other by a pattern of {@link DateTimeFormatter}
 * </ul>
 *
 * <p>A time without a zone is one of the zone that the log is said to be in. Digits beyond
 * microseconds are dropped. Used by one thread.
 */
final class TimeParser {

  /** What a text is that holds no time. */
  static final long UNREADABLE = Long.MIN_VALUE;

  private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
  private static final long SECOND = 1_000_000;
  private static final long DAY_SECONDS = 86_400;
  private static final int MOST_DIGITS = 19;
  private static final int LONGEST = 100;

  private final ZoneId zone;
  private final @Nullable DateTimeFormatter pattern;
  private byte[] bytes = new byte[0];
  private int at;
  private int to;
  private long lastDay = -1;
  private long lastDaySeconds;

  TimeParser(ZoneId zone, @Nullable DateTimeFormatter pattern) {
    this.zone = zone;
    this.pattern = pattern;
  }

  /** Microseconds since 1970-01-01T00:00:00Z, or {@link #UNREADABLE}. */
  long parse(String text) {
    byte[] ascii = text.getBytes(ISO_8859_1);
    return parse(ascii, 0, ascii.length);
  }

  /** Microseconds since 1970-01-01T00:00:00Z, or {@link #UNREADABLE}. */
  long parse(byte[] text, int from, int end) {
    bytes = text;
    at = from;
    to = end;
    if (to <= at || to - at > LONGEST) {
      return UNREADABLE;
    }
    if (pattern != null) {
      return patterned(pattern, new String(text, from, end - from, ISO_8859_1));
    }
    if (to - at > 11 && bytes[at + 2] == '/') {
      return combined();
    }
    if (to - at >= 19 && bytes[at + 4] == '-') {
      return iso();
    }
    return epoch();
  }

  private long combined() {
    int day = digits(2);
    at++;
    int month = month();
    at += 4;
    int year = digits(4);
    at++;
    return time(year, month, day);
  }

  private int month() {
    for (int i = 0; i < 12; i++) {
      if (MONTHS.charAt(3 * i) == bytes[at]
          && MONTHS.charAt(3 * i + 1) == bytes[at + 1]
          && MONTHS.charAt(3 * i + 2) == bytes[at + 2]
          && bytes[at + 3] == '/') {
        return i + 1;
      }
    }
    return -1;
  }

  private long iso() {
    int year = digits(4);
    at++;
    int month = digits(2);
    boolean dash = bytes[at++] == '-';
    int day = digits(2);
    boolean separated = bytes[at] == 'T' || bytes[at] == 't' || bytes[at] == ' ';
    at++;
    return dash && separated ? time(year, month, day) : UNREADABLE;
  }

  /** Time of day, fraction and zone, which end the text. */
  private long time(int year, int month, int day) {
    if (to - at < 8 || bytes[at + 2] != ':' || bytes[at + 5] != ':') {
      return UNREADABLE;
    }
    int hour = digits(2);
    at++;
    int minute = digits(2);
    at++;
    int second = digits(2);
    boolean right =
        year >= 1970
            && month >= 1
            && day >= 1
            && hour >= 0
            && hour < 24
            && minute >= 0
            && minute < 60
            && second >= 0
            && second <= 60;
    long days = right ? day(year, month, day) : UNREADABLE;
    if (days == UNREADABLE) {
      return UNREADABLE;
    }
    long fraction = 0;
    if (at < to && (bytes[at] == '.' || bytes[at] == ',')) {
      at++;
      fraction = fraction();
    }
    // A leap second is the second before: the engine's clock has none.
    long seconds = days * DAY_SECONDS + hour * 3_600L + minute * 60L + Math.min(second, 59);
    long offset = offset(seconds);
    return fraction < 0 || offset == UNREADABLE
        ? UNREADABLE
        : (seconds - offset) * SECOND + fraction;
  }

  /** Days since 1970-01-01; the last date is remembered. */
  private long day(int year, int month, int day) {
    long key = ((long) year << 8 | month) << 8 | day;
    if (key != lastDay) {
      try {
        lastDaySeconds = LocalDate.of(year, month, day).toEpochDay();
        lastDay = key;
      } catch (DateTimeException e) {
        return UNREADABLE;
      }
    }
    return lastDaySeconds;
  }

  private long fraction() {
    int first = at;
    long value = 0;
    while (at < to && isDigit(bytes[at])) {
      if (at - first < 6) {
        value = value * 10 + bytes[at] - '0';
      }
      at++;
    }
    int count = at - first;
    for (int i = count; i < 6; i++) {
      value *= 10;
    }
    return count == 0 ? UNREADABLE : value;
  }

  /** The seconds that a zone at the end of the text is ahead of UTC. */
  private long offset(long localSeconds) {
    if (at < to && bytes[at] == ' ') {
      at++;
    }
    if (at == to) {
      return zone instanceof ZoneOffset fixed
          ? fixed.getTotalSeconds()
          : LocalDateTime.ofEpochSecond(localSeconds, 0, ZoneOffset.UTC)
              .atZone(zone)
              .getOffset()
              .getTotalSeconds();
    }
    if (bytes[at] == 'Z' || bytes[at] == 'z') {
      return at + 1 == to ? 0 : UNREADABLE;
    }
    int sign = bytes[at] == '+' ? 1 : bytes[at] == '-' ? -1 : 0;
    at++;
    if (sign == 0 || to - at < 2) {
      return UNREADABLE;
    }
    int hours = digits(2);
    if (at < to && bytes[at] == ':') {
      at++;
    }
    int minutes = at == to ? 0 : to - at == 2 ? digits(2) : -1;
    boolean right = hours >= 0 && hours <= 18 && minutes >= 0 && minutes < 60;
    return right ? sign * (hours * 3_600L + minutes * 60L) : UNREADABLE;
  }

  /** A number since 1970, whose size tells its unit. */
  private long epoch() {
    int first = at;
    long whole = 0;
    while (at < to && isDigit(bytes[at])) {
      if (at - first >= MOST_DIGITS - 1 && whole > Long.MAX_VALUE / 10 - 1) {
        return UNREADABLE;
      }
      whole = whole * 10 + bytes[at] - '0';
      at++;
    }
    if (at == first) {
      return UNREADABLE;
    }
    long fraction = 0;
    if (at < to && bytes[at] == '.') {
      at++;
      fraction = fraction();
    }
    if (at < to || fraction < 0) {
      return UNREADABLE;
    }
    return scaled(whole, fraction);
  }

  /* Seconds reach 10^11 in the year 5138, milliseconds 10^14 with them: there is no overlap. */
  private static long scaled(long whole, long fraction) {
    if (whole < 100_000_000_000L) {
      return whole * SECOND + fraction;
    }
    if (whole < 100_000_000_000_000L) {
      return whole * 1_000 + fraction / 1_000;
    }
    return whole < 100_000_000_000_000_000L ? whole : whole / 1_000;
  }

  private long patterned(DateTimeFormatter formatter, String text) {
    try {
      TemporalAccessor found =
          formatter.parseBest(text, Instant::from, LocalDateTime::from, LocalDate::from);
      Instant instant =
          switch (found) {
            case Instant moment -> moment;
            case LocalDateTime local -> local.atZone(zone).toInstant();
            default -> LocalDate.from(found).atStartOfDay(zone).toInstant();
          };
      long seconds = Math.multiplyExact(instant.getEpochSecond(), SECOND);
      return seconds < 0 ? UNREADABLE : seconds + instant.getNano() / 1_000;
    } catch (DateTimeException | ArithmeticException e) {
      return UNREADABLE;
    }
  }

  /** The number that so many digits make; −1 if they are none. */
  private int digits(int count) {
    int value = 0;
    for (int i = 0; i < count; i++) {
      if (at >= to || !isDigit(bytes[at])) {
        return -1;
      }
      value = value * 10 + bytes[at++] - '0';
    }
    return value;
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }
}
