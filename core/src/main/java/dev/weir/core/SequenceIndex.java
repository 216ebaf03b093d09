// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the policies that want exactly the entries of a descriptor, in order: a tree of positions,
 * whose work is that of the entries and not of the policies.
 */
final class SequenceIndex {

  /** The way from one position to the next, for values that fit. */
  private record Edge(Matcher matcher, SequenceIndex target) {}

  /** Goes on where the value at the edge's position fits. */
  private enum Walk implements ConditionIndex.Fold<Edge, List<PolicyMatch>> {
    WALK;

    @Override
    public List<PolicyMatch> step(List<PolicyMatch> soFar, Edge edge, Descriptor descriptor) {
      SequenceIndex target = edge.target;
      String value = descriptor.entries().get(target.depth - 1).value();
      return edge.matcher.matches(value) ? target.fold(descriptor, soFar) : soFar;
    }
  }

  private final int depth;
  private final List<CompiledPolicy> ending;
  private final Map<String, KeyIndex<Edge>> edges;

  private SequenceIndex(Builder builder) {
    this.depth = builder.depth;
    this.ending = List.copyOf(builder.ending);
    Map<String, KeyIndex<Edge>> indexes = HashMap.newHashMap(builder.next.size());
    builder.next.forEach((key, targets) -> indexes.put(key, index(targets)));
    this.edges = indexes;
  }

  private static KeyIndex<Edge> index(Map<ValuePattern, Builder> targets) {
    KeyIndex.Builder<Edge> index = new KeyIndex.Builder<>();
    targets.forEach(
        (pattern, target) -> {
          Matcher matcher = Matcher.of(pattern);
          index.add(matcher, new Edge(matcher, new SequenceIndex(target)));
        });
    return index.build();
  }

  static SequenceIndex of(List<CompiledPolicy> policies) {
    Builder root = new Builder(0);
    for (CompiledPolicy policy : policies) {
      Builder node = root;
      for (EntryPattern entry : policy.source().entries()) {
        node = node.next(entry);
      }
      node.ending.add(policy);
    }
    return new SequenceIndex(root);
  }

  /** Adds every policy that applies; allocates nothing if there is at most one. */
  List<PolicyMatch> fold(Descriptor descriptor, List<PolicyMatch> soFar) {
    List<Descriptor.Entry> entries = descriptor.entries();
    if (depth == entries.size()) {
      return ConditionIndex.each(ending, descriptor, soFar, AllMatches.ALL_MATCHES);
    }
    Descriptor.Entry entry = entries.get(depth);
    KeyIndex<Edge> index = edges.get(entry.key());
    return index == null ? soFar : index.fold(entry.value(), descriptor, soFar, Walk.WALK);
  }

  /** A position while the tree is built. */
  private static final class Builder {
    private final int depth;
    private final List<CompiledPolicy> ending = new ArrayList<>(1);
    private final Map<String, Map<ValuePattern, Builder>> next = new HashMap<>();

    Builder(int depth) {
      this.depth = depth;
    }

    Builder next(EntryPattern entry) {
      return next.computeIfAbsent(entry.key(), key -> new HashMap<>())
          .computeIfAbsent(entry.pattern(), pattern -> new Builder(depth + 1));
    }
  }
}
