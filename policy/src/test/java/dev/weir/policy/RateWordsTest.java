// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.Algorithm;
import dev.weir.core.CalendarPeriod;
import dev.weir.core.CalendarQuota;
import dev.weir.core.Concurrency;
import dev.weir.core.FixedWindow;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.TokenBucket;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RateWordsTest {

  static Stream<Arguments> rates() {
    Duration second = Duration.ofSeconds(1);
    Duration minute = Duration.ofMinutes(1);
    Duration day = Duration.ofDays(1);
    ZoneId paris = ZoneId.of("Europe/Paris");
    return Stream.of(
        Arguments.of("100 per minute", TokenBucket.of(100, minute), "100 per minute"),
        Arguments.of("100/min", TokenBucket.of(100, minute), "100 per minute"),
        Arguments.of("100 / m", TokenBucket.of(100, minute), "100 per minute"),
        Arguments.of("100/60s", TokenBucket.of(100, minute), "100 per minute"),
        Arguments.of("10/s burst 50", new TokenBucket(50, 10, second), "10 per second burst 50"),
        Arguments.of("5 per 30s", TokenBucket.of(5, Duration.ofSeconds(30)), "5 per 30s"),
        Arguments.of("5 per 30 seconds", TokenBucket.of(5, Duration.ofSeconds(30)), "5 per 30s"),
        Arguments.of("5 per 250us", TokenBucket.of(5, Duration.ofNanos(250_000)), "5 per 250us"),
        Arguments.of("7 per 1500ms", TokenBucket.of(7, Duration.ofMillis(1_500)), "7 per 1500ms"),
        Arguments.of("100 per day", TokenBucket.of(100, day), "100 per day"),
        Arguments.of("100 per week", TokenBucket.of(100, Duration.ofDays(7)), "100 per week"),
        Arguments.of(
            "9 per hour fixed", new FixedWindow(9, Duration.ofHours(1)), "9 per hour fixed"),
        Arguments.of(
            "9 per hour fixed window", new FixedWindow(9, Duration.ofHours(1)), "9 per hour fixed"),
        Arguments.of("9/s sliding", new SlidingWindow(9, second), "9 per second sliding"),
        Arguments.of("9/s sliding window", new SlidingWindow(9, second), "9 per second sliding"),
        Arguments.of("9/s log", new SlidingLog(9, second), "9 per second log"),
        Arguments.of("9/s sliding log", new SlidingLog(9, second), "9 per second log"),
        Arguments.of(
            "1000 per day in Europe/Paris",
            new CalendarQuota(1_000, CalendarPeriod.DAY, paris),
            "1000 per day in Europe/Paris"),
        Arguments.of(
            "1000 per calendar week in Europe/Paris",
            new CalendarQuota(1_000, CalendarPeriod.WEEK, paris),
            "1000 per week in Europe/Paris"),
        Arguments.of(
            "1 per day in Etc/GMT+5",
            new CalendarQuota(1, CalendarPeriod.DAY, ZoneId.of("Etc/GMT+5")),
            "1 per day in Etc/GMT+5"),
        Arguments.of(
            "1 per hour in +05:30",
            new CalendarQuota(1, CalendarPeriod.HOUR, ZoneId.of("+05:30")),
            "1 per hour in +05:30"),
        Arguments.of(
            "20 per calendar month",
            new CalendarQuota(20, CalendarPeriod.MONTH, ZoneOffset.UTC),
            "20 per calendar month"),
        Arguments.of(
            "20 per year in UTC",
            new CalendarQuota(20, CalendarPeriod.YEAR, ZoneOffset.UTC),
            "20 per calendar year"),
        Arguments.of("10 at once", new Concurrency(10, minute), "10 at once"),
        Arguments.of(
            "10 at once for 30s",
            new Concurrency(10, Duration.ofSeconds(30)),
            "10 at once for 30s"));
  }

  @ParameterizedTest
  @MethodSource("rates")
  void parse_words_areTheAlgorithm(String words, Algorithm algorithm, String canonical) {
    assertThat(RateWords.parse(words)).isEqualTo(algorithm);
    assertThat(RateWords.format(algorithm)).isEqualTo(canonical);
    assertThat(RateWords.parse(canonical)).isEqualTo(algorithm);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "''; a whole number from 1 at the end",
        "many; a whole number from 1 in place of \"many\"",
        "0 per second; a whole number from 1 in place of \"0\"",
        "-1 per second; a whole number from 1 in place of \"-\"",
        "1.5 per second; \"per\", \"/\" or \"at once\" in place of \".\"",
        "100; \"per\", \"/\" or \"at once\" at the end",
        "100 PER minute; \"per\", \"/\" or \"at once\" in place of \"PER\"",
        "100 a minute; \"per\", \"/\" or \"at once\" in place of \"a\"",
        "100 per; a period such as second, 30s, or calendar month at the end",
        "10 per fortnight; a period such as second, 30s, or calendar month in place of \"fortnight\"",
        "10 per month; a period such as second, 30s, or calendar month in place of \"month\"",
        "10 per 5; a period such as second, 30s, or calendar month in place of \"5\"",
        "10 per 0s; a period of at least a microsecond in place of \"0\"",
        "10 per calendar minute; hour, day, week, month or year in place of \"minute\"",
        "10 per day in Paris; a time zone such as Europe/Paris or UTC in place of \"Paris\"",
        "10 per day in; a time zone such as Europe/Paris or UTC at the end",
        "10/s burst; a whole number from 1 at the end",
        "10/s burst lots; a whole number from 1 in place of \"lots\"",
        "10/s bursts 5; nothing, burst, fixed, sliding, log, or in and a zone in place of \"bursts\"",
        "10/s burst 5 log; nothing in place of \"log\"",
        "10 at twice; \"once\" in place of \"twice\"",
        "10 at once for; a period at the end",
        "10 per 99999999999 days; a period of at most a hundred years in place of \"99999999999\"",
      })
  void parse_noRate_saysWhatWasExpectedAndWhere(String words, String expectation) {
    assertThatThrownBy(() -> RateWords.parse(words))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rate: \"" + words + "\" (expected: " + expectation + ")");
  }

  @Test
  void parse_tooMuch_saysSo() {
    assertThatThrownBy(() -> RateWords.parse("20000 per second log"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("limit: 20000 (expected: 1..10000)");
  }
}
