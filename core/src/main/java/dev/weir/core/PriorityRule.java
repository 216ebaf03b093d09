// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * How a policy tells the priority of a descriptor that it matches.
 *
 * @param entry the entry of the descriptor whose value is the priority's word
 * @param otherwise the priority where there is no such entry, or its value is no priority
 */
public record PriorityRule(Optional<String> entry, Priority otherwise) {

  /**
   * @throws IllegalArgumentException if the entry's key is empty or too long
   */
  public PriorityRule {
    requireNonNull(entry, "entry")
        .ifPresent(key -> Require.text("priority entry", key, Condition.MAX_KEY));
    requireNonNull(otherwise, "otherwise");
  }

  /** The same for every descriptor. */
  public static PriorityRule of(Priority priority) {
    return new PriorityRule(Optional.empty(), priority);
  }

  /** What the descriptor's entry says. */
  public static PriorityRule from(String entry, Priority otherwise) {
    return new PriorityRule(Optional.of(entry), otherwise);
  }

  /** The priority of a descriptor. */
  Priority of(Descriptor descriptor) {
    if (entry.isEmpty()) {
      return otherwise;
    }
    String value = CompiledCondition.valueOf(descriptor, entry.get());
    return value == null ? otherwise : Priority.of(value).orElse(otherwise);
  }

  /** Whether a descriptor may be of that priority or below it. */
  boolean mayBeWithin(Priority highest) {
    return entry.isPresent() || otherwise.compareTo(highest) <= 0;
  }
}
