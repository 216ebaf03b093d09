// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which values are taken out of the lines of a log. Made before reading begins, by one thread; then
 * read by any.
 */
public final class LogFields {

  /** Most names beside those that every format may have. */
  static final int MAX_NAMES = 100;

  private final Map<String, Integer> named = new LinkedHashMap<>();
  private final Map<Field, String> mapped = new EnumMap<>(Field.class);

  /** No values yet beside those that every format may have. */
  public LogFields() {}

  /**
   * A value by its name: {@code address}, {@code user}, {@code method}, {@code target}, {@code
   * path}, {@code query}, {@code protocol}, {@code status}, {@code bytes}, {@code referer}, {@code
   * user-agent}, {@code host}, {@code duration}, {@code forwarded-for}; {@code query:NAME} for a
   * parameter; else the path of a JSON field such as {@code request.headers.X-Tenant}, the name of
   * a CSV column, or in the combined format {@code extra.1} for the first value after it.
   *
   * @throws IllegalArgumentException if the name is empty, or there are too many
   */
  public LogField field(String name) {
    int target = Field.TARGET.slot();
    if (name.startsWith("query:") && name.length() > 6) {
      return new LogField(name, LogField.Part.PARAMETER, target, name.substring("query:".length()));
    }
    if (name.equals("path")) {
      return new LogField(name, LogField.Part.PATH, target, "");
    }
    if (name.equals("query")) {
      return new LogField(name, LogField.Part.QUERY, target, "");
    }
    Optional<Field> known = known(name);
    int slot = known.isPresent() ? known.get().slot() : named(name);
    return new LogField(name, LogField.Part.WHOLE, slot, "");
  }

  /**
   * Says what a log calls one of the values that every format may have.
   *
   * @param word such as {@code time}
   * @param name the JSON field or CSV column
   * @throws IllegalArgumentException if there is no such value
   */
  public void map(String word, String name) {
    Field field =
        known(word)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        word + " (expected: one of " + String.join(", ", words()) + ")"));
    if (name.isEmpty()) {
      throw new IllegalArgumentException(word + ": \"\" (expected: the name of a field)");
    }
    mapped.put(field, name);
  }

  /** The words of all values that every format may have. */
  public static List<String> words() {
    List<String> words = new ArrayList<>();
    for (Field field : Field.values()) {
      words.add(field.word());
    }
    return words;
  }

  static Optional<Field> known(String word) {
    for (Field field : Field.values()) {
      if (field.word().equals(word)) {
        return Optional.of(field);
      }
    }
    return Optional.empty();
  }

  private int named(String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("field: \"\" (expected: the name of a field)");
    }
    Integer slot = named.get(name);
    if (slot != null) {
      return slot;
    }
    if (named.size() == MAX_NAMES) {
      throw new IllegalArgumentException("fields: more than " + MAX_NAMES + " (expected: fewer)");
    }
    int next = Field.COUNT + named.size();
    named.put(name, next);
    return next;
  }

  /** How many values a record keeps. */
  int slots() {
    return Field.COUNT + named.size();
  }

  /** The slots of names beside those that every format may have. */
  Map<String, Integer> named() {
    return named;
  }

  /** The names under which a log may have a field, best first. */
  List<String> names(Field field) {
    String own = mapped.get(field);
    return own != null ? List.of(own) : field.candidates();
  }
}
