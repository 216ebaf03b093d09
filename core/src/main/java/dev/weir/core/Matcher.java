// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A value pattern, compiled. */
sealed interface Matcher
    permits Matcher.Text,
        Matcher.Start,
        Matcher.Anything,
        Matcher.Within,
        Matcher.Except,
        PathMatcher {

  boolean matches(String value);

  static Matcher of(ValuePattern pattern) {
    return switch (pattern) {
      case ValuePattern.Exact exact -> new Text(exact.value());
      case ValuePattern.Prefix prefix -> new Start(prefix.prefix());
      case ValuePattern.Any any -> Anything.ANYTHING;
      case ValuePattern.Cidr cidr -> new Within(Network.of(cidr.network()));
      case ValuePattern.PathTemplate path -> PathMatcher.parse(path.template());
      case ValuePattern.Except except ->
          new Except(of(except.pattern()), Set.copyOf(except.texts()), widest(except.prefixes()));
    };
  }

  /** One text. */
  record Text(String value) implements Matcher {
    @Override
    public boolean matches(String other) {
      return value.equals(other);
    }
  }

  /** Texts that start so. */
  record Start(String prefix) implements Matcher {
    @Override
    public boolean matches(String value) {
      return value.startsWith(prefix);
    }
  }

  /** The prefixes that no other one begins, sorted. */
  private static String[] widest(List<String> prefixes) {
    List<String> kept = new ArrayList<>(prefixes.size());
    for (String prefix : new TreeSet<>(prefixes)) {
      if (kept.isEmpty() || !prefix.startsWith(kept.getLast())) {
        kept.add(prefix);
      }
    }
    return kept.toArray(String[]::new);
  }

  /**
   * Texts that fit another pattern, without some.
   *
   * @param prefixes sorted, none the beginning of another: only the last one before a value can be
   *     its beginning
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Except(Matcher base, Set<String> texts, String[] prefixes) implements Matcher {
    @Override
    public boolean matches(String value) {
      return base.matches(value) && !texts.contains(value) && !startsWithOne(value);
    }

    private boolean startsWithOne(String value) {
      int at = Arrays.binarySearch(prefixes, value);
      int last = at >= 0 ? at : -at - 2;
      return last >= 0 && value.startsWith(prefixes[last]);
    }
  }

  /** The addresses of a network. */
  record Within(Network network) implements Matcher {
    @Override
    public boolean matches(String value) {
      return network.contains(value);
    }
  }

  /** Every text. */
  enum Anything implements Matcher {
    ANYTHING;

    @Override
    public boolean matches(String value) {
      return true;
    }
  }
}
