// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.policy.DurationWords;
import dev.weir.simulation.LogFields;
import dev.weir.simulation.LogFormat;
import dev.weir.simulation.LogSource;
import dev.weir.simulation.LogSyntax;
import dev.weir.simulation.Simulation;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which logs are read, and how they are written. */
final class LogOptions {

  @Option(
      names = "--log",
      paramLabel = "FILE",
      description = "An access log, plain or gzip; - for standard input. May be repeated.")
  private List<String> logs = new ArrayList<>();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "combined (also common), json or csv. Default: told by the first lines.")
  private @Nullable LogFormat format;

  @Option(
      names = "--field",
      paramLabel = "WORD=NAME",
      description = "What the log calls a field, such as time=when or address=client.ip.")
  private List<String> mapped = new ArrayList<>();

  @Option(
      names = "--columns",
      paramLabel = "NAME,...",
      description = "The columns of CSV. Default: its first line.")
  private @Nullable String columns;

  @Option(
      names = "--delimiter",
      paramLabel = "C",
      description = "What stands between values of CSV; tab for a tab. Default: told by the line.")
  private @Nullable String delimiter;

  @Option(
      names = "--time-zone",
      paramLabel = "ZONE",
      description = "Of times that name none. Default: UTC.")
  private @Nullable String timeZone;

  @Option(
      names = "--time-format",
      paramLabel = "PATTERN",
      description = "How times are written, such as 'dd.MM.yyyy HH:mm:ss'.")
  private @Nullable String timeFormat;

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description = "Look at lines from this date or time on.")
  private @Nullable String from;

  @Option(names = "--until", paramLabel = "TIME", description = "Look at lines before this.")
  private @Nullable String until;

  @Option(
      names = "--slack",
      paramLabel = "TIME",
      description = "How much later a line may come and still be put in order. Default: 10s.")
  private @Nullable String slack;

  @Option(names = "--spread", description = "Spread lines of the same whole second evenly over it.")
  private boolean spread;

  /** Whether any log is named. */
  boolean any() {
    return !logs.isEmpty();
  }

  /** Says to the fields what the log calls them. */
  void map(LogFields fields) {
    for (String option : mapped) {
      int equals = option.indexOf('=');
      try {
        fields.map(
            option.substring(0, Math.max(0, equals)),
            equals < 0 ? "" : option.substring(equals + 1));
      } catch (IllegalArgumentException e) {
        throw Failure.usage("--field: " + e.getMessage());
      }
    }
  }

  void apply(Simulation.Builder builder) {
    builder.syntax(syntax());
    if (from != null) {
      builder.from(moment("--from", from));
    }
    if (until != null) {
      builder.until(moment("--until", until));
    }
    if (slack != null) {
      builder.slack(time("--slack", slack));
    }
    if (spread) {
      builder.spread();
    }
    for (String log : logs) {
      builder.log(
          log.equals("-")
              ? LogSource.stream("standard input", System.in)
              : LogSource.file(PolicySource.path(log)));
    }
  }

  private LogSyntax syntax() {
    try {
      return new LogSyntax(
          Optional.ofNullable(format),
          zone(),
          Optional.ofNullable(timeFormat)
              .map(pattern -> DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH)),
          columns == null ? List.of() : List.of(columns.split(",", -1)),
          Optional.ofNullable(delimiter).map(LogOptions::delimiter));
    } catch (IllegalArgumentException e) {
      throw Failure.usage("--" + (timeFormat == null ? "" : "time-format: ") + e.getMessage());
    }
  }

  private static char delimiter(String text) {
    if (text.equals("tab") || text.equals("\\t")) {
      return '\t';
    }
    if (text.length() != 1) {
      throw Failure.usage("--delimiter: " + text + " (expected: one character, or tab)");
    }
    return text.charAt(0);
  }

  private ZoneId zone() {
    try {
      return timeZone == null ? ZoneOffset.UTC : ZoneId.of(timeZone);
    } catch (DateTimeException e) {
      throw Failure.usage(
          "--time-zone: " + timeZone + " (expected: a zone such as Europe/Berlin or +02:00)");
    }
  }

  private long moment(String name, String text) {
    try {
      TemporalAccessor found =
          DateTimeFormatter.ofPattern("yyyy-MM-dd[['T'][' ']HH:mm[:ss][XXX][X]]", Locale.ROOT)
              .parseBest(text, OffsetDateTime::from, LocalDateTime::from, LocalDate::from);
      Instant moment =
          switch (found) {
            case OffsetDateTime fixed -> fixed.toInstant();
            case LocalDateTime local -> local.atZone(zone()).toInstant();
            default -> LocalDate.from(found).atStartOfDay(zone()).toInstant();
          };
      return Math.multiplyExact(moment.getEpochSecond(), 1_000_000L);
    } catch (DateTimeException | ArithmeticException e) {
      throw Failure.usage(name + ": " + text + " (expected: 2025-10-10 or 2025-10-10T13:55:36Z)");
    }
  }

  /** A length of time, 0 or more. */
  static Duration time(String name, String text) {
    try {
      return DurationWords.parse(text);
    } catch (IllegalArgumentException e) {
      throw Failure.usage(name + ": " + text + " (expected: a length of time such as 10s)");
    }
  }
}
