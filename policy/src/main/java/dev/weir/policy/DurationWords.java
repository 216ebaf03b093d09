// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static java.util.Objects.requireNonNull;

import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lengths of time in plain words: a whole number and a unit ({@code 250us}, {@code 100ms}, {@code
 * 30s}, {@code 5 minutes}, {@code 1h}, {@code 2 days}, {@code 1w}), or ISO 8601 ({@code PT1M}).
 */
public final class DurationWords {

  static final String EXAMPLES = "a length of time such as 250ms, 30s, 5m, 1h or 1d";

  private static final Pattern TEXT = Pattern.compile("([0-9]{1,18}) ?([A-Za-z]+)");
  private static final Duration LONGEST = Duration.ofDays(36_500);
  private static final Map<String, Duration> UNITS =
      Map.ofEntries(
          Map.entry("us", Duration.ofNanos(1_000)),
          Map.entry("microsecond", Duration.ofNanos(1_000)),
          Map.entry("ms", Duration.ofMillis(1)),
          Map.entry("millisecond", Duration.ofMillis(1)),
          Map.entry("s", Duration.ofSeconds(1)),
          Map.entry("sec", Duration.ofSeconds(1)),
          Map.entry("second", Duration.ofSeconds(1)),
          Map.entry("m", Duration.ofMinutes(1)),
          Map.entry("min", Duration.ofMinutes(1)),
          Map.entry("minute", Duration.ofMinutes(1)),
          Map.entry("h", Duration.ofHours(1)),
          Map.entry("hour", Duration.ofHours(1)),
          Map.entry("d", Duration.ofDays(1)),
          Map.entry("day", Duration.ofDays(1)),
          Map.entry("w", Duration.ofDays(7)),
          Map.entry("week", Duration.ofDays(7)));

  private DurationWords() {}

  /**
   * Reads a length of time.
   *
   * @throws IllegalArgumentException if it is none, or over a hundred years
   */
  public static Duration parse(String text) {
    requireNonNull(text, "text");
    Matcher matcher = TEXT.matcher(text.strip());
    if (matcher.matches()) {
      Optional<Duration> unit = unit(matcher.group(2));
      if (unit.isPresent()) {
        return times(text, unit.get(), new BigInteger(matcher.group(1)));
      }
    } else if (text.startsWith("P")) {
      try {
        return Duration.parse(text);
      } catch (DateTimeException e) {
        throw bad(text);
      }
    }
    throw bad(text);
  }

  /** The unit of this name; an s at the end of a whole word is ignored. */
  static Optional<Duration> unit(String name) {
    Duration unit = UNITS.get(name);
    if (unit == null && name.length() > 3 && name.endsWith("s")) {
      unit = UNITS.get(name.substring(0, name.length() - 1));
    }
    return Optional.ofNullable(unit);
  }

  private static Duration times(String text, Duration unit, BigInteger count) {
    if (count.bitLength() > 62
        || count
                .multiply(BigInteger.valueOf(unit.toNanos() / 1_000))
                .compareTo(BigInteger.valueOf(LONGEST.toSeconds() * 1_000_000))
            > 0) {
      throw bad(text);
    }
    return unit.multipliedBy(count.longValueExact());
  }

  private static IllegalArgumentException bad(String text) {
    return new IllegalArgumentException("duration: \"" + text + "\" (expected: " + EXAMPLES + ")");
  }

  /** The shortest text that means this length, which must be of whole microseconds. */
  public static String format(Duration duration) {
    for (String unit : new String[] {"w", "d", "h", "m", "s", "ms", "us"}) {
      Duration length = requireNonNull(UNITS.get(unit), unit);
      if (duration.compareTo(length) >= 0
          && duration.equals(length.multipliedBy(duration.dividedBy(length)))) {
        return duration.dividedBy(length) + unit;
      }
    }
    return duration.toString();
  }
}
