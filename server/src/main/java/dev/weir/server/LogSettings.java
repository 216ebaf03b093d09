// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.util.Objects.requireNonNull;

import dev.weir.policy.Fields;
import dev.weir.policy.Node;
import dev.weir.server.metrics.DecisionLines;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What is logged, and how.
 *
 * @param format of the lines
 * @param level of the least important lines
 * @param decisions which decisions have lines
 */
public record LogSettings(Format format, Level level, DecisionLines.Settings decisions) {

  /** The format of lines. */
  public enum Format {
    TEXT,
    JSON
  }

  /** How important a line is. */
  public enum Level {
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE;

    /** A level by its name, as this project or others write it. */
    static Level of(String name) {
      return switch (name.toLowerCase(Locale.ROOT)) {
        case "error", "critical", "fatal" -> ERROR;
        case "warn", "warning" -> WARN;
        case "info" -> INFO;
        case "debug" -> DEBUG;
        case "trace" -> TRACE;
        default -> throw unexpected(name, "error, warn, info, debug, trace");
      };
    }
  }

  /** What counts where nothing is said. */
  public static final LogSettings DEFAULT =
      new LogSettings(Format.TEXT, Level.INFO, DecisionLines.Settings.DEFAULT);

  static final String LEVEL = "WEIR_LOG_LEVEL";
  static final String FORMAT = "WEIR_LOG_FORMAT";
  private static final String DECISIONS = "WEIR_LOG_DECISIONS";
  private static final String SAMPLE = "WEIR_LOG_SAMPLE";

  public LogSettings {
    requireNonNull(format, "format");
    requireNonNull(level, "level");
    requireNonNull(decisions, "decisions");
  }

  /**
   * What the environment says, and the defaults.
   *
   * @throws IllegalArgumentException if a variable cannot be used
   */
  static LogSettings of(Map<String, String> environment) {
    return DEFAULT.with(environment);
  }

  /** What a configuration says; the environment goes before it. */
  static LogSettings read(Optional<Node> node, Node root, Map<String, String> environment) {
    LogSettings configured = node.map(LogSettings::read).orElse(DEFAULT);
    try {
      return configured.with(environment);
    } catch (IllegalArgumentException e) {
      root.report(String.valueOf(e.getMessage()));
      return configured;
    }
  }

  private static LogSettings read(Node node) {
    Fields fields = node.fields();
    DecisionLines.Settings other = DecisionLines.Settings.DEFAULT;
    LogSettings settings =
        new LogSettings(
            fields.choice("format", Format.class).orElse(Format.TEXT),
            fields.node("level").flatMap(level -> level.convert(Level::of)).orElse(Level.INFO),
            new DecisionLines.Settings(
                fields.choice("decisions", DecisionLines.Which.class).orElse(other.which()),
                fields
                    .node("sample")
                    .flatMap(share -> share.convert(LogSettings::share))
                    .orElse(other.sample()),
                fields
                    .integer("per-second", 1, 1_000_000)
                    .map(Long::intValue)
                    .orElse(other.perSecond()),
                fields.choice("keys", DecisionLines.Keys.class).orElse(other.keys())));
    fields.done();
    return settings;
  }

  private LogSettings with(Map<String, String> environment) {
    return new LogSettings(
        value(environment, FORMAT, text -> choice(Format.class, text)).orElse(format),
        value(environment, LEVEL, Level::of).orElse(level),
        new DecisionLines.Settings(
            value(environment, DECISIONS, text -> choice(DecisionLines.Which.class, text))
                .orElse(decisions.which()),
            value(environment, SAMPLE, LogSettings::share).orElse(decisions.sample()),
            decisions.perSecond(),
            decisions.keys()));
  }

  private static <T> Optional<T> value(
      Map<String, String> environment, String name, Function<String, T> meaning) {
    String text = environment.getOrDefault(name, "");
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(meaning.apply(text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  private static <E extends Enum<E>> E choice(Class<E> type, String text) {
    return Arrays.stream(type.getEnumConstants())
        .filter(each -> each.name().equalsIgnoreCase(text))
        .findFirst()
        .orElseThrow(
            () ->
                unexpected(
                    text,
                    String.join(
                            ", ", Arrays.stream(type.getEnumConstants()).map(Enum::name).toList())
                        .toLowerCase(Locale.ROOT)));
  }

  private static double share(String text) {
    try {
      double share = Double.parseDouble(text);
      if (share >= 0 && share <= 1) {
        return share;
      }
    } catch (NumberFormatException e) {
      throw unexpected(text, "0..1");
    }
    throw unexpected(text, "0..1");
  }

  private static IllegalArgumentException unexpected(String value, String expected) {
    return new IllegalArgumentException(value + " (expected: " + expected + ")");
  }
}
