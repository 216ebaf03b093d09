// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.core.Descriptor;
import java.util.ArrayList;
import java.util.List;

/** Descriptors as they are typed, and as the decision API reads them. */
final class CheckText {

  private CheckText() {}

  /** Reads {@code DOMAIN,KEY=VALUE,KEY=VALUE}. */
  static Descriptor descriptor(String text, long cost) {
    List<String> parts = List.of(text.split(",", -1));
    if (parts.getFirst().isEmpty() || parts.getFirst().indexOf('=') >= 0) {
      throw Failure.usage("--check: " + text + " (expected: DOMAIN,KEY=VALUE...)");
    }
    return descriptor(parts.getFirst(), parts.subList(1, parts.size()), cost);
  }

  /** Makes a descriptor of entries such as {@code user=42}. */
  static Descriptor descriptor(String domain, List<String> entries, long cost) {
    List<Descriptor.Entry> read = new ArrayList<>(entries.size());
    for (String entry : entries) {
      int equals = entry.indexOf('=');
      if (equals < 1) {
        throw Failure.usage("entry: " + entry + " (expected: KEY=VALUE)");
      }
      read.add(new Descriptor.Entry(entry.substring(0, equals), entry.substring(equals + 1)));
    }
    try {
      return Descriptor.of(domain, read).withCost(cost);
    } catch (IllegalArgumentException e) {
      throw Failure.usage(String.valueOf(e.getMessage()));
    }
  }

  /** The body of a check. */
  static String json(Descriptor descriptor) {
    StringBuilder out = new StringBuilder(128);
    out.append("{\"domain\":").append(Json.quoted(descriptor.domain()));
    out.append(",\"descriptors\":[{\"entries\":[");
    String separator = "";
    for (Descriptor.Entry entry : descriptor.entries()) {
      out.append(separator).append("{\"key\":").append(Json.quoted(entry.key()));
      out.append(",\"value\":").append(Json.quoted(entry.value())).append('}');
      separator = ",";
    }
    out.append(']');
    if (descriptor.cost() != 1) {
      out.append(",\"cost\":").append(descriptor.cost());
    }
    return out.append("}]}").toString();
  }
}
