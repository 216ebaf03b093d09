// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What is asked of Weir: whether something may go on, as one or more descriptors of a domain that
 * are judged as one step. Immutable; safe for use by any thread.
 */
public final class Check {

  /** Most entries of a descriptor. */
  public static final int MAX_ENTRIES = 32;

  /** Most descriptors of a check. */
  public static final int MAX_DESCRIPTORS = 100;

  /** Most bytes of UTF-8 of a descriptor's keys and values. */
  public static final int MAX_BYTES = 4_096;

  /** The highest cost of a descriptor. */
  public static final long MAX_COST = Integer.MAX_VALUE;

  /** One key with its value. */
  private record Entry(String key, String value) {}

  private record Descriptor(List<Entry> entries, long cost) {}

  private final String domain;
  private final List<Descriptor> descriptors;

  private Check(String domain, List<Descriptor> descriptors) {
    this.domain = domain;
    this.descriptors = descriptors;
  }

  /**
   * A check of one entry at cost 1.
   *
   * @param domain whose policies judge, 1 or more characters
   * @param key the entry's key, 1 or more characters
   * @param value its value, which may be empty
   * @throws IllegalArgumentException if one is empty that must not be, or too long
   */
  public static Check of(String domain, String key, String value) {
    if (domain.isEmpty() || bytes(domain) > MAX_BYTES) {
      throw wrong("domain", domain, "1.." + MAX_BYTES + " bytes");
    }
    return new Check(domain, List.of(new Descriptor(List.of(entry(key, value)), 1)));
  }

  /**
   * The same with one more entry in its last descriptor.
   *
   * @throws IllegalArgumentException if that has too many then, or is too long
   */
  public Check with(String key, String value) {
    Descriptor last = descriptors.getLast();
    List<Entry> entries = new ArrayList<>(last.entries);
    entries.add(entry(key, value));
    if (entries.size() > MAX_ENTRIES) {
      throw wrong("entries", Integer.toString(entries.size()), "at most " + MAX_ENTRIES);
    }
    int bytes = 0;
    for (Entry each : entries) {
      bytes += bytes(each.key) + bytes(each.value);
    }
    if (bytes > MAX_BYTES) {
      throw wrong("descriptor", bytes + " bytes", "at most " + MAX_BYTES);
    }
    return replacing(new Descriptor(List.copyOf(entries), last.cost));
  }

  /**
   * The same with another cost of its last descriptor, in permits; 0 only asks.
   *
   * @throws IllegalArgumentException if it is not in 0..{@value #MAX_COST}
   */
  public Check cost(long permits) {
    if (permits < 0 || permits > MAX_COST) {
      throw wrong("cost", Long.toString(permits), "0.." + MAX_COST);
    }
    return replacing(new Descriptor(descriptors.getLast().entries, permits));
  }

  /**
   * The same with one more descriptor, of one entry at cost 1. All of them are charged, or none.
   *
   * @throws IllegalArgumentException if there are too many then
   */
  public Check and(String key, String value) {
    if (descriptors.size() == MAX_DESCRIPTORS) {
      throw wrong("descriptors", MAX_DESCRIPTORS + 1 + "", "at most " + MAX_DESCRIPTORS);
    }
    List<Descriptor> all = new ArrayList<>(descriptors);
    all.add(new Descriptor(List.of(entry(key, value)), 1));
    return new Check(domain, List.copyOf(all));
  }

  private Check replacing(Descriptor last) {
    List<Descriptor> all = new ArrayList<>(descriptors);
    all.set(all.size() - 1, last);
    return new Check(domain, List.copyOf(all));
  }

  private static Entry entry(String key, String value) {
    requireNonNull(value, "value");
    if (key.isEmpty()) {
      throw wrong("key", key, "1 or more characters");
    }
    if (bytes(key) + bytes(value) > MAX_BYTES) {
      throw wrong("entry", key, "at most " + MAX_BYTES + " bytes");
    }
    return new Entry(key, value);
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static IllegalArgumentException wrong(String name, String value, String expected) {
    String shown = value.length() > 60 ? value.substring(0, 60) + "..." : value;
    return new IllegalArgumentException(name + ": " + shown + " (expected: " + expected + ")");
  }

  /** Writes it as the decision API reads it. */
  void write(StringBuilder out) {
    Json.quote(out.append("{\"domain\":"), domain).append(",\"descriptors\":[");
    for (int i = 0; i < descriptors.size(); i++) {
      Descriptor descriptor = descriptors.get(i);
      out.append(i == 0 ? "{\"entries\":[" : ",{\"entries\":[");
      for (int j = 0; j < descriptor.entries.size(); j++) {
        Entry entry = descriptor.entries.get(j);
        Json.quote(out.append(j == 0 ? "{\"key\":" : ",{\"key\":"), entry.key);
        Json.quote(out.append(",\"value\":"), entry.value).append('}');
      }
      out.append("],\"cost\":").append(descriptor.cost).append('}');
    }
    out.append("]}");
  }

  /** The domain and the keys; not the values, which may be secrets. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("Check[").append(domain);
    for (Descriptor descriptor : descriptors) {
      text.append(' ').append(descriptor.entries.stream().map(Entry::key).toList());
    }
    return text.append(']').toString();
  }
}
