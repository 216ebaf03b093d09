// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

/** A value pattern, compiled. */
sealed interface Matcher
    permits Matcher.Text, Matcher.Start, Matcher.Anything, Matcher.Within, PathMatcher {

  boolean matches(String value);

  static Matcher of(ValuePattern pattern) {
    return switch (pattern) {
      case ValuePattern.Exact exact -> new Text(exact.value());
      case ValuePattern.Prefix prefix -> new Start(prefix.prefix());
      case ValuePattern.Any any -> Anything.ANYTHING;
      case ValuePattern.Cidr cidr -> new Within(Network.of(cidr.network()));
      case ValuePattern.PathTemplate path -> PathMatcher.parse(path.template());
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
