// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads answers of the decision API; what is new to it is passed over. */
final class Answers {

  private Answers() {}

  /**
   * The answers to a batch.
   *
   * @param count how many there must be
   * @throws IllegalArgumentException if they are not
   */
  static List<Answer> batch(String text, int count) {
    List<?> results = list(member(object(Json.read(text)), "results"));
    if (results.size() != count) {
      throw new IllegalArgumentException("results: " + results.size() + " of " + count);
    }
    List<Answer> answers = new ArrayList<>(count);
    for (Object result : results) {
      answers.add(answer(object(result)));
    }
    return answers;
  }

  /** One answer. */
  static Answer one(String text) {
    return answer(object(Json.read(text)));
  }

  /** How much was given back. */
  static long refunded(String text) {
    return number(member(object(Json.read(text)), "refunded"));
  }

  /** What a problem says; empty if it is none. */
  static Optional<String> detail(String text) {
    try {
      return Optional.ofNullable(object(Json.read(text)).get("detail"))
          .filter(String.class::isInstance)
          .map(String.class::cast);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Answer answer(Map<?, ?> members) {
    List<String> receipts = new ArrayList<>();
    for (Object receipt : list(member(members, "receipts"))) {
      receipts.add(text(receipt));
    }
    OptionalLong remaining =
        members.containsKey("remaining")
            ? OptionalLong.of(number(member(members, "remaining")))
            : OptionalLong.empty();
    return new Answer(
        truth(member(members, "allowed")),
        text(member(members, "reason")),
        optional(members, "policy").map(Answers::text),
        optional(members, "limit").map(Answers::text),
        remaining,
        optional(members, "retryAfterMillis").map(Answers::number).map(Duration::ofMillis),
        optional(members, "resetAfterMillis").map(Answers::number).map(Duration::ofMillis),
        receipts,
        Optional.empty());
  }

  private static Optional<Object> optional(Map<?, ?> members, String name) {
    return Optional.ofNullable(members.get(name));
  }

  private static Object member(Map<?, ?> members, String name) {
    return optional(members, name)
        .orElseThrow(() -> new IllegalArgumentException(name + ": missing"));
  }

  private static Map<?, ?> object(Object value) {
    if (value instanceof Map<?, ?> members) {
      return members;
    }
    throw new IllegalArgumentException("no object");
  }

  private static List<?> list(Object value) {
    if (value instanceof List<?> items) {
      return items;
    }
    throw new IllegalArgumentException("no array");
  }

  private static String text(Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException("no text");
  }

  private static long number(Object value) {
    if (value instanceof Long number && number >= 0) {
      return number;
    }
    throw new IllegalArgumentException("no whole number");
  }

  private static boolean truth(Object value) {
    if (value instanceof Boolean truth) {
      return truth;
    }
    throw new IllegalArgumentException("neither true nor false");
  }
}
