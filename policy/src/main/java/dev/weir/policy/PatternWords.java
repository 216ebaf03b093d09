// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import dev.weir.core.ValuePattern;
import java.util.regex.Pattern;

/**
 * Value patterns in one word: {@code *} is anything, {@code abc*} a prefix, a path with variables a
 * template, an address with a length a network, and everything else the text itself.
 */
final class PatternWords {

  private static final Pattern NETWORK =
      Pattern.compile("(([0-9]{1,3}\\.){3}[0-9]{1,3}|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)/[0-9]{1,3}");

  private PatternWords() {}

  /**
   * The pattern that a word means.
   *
   * @throws IllegalArgumentException if it is malformed
   */
  static ValuePattern parse(String key, String word) {
    if (word.equals("*")) {
      return ValuePattern.any();
    }
    if (NETWORK.matcher(word).matches()) {
      return ValuePattern.cidr(word);
    }
    boolean prefix = word.indexOf('*') == word.length() - 1;
    boolean pathLike = word.startsWith("/") || key.equals("path");
    if (pathLike && (word.indexOf('{') >= 0 || (word.indexOf('*') >= 0 && !prefix))) {
      return ValuePattern.path(word);
    }
    if (word.indexOf('*') < 0) {
      return ValuePattern.exact(word);
    }
    if (!prefix) {
      throw new IllegalArgumentException(
          "pattern: \"" + word + "\" (expected: one * at the end, or {exact: ...})");
    }
    return ValuePattern.prefix(word.substring(0, word.length() - 1));
  }
}
