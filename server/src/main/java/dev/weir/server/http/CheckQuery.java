// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.http;

import dev.weir.core.Descriptor;
import dev.weir.server.wire.BadRequest;
import dev.weir.server.wire.Query;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A check as query parameters: {@code domain}, {@code cost}, {@code verbose} and {@code denial}
 * mean what they say, every other one is an entry.
 */
record CheckQuery(Descriptor descriptor, boolean states, boolean denialAsStatus) {

  static CheckQuery of(List<Query.Parameter> parameters) {
    String domain = null;
    long cost = 1;
    boolean states = false;
    boolean denialAsStatus = false;
    List<Descriptor.Entry> entries = new ArrayList<>();
    List<String> seen = new ArrayList<>();
    for (Query.Parameter parameter : parameters) {
      String name = parameter.name();
      if (seen.contains(name)) {
        throw BadRequest.of(name, "given twice", "given once");
      }
      seen.add(name);
      switch (name) {
        case "domain" -> domain = parameter.value();
        case "cost" -> cost = cost(parameter.value());
        case "verbose" -> states = flag(parameter);
        case "denial" -> denialAsStatus = denialAsStatus(parameter);
        default -> entries.add(entry(parameter));
      }
      if (entries.size() > Descriptor.MAX_ENTRIES) {
        throw BadRequest.of(
            "entries", "more than " + Descriptor.MAX_ENTRIES, "at most " + Descriptor.MAX_ENTRIES);
      }
    }
    return new CheckQuery(descriptor(domain, entries, cost), states, denialAsStatus);
  }

  private static Descriptor descriptor(
      @Nullable String domain, List<Descriptor.Entry> entries, long cost) {
    if (domain == null || domain.isEmpty()) {
      throw BadRequest.of("domain", "missing", "1 or more characters");
    }
    try {
      return Descriptor.of(domain, entries).withCost(cost);
    } catch (IllegalArgumentException e) {
      throw BadRequest.of("query", String.valueOf(e.getMessage()), "a smaller descriptor");
    }
  }

  private static Descriptor.Entry entry(Query.Parameter parameter) {
    if (parameter.name().isEmpty()) {
      throw BadRequest.of("entry key", "\"\"", "1 or more characters");
    }
    return new Descriptor.Entry(parameter.name(), parameter.value());
  }

  private static long cost(String text) {
    try {
      long cost = Long.parseLong(text);
      if (cost >= 0 && cost <= Descriptor.MAX_COST && text.charAt(0) != '+') {
        return cost;
      }
    } catch (NumberFormatException e) {
      throw wrongCost(text);
    }
    throw wrongCost(text);
  }

  private static BadRequest wrongCost(String text) {
    return BadRequest.of("cost", text, "0.." + Descriptor.MAX_COST);
  }

  static boolean flag(Query.Parameter parameter) {
    return switch (parameter.value()) {
      case "", "true" -> true;
      case "false" -> false;
      default -> throw BadRequest.of(parameter.name(), parameter.value(), "true or false");
    };
  }

  static boolean denialAsStatus(Query.Parameter parameter) {
    return switch (parameter.value()) {
      case "429" -> true;
      case "200" -> false;
      default -> throw BadRequest.of("denial", parameter.value(), "200 or 429");
    };
  }
}
