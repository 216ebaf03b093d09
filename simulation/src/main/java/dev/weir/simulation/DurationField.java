// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells how long a request took.
 *
 * @param field where that stands
 * @param unit of numbers; if empty, those with a fraction are seconds and whole ones milliseconds
 */
public record DurationField(LogField field, Optional<Unit> unit) {

  /** What a number counts. */
  public enum Unit {
    S(1_000_000_000L),
    MS(1_000_000L),
    US(1_000L),
    NS(1L);

    private final long nanos;

    Unit(long nanos) {
      this.nanos = nanos;
    }
  }

  private static final double MOST_MICROS = 1e15;

  public DurationField {
    requireNonNull(field, "field");
    requireNonNull(unit, "unit");
  }

  /** Microseconds, rounded up; −1 if the line does not tell. */
  long micros(LogRecord record) {
    String text = record.text(field);
    return text == null || text.length() > 40 ? -1 : micros(text.strip().toLowerCase(Locale.ROOT));
  }

  private long micros(String text) {
    int end = text.length();
    while (end > 0 && !Character.isDigit(text.charAt(end - 1)) && text.charAt(end - 1) != '.') {
      end--;
    }
    Unit counted = unit(text, text.substring(end).strip());
    if (counted == null) {
      return -1;
    }
    try {
      double micros = Math.ceil(Double.parseDouble(text.substring(0, end)) * counted.nanos / 1_000);
      return micros >= 0 && micros <= MOST_MICROS ? (long) micros : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private @Nullable Unit unit(String text, String word) {
    return switch (word) {
      case "" -> unit.orElse(text.indexOf('.') >= 0 ? Unit.S : Unit.MS);
      case "s" -> Unit.S;
      case "ms" -> Unit.MS;
      case "us", "µs" -> Unit.US;
      case "ns" -> Unit.NS;
      default -> null;
    };
  }
}
