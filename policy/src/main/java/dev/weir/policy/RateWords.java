// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Algorithm;
import dev.weir.core.CalendarPeriod;
import dev.weir.core.CalendarQuota;
import dev.weir.core.Concurrency;
import dev.weir.core.FixedWindow;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.TokenBucket;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rates in plain words, all in lower case.
 *
 * <pre>
 * rate     = COUNT ("per" | "/") period {option}        100 per minute, 10/s burst 50, 5 per 30s
 *          | COUNT ("per" | "/") ["calendar"] UNIT ["in" ZONE]
 *                                                       1000 per day in Europe/Paris
 *          | COUNT "at once" ["for" period]             10 at once for 30s
 * period   = [COUNT] UNIT
 * option   = "burst" COUNT | "fixed" ["window"] | "sliding" ["window"] | ["sliding"] "log"
 * </pre>
 *
 * <p>Without an option, and with a burst, it is a {@link TokenBucket}; {@code fixed}, {@code
 * sliding} and {@code log} choose a window. With {@code calendar} or a zone it is a {@link
 * CalendarQuota}; the zone is UTC unless given. Permits held {@code at once} expire after a minute
 * unless a period is given.
 */
public final class RateWords {

  private static final Duration HOLD = Duration.ofMinutes(1);
  private static final Pattern WORD = Pattern.compile("[0-9]+|[A-Za-z]+|/|[^\\sA-Za-z0-9/]+");

  private final String text;
  private final List<String> words;
  private int at;

  private RateWords(String text, List<String> words) {
    this.text = text;
    this.words = words;
  }

