// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

/**
 * What a policy demands of one entry of a descriptor: it is there, and its value fits. Where a
 * descriptor has several entries of this key, the first counts.
 *
 * @param key the entry's key; 1..{@value #MAX_KEY} characters
 * @param pattern what the value must look like
 */
public record Condition(String key, ValuePattern pattern) {

  static final int MAX_KEY = 200;

  /**
   * @throws IllegalArgumentException if the key is empty or too long
   */
  public Condition {
    Require.text("entry", requireNonNull(key, "key"), MAX_KEY);
    requireNonNull(pattern, "pattern");
  }

  @Override
  public String toString() {
    return key + " " + pattern;
  }
}
