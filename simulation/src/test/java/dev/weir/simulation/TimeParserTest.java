// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How times in logs are read. */
final class TimeParserTest {

  private final TimeParser utc = new TimeParser(ZoneOffset.UTC, null);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "10/Oct/2025:13:55:36 +0000 | 2025-10-10T13:55:36Z",
        "10/Oct/2025:15:55:36 +0200 | 2025-10-10T13:55:36Z",
        "09/Oct/2025:21:25:36.25 -1630 | 2025-10-10T13:55:36.25Z",
        "10/Oct/2025:13:55:36.123456 +0000 | 2025-10-10T13:55:36.123456Z",
        "2025-10-10T13:55:36Z | 2025-10-10T13:55:36Z",
        "2025-10-10T13:55:36.123456789Z | 2025-10-10T13:55:36.123456Z",
        "2025-10-10 13:55:36,5 | 2025-10-10T13:55:36.5Z",
        "2025-10-10T15:55:36+02:00 | 2025-10-10T13:55:36Z",
        "2025-10-10T15:55:36.1+02 | 2025-10-10T13:55:36.1Z",
        "2024-02-29T23:59:60Z | 2024-02-29T23:59:59Z",
        "1760104536 | 2025-10-10T13:55:36Z",
        "1760104536.789 | 2025-10-10T13:55:36.789Z",
        "1760104536789 | 2025-10-10T13:55:36.789Z",
        "1760104536789.5 | 2025-10-10T13:55:36.7895Z",
        "1760104536789123 | 2025-10-10T13:55:36.789123Z",
        "1760104536789123456 | 2025-10-10T13:55:36.789123Z",
        "0 | 1970-01-01T00:00:00Z"
      })
  void parse_ofEveryForm_isTheMoment(String text, String expected) {
    Instant moment = Instant.parse(expected);
    assertThat(utc.parse(text))
        .isEqualTo(moment.getEpochSecond() * 1_000_000 + moment.getNano() / 1_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "-5",
        "tomorrow",
        "10/Okt/2025:13:55:36 +0000",
        "31/Feb/2025:13:55:36 +0000",
        "10/Oct/2025:24:00:00 +0000",
        "10/Oct/2025:13:55:36 +000",
        "10/Oct/2025:13:55:36 -1930",
        "10/Oct/2025:13:55:36 +0000 x",
        "2025-13-10T13:55:36Z",
        "2025-10-10T13:55:36.Z",
        "2025-10-10T13:55:36Zulu",
        "1760104536.",
        "1760104536x",
        "99999999999999999999999",
        "10/Oct/1969:13:55:36 +0000"
      })
  void parse_ofNonsense_isUnreadable(String text) {
    assertThat(utc.parse(text)).isEqualTo(TimeParser.UNREADABLE);
  }

  @Test
  void parse_withoutZone_isInTheLogsZone() {
    TimeParser berlin = new TimeParser(ZoneId.of("Europe/Berlin"), null);
    assertThat(berlin.parse("2025-07-01T12:00:00")).isEqualTo(utc.parse("2025-07-01T10:00:00Z"));
    assertThat(berlin.parse("2025-01-01T12:00:00")).isEqualTo(utc.parse("2025-01-01T11:00:00Z"));
  }

  @Test
  void parse_byAPattern_takesThatOnly() {
    TimeParser own =
        new TimeParser(
            ZoneOffset.UTC, DateTimeFormatter.ofPattern("dd.MM.uuuu HH:mm:ss", Locale.ROOT));
    assertThat(own.parse("10.10.2025 13:55:36")).isEqualTo(Logs.T0);
    assertThat(own.parse("2025-10-10T13:55:36Z")).isEqualTo(TimeParser.UNREADABLE);
  }

  @Test
  void parse_ofRandomMoments_isWhatJavaSays() {
    Random random = new Random(11);
    DateTimeFormatter combined =
        DateTimeFormatter.ofPattern("dd/MMM/uuuu:HH:mm:ss Z", Locale.ENGLISH)
            .withZone(ZoneOffset.ofHoursMinutes(5, 30));
    for (int i = 0; i < 20_000; i++) {
      Instant moment = Instant.ofEpochSecond(random.nextLong(4_000_000_000L));
      assertThat(utc.parse(combined.format(moment)))
          .as(moment.toString())
          .isEqualTo(moment.getEpochSecond() * 1_000_000);
    }
  }
}
