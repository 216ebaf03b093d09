// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value of a YAML or JSON file, which knows where it stands.
 *
 * <p>Accessors answer empty where the value is not what they ask for, and note a {@link Problem}
 * with the value's place: a reader goes on and tells everything that is wrong at once.
 */
public final class Node {

  /** What a value is made of. */
  public enum Kind {
    MAPPING,
    SEQUENCE,
    SCALAR,
    /** Nothing, {@code ~} or {@code null}. */
    NULL
  }

  /** The file that a node is of, and where its problems go. */
  record Origin(String file, Problems problems) {}

  private static final String EXPECTED = " (expected: ";
  private static final int MAX_SHOWN = 60;

  private final Origin origin;
  private final @Nullable Node parent;
  private final String step;
  private final int line;
  private final int column;
  private final Kind kind;
  private final String text;
  private final boolean broken;
  private final List<Node> items;
  private final Map<String, Node> fields;

  /** Where a node hangs in its tree and stands in its file. */
  record Place(Origin origin, @Nullable Node parent, String step, int line, int column) {}

  private Node(
      Place place,
      Kind kind,
      String text,
      boolean broken,
      List<Node> items,
      Map<String, Node> fields) {
    this.origin = place.origin;
    this.parent = place.parent;
    this.step = place.step;
    this.line = place.line;
    this.column = place.column;
    this.kind = kind;
    this.text = text;
    this.broken = broken;
    this.items = items;
    this.fields = fields;
  }

  static Node nothing(Place place) {
    return new Node(place, Kind.NULL, "", false, List.of(), Map.of());
  }

  static Node scalar(Place place, String text) {
    return new Node(place, Kind.SCALAR, text, false, List.of(), Map.of());
  }

  /** A scalar whose problem is noted already. */
  static Node broken(Place place, String text) {
    return new Node(place, Kind.SCALAR, text, true, List.of(), Map.of());
  }

  /** The list may still grow while the file is read. */
  static Node sequence(Place place, List<Node> items) {
    return new Node(place, Kind.SEQUENCE, "", false, items, Map.of());
  }

  /** The map may still grow while the file is read. */
  static Node mapping(Place place, Map<String, Node> fields) {
    return new Node(place, Kind.MAPPING, "", false, List.of(), fields);
  }

  public Kind kind() {
    return kind;
  }

  /** The line on which it starts; from 1. */
  public int line() {
    return line;
  }

  /** The column in which it starts; from 1. */
  public int column() {
    return column;
  }

  /** The way to it from the file's root, such as {@code policies[2].name}. */
  public String path() {
    if (parent == null) {
      return step;
    }
    String before = parent.path();
    return before.isEmpty() || step.startsWith("[") ? before + step : before + '.' + step;
  }

  /** How many problems its file has so far. */
  int noted() {
    return origin.problems.count();
  }

  /** Notes that the value is wrong. */
  public void report(String message) {
    if (!broken) {
      origin.problems.add(new Problem(origin.file, line, column, path(), message));
    }
  }

  /** Something to say of this value that is no reason to refuse it; it is not noted. */
  public Problem remark(String message) {
    return new Problem(origin.file, line, column, path(), message);
  }

  /** Notes that something else was expected in place of this value. */
  public void expect(String expectation) {
    report(shown() + EXPECTED + expectation + ")");
  }

  /** The text of a scalar; numbers and truth values are texts, too. */
  public Optional<String> text() {
    if (kind != Kind.SCALAR) {
      expect("a text");
      return Optional.empty();
    }
    return broken ? Optional.empty() : Optional.of(text);
  }

  /** A whole number within a range. */
  public Optional<Long> integer(long min, long max) {
    String expectation = min == max ? "" + min : "a whole number, " + min + ".." + max;
    if (kind != Kind.SCALAR || !text.matches("-?[0-9]{1,19}")) {
      expect(expectation);
      return Optional.empty();
    }
    try {
      long value = Long.parseLong(text);
      if (value >= min && value <= max) {
        return Optional.of(value);
      }
    } catch (NumberFormatException e) {
      // Too long for a long: out of range.
    }
    expect(expectation);
    return Optional.empty();
  }

  /** {@code true} or {@code false}. */
  public Optional<Boolean> truth() {
    if (kind == Kind.SCALAR && (text.equals("true") || text.equals("false"))) {
      return Optional.of(text.equals("true"));
    }
    expect("true or false");
    return Optional.empty();
  }

  /** A length of time within a range, such as {@code 30s}. */
  public Optional<Duration> duration(Duration min, Duration max) {
    Optional<Duration> duration = convert(DurationWords::parse);
    if (duration.filter(d -> d.compareTo(min) < 0 || d.compareTo(max) > 0).isPresent()) {
      expect(DurationWords.format(min) + ".." + DurationWords.format(max));
      return Optional.empty();
    }
    return duration;
  }

  /** A constant of an enumeration, written in lower case with hyphens. */
  public <E extends Enum<E>> Optional<E> choice(Class<E> type) {
    List<String> words = new ArrayList<>();
    for (E constant : requireNonNull(type.getEnumConstants(), "constants")) {
      String word = constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
      if (kind == Kind.SCALAR && word.equals(text)) {
        return Optional.of(constant);
      }
      words.add(word);
    }
    expect("one of " + String.join(", ", words));
    return Optional.empty();
  }

  /**
   * What a scalar's text stands for.
   *
   * @param meaning throws IllegalArgumentException if it stands for nothing; of its message, what
   *     follows {@code (expected:} is told
   */
  public <T> Optional<T> convert(Function<String, T> meaning) {
    Optional<String> scalar = text();
    if (scalar.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(meaning.apply(scalar.get()));
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      int expected = message.indexOf(EXPECTED);
      report(shown() + (expected < 0 ? ": " + message : message.substring(expected)));
      return Optional.empty();
    }
  }

  /**
   * Notes what a constructor found wrong with the values of this mapping, at the field that its
   * message names if there is one.
   */
  public void report(IllegalArgumentException refused) {
    String message = String.valueOf(refused.getMessage());
    int colon = message.indexOf(": ");
    Node field = colon < 0 ? null : fields.get(message.substring(0, colon).replace(' ', '-'));
    if (field == null) {
      report(message);
    } else {
      field.report(message.substring(colon + 2));
    }
  }

  /** What the action gives; what a constructor in it refuses is noted at this value. */
  public <T> Optional<T> attempt(Supplier<Optional<T>> action) {
    try {
      return action.get();
    } catch (IllegalArgumentException e) {
      report(e);
      return Optional.empty();
    }
  }

  /** Whether it has no items, no fields and no text. */
  public boolean isEmpty() {
    return items.isEmpty() && fields.isEmpty() && text.isEmpty();
  }

  /** The items of a sequence. */
  public List<Node> items() {
    if (kind != Kind.SEQUENCE) {
      expect("a list");
      return List.of();
    }
    return List.copyOf(items);
  }

  /** The fields of a mapping. */
  public Fields fields() {
    if (kind != Kind.MAPPING) {
      expect("a mapping");
    }
    return new Fields(this, fields);
  }

  private String shown() {
    return switch (kind) {
      case MAPPING -> "a mapping";
      case SEQUENCE -> "a list";
      case NULL -> "nothing";
      case SCALAR ->
          text.length() <= MAX_SHOWN
              ? '"' + text + '"'
              : '"' + text.substring(0, MAX_SHOWN) + "…\"";
    };
  }

  @Override
  public String toString() {
    return path() + ": " + shown();
  }
}
