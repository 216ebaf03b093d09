// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy.envoy;

import dev.weir.core.Limit;
import dev.weir.policy.Node;
import java.util.List;
import java.util.Optional;

/**
 * A descriptor as the file has it.
 *
 * @param place where it stands
 * @param value what it wants; empty for any value
 * @param shared whether all values that a wildcard stands for have one counter
 * @param limited what applies where a request's entries end here
 * @param children the next level, in the order of the file
 */
record Rule(
    Node place,
    String key,
    String value,
    boolean shared,
    Optional<Limited> limited,
    List<Rule> children) {

  /**
   * What a rate limit says.
   *
   * @param limits none if it is unlimited
   * @param unnamed whether the first limit has no name in the file
   * @param replaces names of limits
   */
  record Limited(List<Limit> limits, boolean unnamed, List<String> replaces) {}

  /** The key and the value as one text, as messages have it. */
  String composite() {
    return value.isEmpty() ? key : key + '_' + value;
  }

  boolean wildcard() {
    return value.endsWith("*");
  }

  /** What values of a wildcard start with; empty if any do. */
  String prefix() {
    return value.substring(0, value.length() - 1);
  }
}
