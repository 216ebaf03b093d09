// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import dev.weir.server.wire.BadRequest;
import dev.weir.server.wire.Problem;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a body. A field that is not what it must be is told by its name and its kind, never
 * by its value, which may be a secret. Used by one thread.
 */
final class Input {

  private final JsonObject object;
  private final String owner;
  private final Set<String> known = new TreeSet<>();

  Input(JsonObject object) {
    this(object, "");
  }

  private Input(JsonObject object, String owner) {
    this.object = object;
    this.owner = owner;
  }

  /** A value that cannot be used; 422. */
  static BadRequest wrong(String name, String found, String expected) {
    return new BadRequest(
        Problem.of(422, name + ": " + found + " (expected: " + expected + ")")
            .with("name", name)
            .with("expected", expected));
  }

  private @Nullable Object value(String name) {
    known.add(name);
    return object.getValue(name);
  }

  String text(String name) {
    return optionalText(name).orElseThrow(() -> wrong(owner + name, "missing", "a text"));
  }

  Optional<String> optionalText(String name) {
    return switch (value(name)) {
      case null -> Optional.empty();
      case String text -> Optional.of(text);
      case Object other -> throw wrong(owner + name, kind(other), "a text");
    };
  }

  long integer(String name, long min, long max) {
    return optionalInteger(name, min, max)
        .orElseThrow(() -> wrong(owner + name, "missing", min + ".." + max));
  }

  OptionalLong optionalInteger(String name, long min, long max) {
    Object value = value(name);
    if (value == null) {
      return OptionalLong.empty();
    }
    if (value instanceof Integer || value instanceof Long) {
      long number = ((Number) value).longValue();
      if (number >= min && number <= max) {
        return OptionalLong.of(number);
      }
      throw wrong(owner + name, Long.toString(number), min + ".." + max);
    }
    throw wrong(owner + name, kind(value), min + ".." + max);
  }

  /** A duration in whole seconds. */
  Optional<Duration> optionalSeconds(String name, long min, long max) {
    OptionalLong seconds = optionalInteger(name, min, max);
    return seconds.isPresent()
        ? Optional.of(Duration.ofSeconds(seconds.getAsLong()))
        : Optional.empty();
  }

  /** A moment in RFC 3339, in milliseconds. */
  OptionalLong optionalMoment(String name) {
    Optional<String> text = optionalText(name);
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Instant.parse(text.get()).toEpochMilli());
    } catch (DateTimeParseException | ArithmeticException e) {
      throw wrong(owner + name, "no moment", "such as 2030-01-31T12:00:00Z");
    }
  }

  Set<String> texts(String name, int max) {
    Set<String> texts = new LinkedHashSet<>();
    for (Object item : array(name, max)) {
      if (!(item instanceof String text)) {
        throw wrong(owner + name, "a list with " + kind(item), "a list of texts");
      }
      texts.add(text);
    }
    return texts;
  }

  List<Input> objects(String name, int max) {
    List<Input> objects = new ArrayList<>();
    for (Object item : array(name, max)) {
      if (!(item instanceof JsonObject each)) {
        throw wrong(owner + name, "a list with " + kind(item), "a list of objects");
      }
      objects.add(new Input(each, owner + name + '[' + objects.size() + "]."));
    }
    return objects;
  }

  private JsonArray array(String name, int max) {
    Object value = value(name);
    if (value == null) {
      return new JsonArray();
    }
    if (!(value instanceof JsonArray array)) {
      throw wrong(owner + name, kind(value), "a list");
    }
    if (array.size() > max) {
      throw wrong(owner + name, array.size() + " items", "up to " + max);
    }
    return array;
  }

  /** Refuses fields that nobody asked for. */
  void done() {
    for (String name : object.fieldNames()) {
      if (!known.contains(name)) {
        String shown = name.length() > 40 ? name.substring(0, 40) + "…" : name;
        throw wrong(owner + shown, "unknown field", String.join(", ", known));
      }
    }
  }

  private static String kind(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case String text -> "a text";
      case Boolean truth -> "true or false";
      case Number number -> "a number";
      case JsonArray array -> "a list";
      case Object other -> "an object";
    };
  }
}
