// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How logs are to be read, as far as somebody said so. Immutable.
 *
 * @param format the format; empty to be told by the first lines
 * @param zone what times without a zone are of
 * @param timePattern how times are written, if in none of the field's ways
 * @param columns the columns of CSV; empty if its first line names them
 * @param delimiter what stands between values of CSV; empty to be told by the first line
 */
public record LogSyntax(
    Optional<LogFormat> format,
    ZoneId zone,
    Optional<DateTimeFormatter> timePattern,
    List<String> columns,
    Optional<Character> delimiter) {

  private static final int LOOKED_AT = 20;
  private static final byte[] DELIMITERS = {',', '\t', ';', '|'};

  /**
   * @throws IllegalArgumentException if the delimiter is no single byte
   */
  public LogSyntax {
    columns = List.copyOf(columns);
    if (delimiter.isPresent() && (delimiter.get() > 0x7e || delimiter.get() == '"')) {
      throw new IllegalArgumentException(
          "delimiter: " + delimiter.get() + " (expected: one ASCII character, no quote)");
    }
  }

  /** Everything by itself, in UTC. */
  public static LogSyntax detected() {
    return new LogSyntax(
        Optional.empty(), ZoneOffset.UTC, Optional.empty(), List.of(), Optional.empty());
  }

  /**
   * What one log turned out to be.
   *
   * @param format its format
   * @param columns of CSV
   * @param headed whether its first line names the columns
   */
  record Told(LogFormat format, CsvParser.@Nullable Columns columns, boolean headed) {}

  /**
   * Looks at the first lines of a log.
   *
   * @param name the log's, for errors
   * @throws UnreadableLogException if they are of no format
   */
  Told tell(String name, Block first, LogFields fields) {
    if (format.isPresent()) {
      return switch (format.get()) {
        case COMBINED -> new Told(LogFormat.COMBINED, null, false);
        case JSON -> new Told(LogFormat.JSON, null, false);
        case CSV -> csv(name, first, fields);
      };
    }
    CombinedParser combined = new CombinedParser(fields, times());
    JsonLineParser json = new JsonLineParser(fields, times());
    LogRecord record = new LogRecord(fields.slots());
    int looked = 0;
    for (int at = 0; at < first.length() && looked < LOOKED_AT; looked++) {
      int end = first.lineEnd(at);
      int to = first.textEnd(at, end);
      if (to > at && json.parse(first.bytes(), at, to, record) == null) {
        return new Told(LogFormat.JSON, null, false);
      }
      if (combined.parse(first.bytes(), at, to, record) == null) {
        return new Told(LogFormat.COMBINED, null, false);
      }
      at = end + 1;
    }
    return csv(name, first, fields);
  }

  private Told csv(String name, Block first, LogFields fields) {
    int to = first.textEnd(0, first.lineEnd(0));
    byte between = delimiter.map(c -> (byte) (char) c).orElse(likeliest(first.bytes(), to));
    List<String> names = columns;
    if (names.isEmpty()) {
      CsvLine line = new CsvLine(between);
      names = line.split(first.bytes(), 0, to) ? line.texts(first.bytes()) : List.of();
    }
    CsvParser.Columns found = CsvParser.Columns.of(names, between, fields);
    if (!found.timed()) {
      String line = Malformed.excerpt(first.bytes(), 0, to);
      throw new UnreadableLogException(
          format.isPresent()
              ? name + ": columns: " + line + " (expected: one of them with the time)"
              : name
                  + ": format: \""
                  + line
                  + "\" (expected: combined, json, or csv with a line of names)");
    }
    return new Told(LogFormat.CSV, found, columns.isEmpty());
  }

  private static byte likeliest(byte[] bytes, int to) {
    byte likeliest = ',';
    int most = 0;
    for (byte delimiter : DELIMITERS) {
      int count = 0;
      for (int i = 0; i < to; i++) {
        count += bytes[i] == delimiter ? 1 : 0;
      }
      if (count > most) {
        most = count;
        likeliest = delimiter;
      }
    }
    return likeliest;
  }

  /** A parser for one thread. */
  LineParser parser(Told told, LogFields fields) {
    CsvParser.Columns found = told.columns();
    return switch (told.format()) {
      case COMBINED -> new CombinedParser(fields, times());
      case JSON -> new JsonLineParser(fields, times());
      case CSV ->
          new CsvParser(
              found != null ? found : new CsvParser.Columns(0, (byte) ',', List.of()), times());
    };
  }

  private TimeParser times() {
    return new TimeParser(zone, timePattern.orElse(null));
  }

  /** The bytes of a text, for tests and headers. */
  static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
