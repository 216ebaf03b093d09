// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import dev.weir.core.Descriptor;
import dev.weir.server.wire.BadRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A descriptor to be filled in from a request.
 *
 * @param domain its domain
 * @param entries its entries; one whose variables have no value is left out
 * @param cost what is charged; 1 if its variables have no value
 */
public record DescriptorTemplate(String domain, List<Entry> entries, Optional<Template> cost) {

  /**
   * One entry.
   *
   * @param key its key
   * @param value its value, in which {@code {identity}} is what counters are keyed by
   */
  public record Entry(String key, Template value) {}

  public DescriptorTemplate {
    entries = List.copyOf(entries);
  }

  /** The descriptor; empty if none of the entries has a value. */
  Optional<Descriptor> fill(Exchange exchange) {
    List<Descriptor.Entry> filled = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      entry
          .value
          .counted(exchange)
          .ifPresent(value -> filled.add(new Descriptor.Entry(entry.key, value)));
    }
    if (filled.isEmpty() && !entries.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Descriptor.of(domain, filled).withCost(cost(exchange)));
    } catch (IllegalArgumentException e) {
      // What is too long came from the request.
      throw BadRequest.of("request", String.valueOf(e.getMessage()), "shorter values");
    }
  }

  private long cost(Exchange exchange) {
    Optional<String> text = cost.flatMap(template -> template.text(exchange));
    if (text.isEmpty()) {
      return 1;
    }
    String digits = text.get();
    boolean whole =
        !digits.isEmpty()
            && digits.length() <= 10
            && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!whole || Long.parseLong(digits) > Descriptor.MAX_COST) {
      throw BadRequest.of("cost", digits, "0.." + Descriptor.MAX_COST);
    }
    return Long.parseLong(digits);
  }
}
