// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import dev.weir.core.Condition;
import dev.weir.core.EntryPattern;
import dev.weir.core.ValuePattern;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes what values must look like as {@link PatternReader} reads it. */
final class PatternWriter {

  private PatternWriter() {}

  /** One mapping, or as many as it takes if an entry has several conditions. */
  static Object conditions(List<Condition> conditions) {
    List<Map<String, Object>> mappings = new ArrayList<>();
    mappings.add(new LinkedHashMap<>());
    for (Condition condition : conditions) {
      if (mappings.getLast().containsKey(condition.key())) {
        mappings.add(new LinkedHashMap<>());
      }
      mappings.getLast().put(condition.key(), pattern(condition.key(), condition.pattern()));
    }
    return mappings.size() == 1 ? mappings.getFirst() : mappings;
  }

  /** The entries that a policy wants, by position. */
  static List<Map<String, Object>> entries(List<EntryPattern> entries) {
    List<Map<String, Object>> list = new ArrayList<>(entries.size());
    for (EntryPattern entry : entries) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("key", entry.key());
      if (!(entry.pattern() instanceof ValuePattern.Any)) {
        fields.put("value", pattern(entry.key(), entry.pattern()));
      }
      if (!entry.counted()) {
        fields.put("counted", false);
      }
      list.add(fields);
    }
    return list;
  }

  private static Object pattern(String key, ValuePattern pattern) {
    if (pattern instanceof ValuePattern.Except except) {
      return except(except);
    }
    String word = word(pattern);
    return means(key, word, pattern) ? word : longForm(pattern);
  }

  private static Map<String, Object> except(ValuePattern.Except except) {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (!(except.pattern() instanceof ValuePattern.Any)) {
      fields.putAll(longForm(except.pattern()));
    }
    if (!except.texts().isEmpty()) {
      fields.put("not", except.texts());
    }
    if (!except.prefixes().isEmpty()) {
      fields.put("not-prefix", except.prefixes());
    }
    return fields;
  }

  private static String word(ValuePattern pattern) {
    return switch (pattern) {
      case ValuePattern.Exact exact -> exact.value();
      case ValuePattern.Prefix prefix -> prefix.prefix() + '*';
      case ValuePattern.Any any -> "*";
      case ValuePattern.Cidr cidr -> cidr.network();
      case ValuePattern.PathTemplate path -> path.template();
      case ValuePattern.Except except -> throw new IllegalArgumentException("no word: " + except);
    };
  }

  private static boolean means(String key, String word, ValuePattern pattern) {
    try {
      return PatternWords.parse(key, word).equals(pattern);
    } catch (IllegalArgumentException e) {
      return false; // it reads as another kind of pattern, and as a malformed one
    }
  }

  private static Map<String, Object> longForm(ValuePattern pattern) {
    return switch (pattern) {
      case ValuePattern.Exact exact -> Map.of("exact", exact.value());
      case ValuePattern.Prefix prefix -> Map.of("prefix", prefix.prefix());
      case ValuePattern.Any any -> Map.of("any", true);
      case ValuePattern.Cidr cidr -> Map.of("cidr", cidr.network());
      case ValuePattern.PathTemplate path -> Map.of("template", path.template());
      case ValuePattern.Except except -> except(except);
    };
  }
}
