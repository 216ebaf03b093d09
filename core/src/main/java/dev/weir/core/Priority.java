// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.Locale;
import java.util.Optional;

/**
 * How much it matters that a request is served, least first. The system under load sheds the lowest
 * priorities first, and {@link #CRITICAL} never.
 */
public enum Priority {
  LOW,
  NORMAL,
  HIGH,
  CRITICAL;

  private static final Priority[] ALL = values();

  /** The word used in files and descriptors, such as {@code low}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The priority of a word. */
  public static Optional<Priority> of(String word) {
    for (Priority priority : ALL) {
      if (priority.word().equals(word)) {
        return Optional.of(priority);
      }
    }
    return Optional.empty();
  }
}