  /**
   * Reads a rate.
   *
   * @throws IllegalArgumentException if it is none; the message tells what was expected and where
   */
  public static Algorithm parse(String text) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(requireNonNull(text, "text"));
    while (matcher.find()) {
      words.add(matcher.group());
    }
    RateWords reader = new RateWords(text, words);
    return reader.rate();
  }

  private Algorithm rate() {
    boolean nothing = fixed() && peek().matches("0{1,16}");
    long count = nothing ? none() : count();
    if (next("at")) {
      need("once", "\"once\"");
      Duration expiry = next("for") ? period("a period") : HOLD;
      end();
      return new Concurrency(count, expiry);
    }
    if (!next("per") && !next("/")) {
      throw expected("\"per\", \"/\" or \"at once\"");
    }
    Optional<CalendarPeriod> calendar = calendar();
    return calendar.isPresent() ? quota(count, calendar.get()) : over(count);
  }

  private Optional<CalendarPeriod> calendar() {
    if (next("calendar")) {
      Optional<CalendarPeriod> period = calendarUnit(peek());
      if (period.isEmpty()) {
        throw expected("hour, day, week, month or year");
      }
      at++;
      return period;
    }
    Optional<CalendarPeriod> period = calendarUnit(peek());
    if (period.isPresent() && at + 1 < words.size() && words.get(at + 1).equals("in")) {
      at++;
      return period;
    }
    return Optional.empty();
  }

  private static Optional<CalendarPeriod> calendarUnit(String word) {
    return switch (word) {
      case "hour", "h" -> Optional.of(CalendarPeriod.HOUR);
      case "day", "d" -> Optional.of(CalendarPeriod.DAY);
      case "week", "w" -> Optional.of(CalendarPeriod.WEEK);
      case "month" -> Optional.of(CalendarPeriod.MONTH);
      case "year" -> Optional.of(CalendarPeriod.YEAR);
      default -> Optional.empty();
    };
  }

  private Algorithm quota(long count, CalendarPeriod period) {
    ZoneId zone = ZoneOffset.UTC;
    if (next("in")) {
      StringBuilder name = new StringBuilder();
      int start = at;
      while (at < words.size()) {
        name.append(words.get(at++));
      }
      try {
        zone = zone(name.toString());
      } catch (DateTimeException e) {
        at = start;
        throw expected("a time zone such as Europe/Paris or UTC");
      }
    }
    end();
    return new CalendarQuota(count, period, zone);
  }

  /** UTC has several names and one counter. */
  static ZoneId zone(String name) {
    ZoneId zone = ZoneId.of(name);
    return zone.normalized().equals(ZoneOffset.UTC) ? ZoneOffset.UTC : zone;
  }

  private Algorithm over(long count) {
    Duration period = period("a period such as second, 30s, or calendar month");
    if (next("burst")) {
      TokenBucket bucket = new TokenBucket(count(), count, period);
      end();
      return bucket;
    }
    if (at == words.size()) {
      return TokenBucket.of(count, period);
    }
    Algorithm algorithm;
    if (next("fixed")) {
      next("window");
      algorithm = new FixedWindow(count, period);
    } else if (next("log")) {
      algorithm = new SlidingLog(count, period);
    } else if (next("sliding")) {
      boolean log = next("log");
      next("window");
      algorithm = log ? new SlidingLog(count, period) : new SlidingWindow(count, period);
    } else {
      throw expected("nothing, burst, fixed, sliding, log, or in and a zone");
    }
    end();
    return algorithm;
  }

  private Duration period(String expectation) {
    int start = at;
    String count = peek().matches("[0-9]+") ? words.get(at++) : "1";
    Optional<Duration> unit = DurationWords.unit(peek());
    if (unit.isEmpty()) {
      at = start;
      throw expected(expectation);
    }
    if (count.matches("0+")) {
      at = start;
      throw expected("a period of at least a microsecond");
    }
    String name = words.get(at++);
    try {
      return DurationWords.parse(count + name);
    } catch (IllegalArgumentException e) {
      at = start;
      throw expected("a period of at most a hundred years");
    }
  }

  private long count() {
    String word = peek();
    if (!word.matches("[0-9]{1,16}") || Long.parseLong(word) == 0) {
      throw expected("a whole number from 1");
    }
    at++;
    return Long.parseLong(word);
  }

  /** Only a fixed window can be one that admits nothing. */
  private boolean fixed() {
    int last = words.size() - 1;
    return last > 0
        && words.get(words.get(last).equals("window") ? last - 1 : last).equals("fixed");
  }

  private long none() {
    at++;
    return 0;
  }

  private String peek() {
    return at < words.size() ? words.get(at) : "";
  }

  private boolean next(String word) {
    boolean there = peek().equals(word);
    at += there ? 1 : 0;
    return there;
  }

  private void need(String word, String expectation) {
    if (!next(word)) {
      throw expected(expectation);
    }
  }

  private void end() {
    end("nothing");
  }

  private void end(String expectation) {
    if (at < words.size()) {
      throw expected(expectation);
    }
  }

  private IllegalArgumentException expected(String what) {
    String where = at < words.size() ? " in place of \"" + words.get(at) + '"' : " at the end";
    return new IllegalArgumentException("rate: \"" + text + "\" (expected: " + what + where + ")");
  }

  /** The words that mean this algorithm: {@link #parse} gives it back. */
  public static String format(Algorithm algorithm) {
    return switch (algorithm) {
      case TokenBucket bucket ->
          bucket.refill()
              + period(bucket.period())
              + (bucket.capacity() == bucket.refill() ? "" : " burst " + bucket.capacity());
      case FixedWindow fixed -> fixed.limit() + period(fixed.window()) + " fixed";
      case SlidingWindow sliding -> sliding.limit() + period(sliding.window()) + " sliding";
      case SlidingLog log -> log.limit() + period(log.window()) + " log";
      case CalendarQuota quota ->
          quota.limit()
              + (quota.zone().equals(ZoneOffset.UTC) ? " per calendar " : " per ")
              + quota.period().name().toLowerCase(Locale.ROOT)
              + (quota.zone().equals(ZoneOffset.UTC) ? "" : " in " + quota.zone());
      case Concurrency concurrency ->
          concurrency.limit()
              + " at once"
              + (concurrency.expiry().equals(HOLD)
                  ? ""
                  : " for " + DurationWords.format(concurrency.expiry()));
    };
  }

  private static String period(Duration period) {
    String text = DurationWords.format(period);
    return switch (text) {
      case "1s" -> " per second";
      case "1m" -> " per minute";
      case "1h" -> " per hour";
      case "1d" -> " per day";
      case "1w" -> " per week";
      default -> " per " + text;
    };
  }

  /** A name made from words: letters and digits, with hyphens between. */
  static String name(String words) {
    String name = words.strip().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    return name.replaceAll("^-|-$", "");
  }
}
