// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Writes what a policy counts by. */
final class CompiledKey {

  /** Stands for every value that is no address; no network is written so. */
  private static final String NO_ADDRESS = "?";

  private sealed interface Source {
    /** The text of this part; the entry that it needs is there. */
    String text(String value);
  }

  private record Whole() implements Source {
    @Override
    public String text(String value) {
      return value;
    }
  }

  private record Masked(int ipv4Length, int ipv6Length) implements Source {
    @Override
    public String text(String value) {
      Address address = Address.parse(value);
      if (address == null) {
        return NO_ADDRESS;
      }
      int length = address.ipv6() ? ipv6Length : ipv4Length;
      return address.mask(length) + "/" + length;
    }
  }

  private record Variable(PathMatcher path, int position) implements Source {
    @Override
    public String text(String value) {
      return path.value(value, position);
    }
  }

  private final String[] entries;
  private final Source[] sources;
  // Where the entries are, in a policy that knows; null in one that looks for them.
  private final int @Nullable [] positions;

  private CompiledKey(String[] entries, Source[] sources, int @Nullable [] positions) {
    this.entries = entries;
    this.sources = sources;
    this.positions = positions;
  }

  static CompiledKey of(Policy policy) {
    if (!policy.entries().isEmpty()) {
      return ofPositions(policy.entries());
    }
    List<KeyPart> parts = policy.key();
    String[] entries = new String[parts.size()];
    Source[] sources = new Source[parts.size()];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = parts.get(i).entry();
      sources[i] = source(policy, parts.get(i));
    }
    return new CompiledKey(entries, sources, null);
  }

  private static CompiledKey ofPositions(List<EntryPattern> patterns) {
    int[] positions =
        IntStream.range(0, patterns.size()).filter(i -> patterns.get(i).counted()).toArray();
    String[] entries = new String[positions.length];
    Source[] sources = new Source[positions.length];
    for (int i = 0; i < positions.length; i++) {
      entries[i] = patterns.get(positions[i]).key();
      sources[i] = new Whole();
    }
    return new CompiledKey(entries, sources, positions);
  }

  private static Source source(Policy policy, KeyPart part) {
    return switch (part) {
      case KeyPart.Value value -> new Whole();
      case KeyPart.AddressNetwork network -> new Masked(network.ipv4Length(), network.ipv6Length());
      case KeyPart.PathVariable variable -> {
        PathMatcher path = path(policy, variable);
        yield new Variable(path, path.position(variable.variable()));
      }
    };
  }

  private static PathMatcher path(Policy policy, KeyPart.PathVariable variable) {
    for (Condition condition : policy.conditions()) {
      if (condition.key().equals(variable.entry())
          && condition.pattern() instanceof ValuePattern.PathTemplate template) {
        PathMatcher path = PathMatcher.parse(template.template());
        if (path.variables().contains(variable.variable())) {
          return path;
        }
      }
    }
    throw new IllegalStateException("no template has " + variable);
  }

  /** Appends every part; the descriptor has the entries that they need. */
  void write(Descriptor descriptor, KeyBuffer buffer) {
    for (int i = 0; i < entries.length; i++) {
      buffer.part(text(descriptor, i));
    }
  }

  List<String> texts(Descriptor descriptor) {
    List<String> texts = new ArrayList<>(entries.length);
    for (int i = 0; i < entries.length; i++) {
      texts.add(text(descriptor, i));
    }
    return List.copyOf(texts);
  }

  private String text(Descriptor descriptor, int part) {
    if (positions != null) {
      return descriptor.entries().get(positions[part]).value();
    }
    @Nullable String value = CompiledCondition.valueOf(descriptor, entries[part]);
    if (value == null) {
      throw new IllegalStateException(
          "no entry " + entries[part] + " in a descriptor that matched");
    }
    return sources[part].text(value);
  }
}
