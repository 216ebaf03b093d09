// SPDX-License-Identifier: Apache-2.0
package dev.weir.sizing;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;

/** A value for every {@link Coefficient}. Immutable. */
public final class Coefficients {

  private static final String RESOURCE = "coefficients.properties";

  private final Map<Coefficient, Double> values;

  private Coefficients(Map<Coefficient, Double> values) {
    this.values = new EnumMap<>(values);
    for (Coefficient each : Coefficient.values()) {
      Double value = values.get(each);
      if (value == null || !(value >= 0 && value < 1e9)) {
        throw new IllegalArgumentException(each.word() + ": " + value + " (expected: 0..1e9)");
      }
    }
  }

  /**
   * Exactly these.
   *
   * @throws IllegalArgumentException if one lacks or is not 0..1e9
   */
  public static Coefficients of(Map<Coefficient, Double> values) {
    return new Coefficients(requireNonNull(values, "values"));
  }

  /** Those of {@code docs/scaling.md}. */
  public static Coefficients shipped() {
    try (InputStream in = Coefficients.class.getResourceAsStream(RESOURCE)) {
      return read(new InputStreamReader(requireNonNull(in, RESOURCE), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads what {@link #text} wrote.
   *
   * @throws IllegalArgumentException if a value lacks or is wrong
   */
  public static Coefficients read(Reader reader) throws IOException {
    Properties properties = new Properties();
    properties.load(requireNonNull(reader, "reader"));
    Map<Coefficient, Double> values = new EnumMap<>(Coefficient.class);
    for (Coefficient each : Coefficient.values()) {
      String text = properties.getProperty(each.word());
      if (text != null) {
        values.put(each, Double.valueOf(text));
      }
    }
    return new Coefficients(values);
  }

  /** Each as precise as it is written. */
  public Coefficients rounded() {
    Map<Coefficient, Double> rounded = new EnumMap<>(Coefficient.class);
    for (Coefficient each : Coefficient.values()) {
      rounded.put(each, Double.valueOf(number(each)));
    }
    return new Coefficients(rounded);
  }

  /** The value of one. */
  public double of(Coefficient which) {
    return requireNonNull(values.get(requireNonNull(which, "which")));
  }

  /** A line for each, with its unit and meaning as a comment above it. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Coefficient each : Coefficient.values()) {
      text.append("# ").append((each.unit() + " " + each.meaning()).strip()).append('\n');
      text.append(each.word()).append('=').append(number(each)).append('\n');
    }
    return text.toString();
  }

  /** The value of one as it is written. */
  public String number(Coefficient which) {
    double value = of(which);
    return value >= 100
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%.3f", value);
  }
}
