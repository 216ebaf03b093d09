// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rules by path template: a tree of segments. */
final class PathIndex<R> {

  // Most nodes have one of these: the others cost nothing.
  private Map<String, PathIndex<R>> literals = Map.of();
  private @Nullable PathIndex<R> variable;
  private List<R> ending = List.of();
  private List<R> tails = List.of();

  /** Only while the index is built. */
  void add(PathMatcher path, R rule) {
    PathIndex<R> node = this;
    for (PathMatcher.Segment segment : path.segments()) {
      switch (segment) {
        case PathMatcher.Segment.Literal literal -> node = node.orNewLiteral(literal.text());
        case PathMatcher.Segment.Variable any -> node = node.orNewVariable();
        case PathMatcher.Segment.Tail tail -> {
          node.tails = with(node.tails, rule);
          return;
        }
      }
    }
    node.ending = with(node.ending, rule);
  }

  private static <R> List<R> with(List<R> rules, R rule) {
    List<R> grown = rules.isEmpty() ? new ArrayList<>(1) : rules;
    grown.add(rule);
    return grown;
  }

  private PathIndex<R> orNewLiteral(String text) {
    if (literals.isEmpty()) {
      literals = new HashMap<>(2);
    }
    return literals.computeIfAbsent(text, absent -> new PathIndex<>());
  }

  private PathIndex<R> orNewVariable() {
    PathIndex<R> node = variable;
    if (node == null) {
      node = new PathIndex<>();
      variable = node;
    }
    return node;
  }

  <A extends @Nullable Object> A fold(
      String path, Descriptor descriptor, A start, ConditionIndex.Fold<R, A> fold) {
    if (path.isEmpty() || path.charAt(0) != '/') {
      return start;
    }
    return walk(path, 1, PathMatcher.end(path), descriptor, start, fold);
  }

  private <A extends @Nullable Object> A walk(
      String path,
      int at,
      int end,
      Descriptor descriptor,
      A start,
      ConditionIndex.Fold<R, A> fold) {
    A result = ConditionIndex.each(tails, descriptor, start, fold);
    if (at > end) {
      return ConditionIndex.each(ending, descriptor, result, fold);
    }
    int next = PathMatcher.segmentEnd(path, at, end);
    if (next == at) {
      return result;
    }
    if (!literals.isEmpty()) {
      PathIndex<R> literal = literals.get(path.substring(at, next));
      if (literal != null) {
        result = literal.walk(path, next + 1, end, descriptor, result, fold);
      }
    }
    if (variable != null) {
      result = variable.walk(path, next + 1, end, descriptor, result, fold);
    }
    return result;
  }
}
