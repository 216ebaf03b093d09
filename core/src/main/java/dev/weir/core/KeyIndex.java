// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rules that are filed under a condition on one entry, by the kind of its pattern. */
final class KeyIndex<R> {

  private final List<R> any;
  private final Map<String, List<R>> texts;
  private final @Nullable PrefixIndex<R> prefixes;
  private final @Nullable NetworkMap<List<R>> networks;
  private final @Nullable PathIndex<R> paths;

  private KeyIndex(Builder<R> builder) {
    this.any = List.copyOf(builder.any);
    this.texts = copyOf(builder.texts);
    this.prefixes = builder.prefixes.isEmpty() ? null : PrefixIndex.of(copyOf(builder.prefixes));
    this.networks = builder.networks.isEmpty() ? null : NetworkMap.of(copyOf(builder.networks));
    this.paths = builder.paths;
  }

  <A extends @Nullable Object> A fold(
      String value, Descriptor descriptor, A start, ConditionIndex.Fold<R, A> fold) {
    A result = ConditionIndex.each(any, descriptor, start, fold);
    List<R> exact = texts.get(value);
    if (exact != null) {
      result = ConditionIndex.each(exact, descriptor, result, fold);
    }
    if (prefixes != null) {
      result = prefixes.fold(value, descriptor, result, fold);
    }
    if (networks != null) {
      result = within(networks, value, descriptor, result, fold);
    }
    if (paths != null) {
      result = paths.fold(value, descriptor, result, fold);
    }
    return result;
  }

  /** Rules of every network that the value is in. */
  private static <R, A extends @Nullable Object> A within(
      NetworkMap<List<R>> networks,
      String value,
      Descriptor descriptor,
      A start,
      ConditionIndex.Fold<R, A> fold) {
    Address address = Address.parse(value);
    if (address == null) {
      return start;
    }
    A result = start;
    for (int length : networks.lengths(address)) {
      List<R> found = networks.at(address, length);
      if (found != null) {
        result = ConditionIndex.each(found, descriptor, result, fold);
      }
    }
    return result;
  }

  private static <K, R> Map<K, List<R>> copyOf(Map<K, List<R>> lists) {
    Map<K, List<R>> copy = HashMap.newHashMap(lists.size());
    lists.forEach((key, list) -> copy.put(key, List.copyOf(list)));
    return copy;
  }

  /** Collects the rules of one entry. */
  static final class Builder<R> {
    private final List<R> any = new ArrayList<>();
    private final Map<String, List<R>> texts = new HashMap<>();
    private final Map<String, List<R>> prefixes = new HashMap<>();
    private final Map<Network, List<R>> networks = new HashMap<>();
    private @Nullable PathIndex<R> paths;

    void add(Matcher matcher, R rule) {
      switch (matcher) {
        case Matcher.Anything anything -> any.add(rule);
        case Matcher.Text text -> file(texts, text.value(), rule);
        case Matcher.Start start -> file(prefixes, start.prefix(), rule);
        case Matcher.Within within -> file(networks, within.network(), rule);
        // Whoever is found is asked again, exceptions included.
        case Matcher.Except except -> add(except.base(), rule);
        case PathMatcher path -> {
          paths = paths == null ? new PathIndex<>() : paths;
          paths.add(path, rule);
        }
      }
    }

    KeyIndex<R> build() {
      return new KeyIndex<>(this);
    }

    private static <K, R> void file(Map<K, List<R>> lists, K key, R rule) {
      lists.computeIfAbsent(key, absent -> new ArrayList<>()).add(rule);
    }
  }
}
