// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import dev.weir.core.Descriptor;
import dev.weir.server.wire.BadRequest;
import dev.weir.server.wire.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a proxy says in the query of the hook.
 *
 * @param domain the domain to check in, if it says one
 * @param entries entries to check with, in order
 * @param cost what is charged, if it says so
 * @param denied the status of a denial, if it asks for one
 */
record AuthQuery(
    Optional<String> domain,
    List<Descriptor.Entry> entries,
    Optional<Long> cost,
    Optional<Integer> denied) {

  /** As the status of a denial: each has the status that says what it is. */
  static final int OWN_STATUS = 429;

  /** Nothing said. */
  static final AuthQuery NOTHING =
      new AuthQuery(Optional.empty(), List.of(), Optional.empty(), Optional.empty());

  /**
   * Reads a query.
   *
   * @throws BadRequest if a parameter is not what it must be
   */
  static AuthQuery of(String query) {
    if (query.isEmpty()) {
      return NOTHING;
    }
    Optional<String> domain = Optional.empty();
    Optional<Long> cost = Optional.empty();
    Optional<Integer> denied = Optional.empty();
    List<Descriptor.Entry> entries = new ArrayList<>();
    for (Query.Parameter parameter : Query.parameters(query)) {
      String name = parameter.name();
      String value = parameter.value();
      switch (name) {
        case "domain" -> domain = Optional.of(value);
        case "cost" -> cost = Optional.of(number(name, value, 0, Descriptor.MAX_COST));
        case "denied" -> denied = Optional.of((int) number(name, value, 400, 599));
        default -> entries.add(entry(name, value));
      }
    }
    return new AuthQuery(domain, List.copyOf(entries), cost, denied);
  }

  private static Descriptor.Entry entry(String key, String value) {
    if (key.isEmpty()) {
      throw BadRequest.of("entry key", "\"\"", "1 or more characters");
    }
    return new Descriptor.Entry(key, value);
  }

  private static long number(String name, String text, long min, long max) {
    boolean whole =
        !text.isEmpty() && text.length() <= 10 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    long number = whole ? Long.parseLong(text) : -1;
    if (number < min || number > max) {
      throw BadRequest.of(name, text, min + ".." + max);
    }
    return number;
  }

  /** Reads of a query only which status it asks for: what is checked is said elsewhere. */
  static AuthQuery ofStatus(String query) {
    Optional<Integer> denied =
        Query.value(Query.parameters(query), "denied")
            .map(text -> (int) number("denied", text, 400, 599));
    return new AuthQuery(Optional.empty(), List.of(), Optional.empty(), denied);
  }

  /** Whether it has an entry of this key. */
  boolean names(String key) {
    for (Descriptor.Entry entry : entries) {
      if (entry.key().equals(key)) {
        return true;
      }
    }
    return false;
  }
}
