// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

import java.util.List;

/** What the value of an entry must look like. */
public sealed interface ValuePattern {

  /**
   * This very text.
   *
   * @param value compared character by character; may be empty
   */
  record Exact(String value) implements ValuePattern {
    public Exact {
      requireNonNull(value, "value");
    }

    @Override
    public String toString() {
      return "is \"" + value + '"';
    }
  }

  /**
   * Any text that starts so.
   *
   * @param prefix not empty
   */
  record Prefix(String prefix) implements ValuePattern {
    /**
     * @throws IllegalArgumentException if the prefix is empty or too long
     */
    public Prefix {
      Require.text("prefix", requireNonNull(prefix, "prefix"), Descriptor.MAX_CHARACTERS);
    }

    @Override
    public String toString() {
      return "starts with \"" + prefix + '"';
    }
  }

  /** Anything, the empty text included, as long as the entry is there. */
  record Any() implements ValuePattern {
    @Override
    public String toString() {
      return "is present";
    }
  }

  /**
   * An address of a network. IPv4 addresses written as IPv6 ({@code ::ffff:10.0.0.1}) count as
   * IPv4; a zone ({@code fe80::1%eth0}) is ignored; names are never resolved.
   *
   * @param network {@code 10.0.0.0/8}, {@code 2001:db8::/32}, or one address
   */
  record Cidr(String network) implements ValuePattern {
    /**
     * @throws IllegalArgumentException if it is no network, or has bits beyond its length
     */
    public Cidr {
      network = Network.of(requireNonNull(network, "network")).toString();
    }

    @Override
    public String toString() {
      return "is in " + network;
    }
  }

  /**
   * A path, segment by segment.
   *
   * <p>{@code {name}} stands for one segment and {@code *} for one without a name; at the end,
   * {@code {name...}} and {@code **} stand for all that follows, nothing included. Segments are
   * never empty, save within that tail; one slash at the end of the path is ignored. Paths are
   * compared as given: decoding and cleaning them is the caller's part.
   *
   * @param template such as {@code /users/{id}/orders/{order}}; at most 64 segments
   */
  record PathTemplate(String template) implements ValuePattern {
    /**
     * @throws IllegalArgumentException if the template is malformed
     */
    public PathTemplate {
      PathMatcher.parse(requireNonNull(template, "template"));
    }

    @Override
    public String toString() {
      return "fits " + template;
    }
  }

  /**
   * What fits a pattern, without some texts and all that starts with some prefixes.
   *
   * <p>So that of several patterns which overlap only one holds: the wider ones name what the
   * narrower ones take.
   *
   * @param pattern what fits otherwise; no exception itself
   * @param texts fit not; at most 1000000
   * @param prefixes what starts so fits not; at most 1000000, none empty
   * @since 0.1
   */
  record Except(ValuePattern pattern, List<String> texts, List<String> prefixes)
      implements ValuePattern {

    private static final int MAX_EXCEPTIONS = 1_000_000;

    /**
     * @throws IllegalArgumentException if nothing is excepted, a text or prefix is too long, a
     *     prefix is empty, or the pattern has exceptions itself
     */
    public Except {
      if (requireNonNull(pattern, "pattern") instanceof Except) {
        throw new IllegalArgumentException("pattern: " + pattern + " (expected: no exceptions)");
      }
      texts = List.copyOf(texts);
      prefixes = List.copyOf(prefixes);
      Require.within("exceptions", texts.size() + (long) prefixes.size(), 1, MAX_EXCEPTIONS);
      for (String text : texts) {
        Require.within("characters of not", text.length(), 0, Descriptor.MAX_CHARACTERS);
      }
      for (String prefix : prefixes) {
        Require.text("not-prefix", prefix, Descriptor.MAX_CHARACTERS);
      }
    }

    @Override
    public String toString() {
      return pattern + ", except " + shown(texts, "") + shown(prefixes, "*");
    }

    private String shown(List<String> list, String end) {
      StringBuilder shown = new StringBuilder();
      for (int i = 0; i < Math.min(list.size(), 5); i++) {
        shown.append(i == 0 && (end.isEmpty() || texts.isEmpty()) ? "\"" : ", \"");
        shown.append(list.get(i)).append(end).append('"');
      }
      return list.size() > 5
          ? shown.append(" and ").append(list.size() - 5).append(" more").toString()
          : shown.toString();
    }
  }

  /** This very text. */
  static ValuePattern exact(String value) {
    return new Exact(value);
  }

  /** Any text that starts so. */
  static ValuePattern prefix(String prefix) {
    return new Prefix(prefix);
  }

  /** Anything. */
  static ValuePattern any() {
    return new Any();
  }

  /** An address of the network. */
  static ValuePattern cidr(String network) {
    return new Cidr(network);
  }

  /** Anything but these texts. */
  static ValuePattern not(String... texts) {
    return new Except(any(), List.of(texts), List.of());
  }

  /** A path that fits the template. */
  static ValuePattern path(String template) {
    return new PathTemplate(template);
  }
}
