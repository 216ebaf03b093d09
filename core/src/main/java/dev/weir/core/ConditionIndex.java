// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the rules whose conditions hold, in time that does not grow with their number. */
final class ConditionIndex<R extends ConditionIndex.Rule> {

  /*
   * Each rule is filed under one of its conditions: the one that the fewest rules share, and among
   * equals the one of the narrowest kind. A descriptor's entries lead to the rules filed under
   * conditions that hold; each of those is then checked completely. So the work is that of the
   * distinct lengths of prefixes and networks, and of the rules that share their rarest condition.
   */

  /** Something that applies where all of its conditions hold. */
  interface Rule {
    /** Position among its kind. */
    int ordinal();

    List<CompiledCondition> conditions();

    /** Whether all conditions hold. */
    default boolean holds(Descriptor descriptor) {
      List<CompiledCondition> conditions = conditions();
      for (int i = 0; i < conditions.size(); i++) {
        if (!conditions.get(i).holds(descriptor)) {
          return false;
        }
      }
      return true;
    }
  }

  /** Takes one more rule that may hold into a result. */
  interface Fold<R, A extends @Nullable Object> {
    A step(A soFar, R candidate, Descriptor descriptor);
  }

  private final List<R> always;
  private final Map<String, KeyIndex<R>> keys;

  private ConditionIndex(List<R> always, Map<String, KeyIndex<R>> keys) {
    this.always = always;
    this.keys = keys;
  }

  static <R extends Rule> ConditionIndex<R> of(List<R> rules) {
    Map<Condition, Integer> shares = new HashMap<>();
    for (R rule : rules) {
      for (CompiledCondition condition : rule.conditions()) {
        shares.merge(condition.condition(), 1, Integer::sum);
      }
    }
    List<R> always = new ArrayList<>();
    Map<String, KeyIndex.Builder<R>> builders = new HashMap<>();
    for (R rule : rules) {
      if (rule.conditions().isEmpty()) {
        always.add(rule);
      } else {
        CompiledCondition chosen = narrowest(rule.conditions(), shares);
        builders
            .computeIfAbsent(chosen.condition().key(), key -> new KeyIndex.Builder<>())
            .add(chosen.matcher(), rule);
      }
    }
    Map<String, KeyIndex<R>> keys = new HashMap<>();
    builders.forEach((key, builder) -> keys.put(key, builder.build()));
    return new ConditionIndex<>(List.copyOf(always), keys);
  }

  private static CompiledCondition narrowest(
      List<CompiledCondition> conditions, Map<Condition, Integer> shares) {
    CompiledCondition best = conditions.getFirst();
    for (CompiledCondition condition : conditions) {
      int order =
          Integer.compare(
              shares.getOrDefault(condition.condition(), 0),
              shares.getOrDefault(best.condition(), 0));
      if (order < 0 || (order == 0 && breadth(condition.matcher()) < breadth(best.matcher()))) {
        best = condition;
      }
    }
    return best;
  }

  private static int breadth(Matcher matcher) {
    return switch (matcher) {
      case Matcher.Text text -> 0;
      case PathMatcher path -> 1;
      case Matcher.Within within -> 2;
      case Matcher.Start start -> 3;
      case Matcher.Anything anything -> 4;
      case Matcher.Except except -> breadth(except.base());
    };
  }

  /** Folds every rule that may hold, in no particular order, each once. */
  <A extends @Nullable Object> A fold(Descriptor descriptor, A start, Fold<R, A> fold) {
    A result = each(always, descriptor, start, fold);
    List<Descriptor.Entry> entries = descriptor.entries();
    for (int i = 0; i < entries.size(); i++) {
      Descriptor.Entry entry = entries.get(i);
      KeyIndex<R> index = keys.get(entry.key());
      if (index != null && first(entries, i)) {
        result = index.fold(entry.value(), descriptor, result, fold);
      }
    }
    return result;
  }

  static <R, A extends @Nullable Object> A each(
      List<R> candidates, Descriptor descriptor, A start, Fold<R, A> fold) {
    A result = start;
    for (int i = 0; i < candidates.size(); i++) {
      result = fold.step(result, candidates.get(i), descriptor);
    }
    return result;
  }

  private static boolean first(List<Descriptor.Entry> entries, int position) {
    String key = entries.get(position).key();
    for (int i = 0; i < position; i++) {
      if (entries.get(i).key().equals(key)) {
        return false;
      }
    }
    return true;
  }
}
