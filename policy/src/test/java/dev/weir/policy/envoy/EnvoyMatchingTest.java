// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Descriptor;
import dev.weir.core.MemoryStore;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Compares which rule random requests meet with a walk down the tree that the file is. */
class EnvoyMatchingTest {

  private static final List<String> KEYS = List.of("a", "b");
  private static final List<String> VALUES = List.of("", "x", "xy", "xyz", "xz", "y", "yx", "z");

  /** A rule of a tree; {@code limit} 0 means none. */
  private record Tree(String key, String value, int limit, boolean shared, List<Tree> children) {
    String composite() {
      return value.isEmpty() ? key : key + "_" + value;
    }
  }

  /** Where a walk ended, and what it counts by. */
  private record Found(int limit, List<String> counted) {}

  @Test
  void match_randomTrees_asTheWalk() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int limited = 0;
    for (int round = 0; round < 300; round++) {
      List<Tree> tree = level(random, 3, new int[] {0});
      StringBuilder yaml = new StringBuilder("domain: d\ndescriptors:\n");
      write(tree, "  ", yaml);
      List<EnvoyImporter.Source> file =
          List.of(new EnvoyImporter.Source("f.yaml", yaml.toString()));
      EnvoyRules rules = EnvoyImporter.parse(file, EnvoyImporter.Domains.ONE_FILE_EACH);
      PolicySet set =
          rules.policies().isEmpty() ? PolicySet.empty() : PolicySet.of(rules.policies());
      try (MemoryStore store = MemoryStore.create()) {
        RateLimiter limiter = RateLimiter.create(store, set);
        Set<Found> counters = new HashSet<>();
        for (int i = 0; i < 100; i++) {
          Descriptor descriptor = descriptor(random);
          Found expected = walk(tree, descriptor.entries());
          boolean fresh = counters.add(expected);
          var states = limiter.check(descriptor).states();
          String context = "seed " + seed + ": " + descriptor + " in\n" + yaml;
          if (expected.limit == 0) {
            assertThat(states).as(context).isEmpty();
          } else {
            assertThat(states).as(context).hasSize(1);
            assertThat(states.getFirst().limit().algorithm().limit())
                .as(context)
                .isEqualTo(expected.limit);
            boolean first = states.getFirst().verdict().remaining() == expected.limit - 1;
            assertThat(first).as(context).isEqualTo(fresh);
            limited++;
          }
        }
      }
    }
    assertThat(limited).as("seed %d", seed).isGreaterThan(1_000);
  }

  private static List<Tree> level(Random random, int depth, int[] limits) {
    List<Tree> level = new ArrayList<>();
    Set<String> composites = new HashSet<>();
    for (int i = 1 + random.nextInt(5); i > 0; i--) {
      String value = one(random, VALUES) + (random.nextInt(3) == 0 ? "*" : "");
      // Limits are told apart by their numbers; the first has two permits.
      int limit = random.nextInt(4) == 0 ? 0 : ++limits[0] + 1;
      List<Tree> children =
          depth == 0 || random.nextInt(3) == 0 ? List.of() : level(random, depth - 1, limits);
      Tree tree =
          new Tree(
              one(random, KEYS),
              value,
              limit,
              value.endsWith("*") && random.nextBoolean(),
              children);
      if (composites.add(tree.composite())) {
        level.add(tree);
      }
    }
    return level;
  }

  private static void write(List<Tree> level, String indent, StringBuilder yaml) {
    for (Tree tree : level) {
      yaml.append(indent).append("- key: ").append(tree.key).append('\n');
      if (!tree.value.isEmpty()) {
        yaml.append(indent).append("  value: \"").append(tree.value).append("\"\n");
      }
      if (tree.shared) {
        yaml.append(indent).append("  share_threshold: true\n");
      }
      if (tree.limit > 0) {
        yaml.append(indent).append("  rate_limit: { unit: year, requests_per_unit: ");
        yaml.append(tree.limit).append(" }\n");
      }
      if (!tree.children.isEmpty()) {
        yaml.append(indent).append("  descriptors:\n");
        write(tree.children, indent + "    ", yaml);
      }
    }
  }

  private static Descriptor descriptor(Random random) {
    List<Descriptor.Entry> entries = new ArrayList<>();
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      entries.add(new Descriptor.Entry(one(random, KEYS), one(random, VALUES)));
    }
    return Descriptor.of("d", entries);
  }

  private static Found walk(List<Tree> tree, List<Descriptor.Entry> entries) {
    List<Tree> level = tree;
    List<String> counted = new ArrayList<>();
    int limit = 0;
    for (Descriptor.Entry entry : entries) {
      Tree next = next(level, entry);
      if (next == null) {
        return new Found(0, List.of());
      }
      counted.add(next.shared ? "*" : entry.value());
      limit = next.limit;
      level = next.children;
    }
    return limit == 0 ? new Found(0, List.of()) : new Found(limit, counted);
  }

  @SuppressWarnings("NullAway") // null is nothing found
  private static Tree next(List<Tree> level, Descriptor.Entry entry) {
    for (Tree tree : level) {
      boolean exact = !tree.value.isEmpty() && tree.value.equals(entry.value());
      if (tree.key.equals(entry.key()) && exact) {
        return tree;
      }
    }
    for (Tree tree : level) {
      if (tree.key.equals(entry.key())
          && tree.value.endsWith("*")
          && entry.value().startsWith(tree.value.substring(0, tree.value.length() - 1))) {
        return tree;
      }
    }
    for (Tree tree : level) {
      if (tree.key.equals(entry.key()) && tree.value.isEmpty()) {
        return tree;
      }
    }
    return null;
  }

  private static <T> T one(Random random, List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
