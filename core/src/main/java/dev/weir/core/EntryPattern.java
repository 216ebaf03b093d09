// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

/**
 * What a policy demands of the entry at one position of a descriptor.
 *
 * @param key the entry's key; 1..{@value Condition#MAX_KEY} characters
 * @param pattern what its value must look like
 * @param counted whether the value is a part of what the policy counts by
 * @since 0.1
 */
public record EntryPattern(String key, ValuePattern pattern, boolean counted) {

  /**
   * @throws IllegalArgumentException if the key is empty or too long
   */
  public EntryPattern {
    Require.text("entry", requireNonNull(key, "key"), Condition.MAX_KEY);
    requireNonNull(pattern, "pattern");
  }

  /** An entry whose value fits, and is counted by. */
  public static EntryPattern of(String key, ValuePattern pattern) {
    return new EntryPattern(key, pattern, true);
  }

  /** The same, with one counter for all values that fit. */
  public EntryPattern shared() {
    return new EntryPattern(key, pattern, false);
  }

  @Override
  public String toString() {
    return key + " " + pattern;
  }
}
