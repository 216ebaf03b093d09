// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A condition with its pattern compiled. */
record CompiledCondition(Condition condition, Matcher matcher) {

  static CompiledCondition of(Condition condition) {
    return new CompiledCondition(condition, Matcher.of(condition.pattern()));
  }

  static List<CompiledCondition> allOf(List<Condition> conditions) {
    List<CompiledCondition> compiled = new ArrayList<>(conditions.size());
    for (Condition condition : conditions) {
      compiled.add(of(condition));
    }
    return List.copyOf(compiled);
  }

  boolean holds(Descriptor descriptor) {
    String value = valueOf(descriptor, condition.key());
    return value != null && matcher.matches(value);
  }

  /** As {@link Descriptor#value}, for a path that allocates nothing. */
  static @Nullable String valueOf(Descriptor descriptor, String key) {
    List<Descriptor.Entry> entries = descriptor.entries();
    for (int i = 0; i < entries.size(); i++) {
      Descriptor.Entry entry = entries.get(i);
      if (entry.key().equals(key)) {
        return entry.value();
      }
    }
    return null;
  }
}
