// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * What a caller presents for a check: a domain, ordered entries, a cost, perhaps a limit of its
 * own. Immutable; at most 32 entries and 4 KiB of text.
 */
public final class Descriptor {

  /** Most entries of one descriptor. */
  public static final int MAX_ENTRIES = 32;

  /** Most characters of one descriptor, domain, keys and values together. */
  public static final int MAX_CHARACTERS = 4_096;

  /** Largest cost. */
  public static final long MAX_COST = Integer.MAX_VALUE;

  /**
   * One entry.
   *
   * @param key its name; not empty
   * @param value its value; may be empty
   */
  public record Entry(String key, String value) {
    public Entry {
      requireNonNull(key, "key");
      requireNonNull(value, "value");
      if (key.isEmpty()) {
        throw new IllegalArgumentException("entry key: \"\" (expected: 1 or more characters)");
      }
    }
  }

  private final String domain;
  private final List<Entry> entries;
  private final long cost;
  private final Optional<Limit> limit;

  private Descriptor(String domain, List<Entry> entries, long cost, Optional<Limit> limit) {
    this.domain = domain;
    this.entries = entries;
    this.cost = cost;
    this.limit = limit;
  }

  /**
   * A descriptor of cost 1.
   *
   * @throws IllegalArgumentException if the sizes are exceeded
   */
  public static Descriptor of(String domain, List<Entry> entries) {
    List<Entry> copy = List.copyOf(entries);
    checkSize(requireNonNull(domain, "domain"), copy);
    return new Descriptor(domain, copy, 1, Optional.empty());
  }

  /** A descriptor of one entry and cost 1. */
  public static Descriptor of(String domain, String key, String value) {
    return of(domain, List.of(new Entry(key, value)));
  }

  /** A descriptor of two entries and cost 1. */
  public static Descriptor of(
      String domain, String key1, String value1, String key2, String value2) {
    return of(domain, List.of(new Entry(key1, value1), new Entry(key2, value2)));
  }

  /**
   * The same descriptor at another cost.
   *
   * @param cost 0..2<sup>31</sup> − 1; 0 asks as 1 would and takes nothing (R10)
   */
  public Descriptor withCost(long cost) {
    return new Descriptor(domain, entries, Require.within("cost", cost, 0, MAX_COST), limit);
  }

  /** The same descriptor, judged by a limit of its own instead of the policies'. */
  public Descriptor withLimit(Limit limit) {
    return new Descriptor(domain, entries, cost, Optional.of(limit));
  }

  public String domain() {
    return domain;
  }

  public List<Entry> entries() {
    return entries;
  }

  public long cost() {
    return cost;
  }

  /** The limit that the caller brought, if any. */
  public Optional<Limit> limit() {
    return limit;
  }

  /** The value of the first entry with this key. */
  public Optional<String> value(String key) {
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).key.equals(key)) {
        return Optional.of(entries.get(i).value);
      }
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(domain).append('{');
    for (int i = 0; i < entries.size(); i++) {
      text.append(i == 0 ? "" : ",").append(entries.get(i).key).append('=');
      text.append(entries.get(i).value);
    }
    return text.append('}').toString();
  }

  private static void checkSize(String domain, List<Entry> entries) {
    Require.within("entries", entries.size(), 0, MAX_ENTRIES);
    int characters = domain.length();
    for (int i = 0; i < entries.size(); i++) {
      characters += entries.get(i).key.length() + entries.get(i).value.length();
    }
    if (characters > MAX_CHARACTERS) {
      throw new IllegalArgumentException(
          "descriptor: " + characters + " characters (expected: 0.." + MAX_CHARACTERS + ")");
    }
  }
}
