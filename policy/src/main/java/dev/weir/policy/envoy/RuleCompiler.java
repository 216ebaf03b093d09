// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy.envoy;

import dev.weir.core.EntryPattern;
import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.core.ValuePattern;
import dev.weir.policy.Node;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/** Makes the rules of one domain policies. Used once, by one thread. */
final class RuleCompiler {

  /*
   * Of the rules on one level, an entry goes to the one with its very value, else to the first
   * wildcard that fits, else to the one with its key alone, and never comes back to try another. So
   * each rule wants what its own pattern fits, without what the rules before it take; the tree of
   * rules becomes one policy for each path to a limit, of which at most one applies to a descriptor.
   */

  /** A rule whose way from the root is known. */
  private record Leaf(Rule rule, List<EntryPattern> entries, String path) {}

  private static final int MAX_NAME = 100;
  private static final int DIGEST_DIGITS = 8;

  private final String domain;
  private final BiConsumer<Node, String> warn;
  private final List<Leaf> leaves = new ArrayList<>();
  private final Set<String> replaced = new HashSet<>();
  // In the order of the files.
  private final IdentityHashMap<Rule, Integer> order = new IdentityHashMap<>();

  /**
   * @param warn told what never applies
   */
  RuleCompiler(String domain, BiConsumer<Node, String> warn) {
    this.domain = domain;
    this.warn = warn;
  }

  /** The policies; what is wrong is noted at its place. */
  List<Policy> compile(List<Rule> rules) {
    number(rules);
    level(rules, List.of(), domain + '.');
    leaves.sort(Comparator.comparingInt(leaf -> order.getOrDefault(leaf.rule, 0)));
    Map<String, Integer> uses = new HashMap<>();
    for (Leaf leaf : leaves) {
      uses.merge(name(leaf.path), 1, Integer::sum);
      leaf.rule.limited().ifPresent(limited -> replaced.addAll(limited.replaces()));
    }
    List<Policy> policies = new ArrayList<>(leaves.size());
    for (Leaf leaf : leaves) {
      String plain = name(leaf.path);
      boolean clear = plain.equals(leaf.path) && uses.getOrDefault(plain, 0) == 1;
      String name = clear ? plain : withDigest(plain, leaf.path);
      leaf.rule.place().attempt(() -> policy(leaf, name)).ifPresent(policies::add);
    }
    return policies;
  }

  private void number(List<Rule> rules) {
    for (Rule rule : rules) {
      order.put(rule, order.size());
      number(rule.children());
    }
  }

  private void level(List<Rule> rules, List<EntryPattern> before, String parent) {
    Map<String, List<Rule>> byKey = new LinkedHashMap<>();
    Map<String, Rule> composites = new HashMap<>();
    for (Rule rule : rules) {
      Rule first = composites.putIfAbsent(rule.composite(), rule);
      if (first != null) {
        rule.place()
            .report(
                "duplicate descriptor composite key '"
                    + parent
                    + rule.composite()
                    + "' (first on line "
                    + first.place().line()
                    + ")");
      } else {
        byKey.computeIfAbsent(rule.key(), key -> new ArrayList<>()).add(rule);
      }
    }
    byKey.values().forEach(siblings -> siblings(siblings, before, parent));
  }

  /** The rules on one level that have the same key. */
  private void siblings(List<Rule> rules, List<EntryPattern> before, String parent) {
    NavigableSet<String> texts = new TreeSet<>();
    for (Rule rule : rules) {
      if (!rule.value().isEmpty() && !rule.wildcard()) {
        texts.add(rule.value());
        below(rule, ValuePattern.exact(rule.value()), before, parent);
      }
    }
    NavigableSet<String> prefixes = new TreeSet<>();
    for (Rule rule : rules) {
      if (rule.wildcard()) {
        wildcard(rule, texts, prefixes).ifPresent(pattern -> below(rule, pattern, before, parent));
        prefixes.add(rule.prefix());
      }
    }
    for (Rule rule : rules) {
      if (rule.value().isEmpty()) {
        others(rule, texts, prefixes).ifPresent(pattern -> below(rule, pattern, before, parent));
      }
    }
  }

  private Optional<ValuePattern> wildcard(
      Rule rule, NavigableSet<String> texts, NavigableSet<String> prefixes) {
    String prefix = rule.prefix();
    for (int i = 0; i <= prefix.length(); i++) {
      if (prefixes.contains(prefix.substring(0, i))) {
        warn.accept(rule.place(), "never applies: a wildcard before it takes every value");
        return Optional.empty();
      }
    }
    ValuePattern base = prefix.isEmpty() ? ValuePattern.any() : ValuePattern.prefix(prefix);
    return Optional.of(except(base, beginning(texts, prefix), beginning(prefixes, prefix)));
  }

  private static List<String> beginning(NavigableSet<String> sorted, String prefix) {
    List<String> found = new ArrayList<>();
    for (String text : sorted.tailSet(prefix)) {
      if (!text.startsWith(prefix)) {
        break;
      }
      found.add(text);
    }
    return found;
  }

  private Optional<ValuePattern> others(
      Rule rule, NavigableSet<String> texts, NavigableSet<String> prefixes) {
    if (prefixes.contains("")) {
      warn.accept(rule.place(), "never applies: the value '*' beside it takes every value");
      return Optional.empty();
    }
    return Optional.of(except(ValuePattern.any(), List.copyOf(texts), List.copyOf(prefixes)));
  }

  private static ValuePattern except(ValuePattern base, List<String> texts, List<String> prefixes) {
    return texts.isEmpty() && prefixes.isEmpty()
        ? base
        : new ValuePattern.Except(base, texts, prefixes);
  }

  private void below(Rule rule, ValuePattern pattern, List<EntryPattern> before, String parent) {
    List<EntryPattern> entries = new ArrayList<>(before);
    // Of a wildcard that is shared, all values have one counter.
    rule.place()
        .attempt(() -> Optional.of(new EntryPattern(rule.key(), pattern, !rule.shared())))
        .ifPresent(
            entry -> {
              entries.add(entry);
              String path = parent + rule.composite();
              if (rule.limited().isPresent()) {
                String own = path.substring(domain.length() + 1);
                leaves.add(new Leaf(rule, List.copyOf(entries), own));
              }
              level(rule.children(), entries, path + '.');
            });
  }

  private Optional<Policy> policy(Leaf leaf, String name) {
    Rule.Limited limited = leaf.rule.limited().orElseThrow();
    Policy.Builder policy =
        Policy.named(name).domain(domain).entries(leaf.entries).replaces(limited.replaces());
    if (limited.limits().isEmpty()) {
      policy.unlimited();
    }
    for (int i = 0; i < limited.limits().size(); i++) {
      Limit limit = limited.limits().get(i);
      policy.limit(i == 0 && limited.unnamed() ? unreplaced(limit) : limit);
    }
    return Optional.of(policy.build());
  }

  /* Nobody can name a limit that has no name, not even by chance. */
  private Limit unreplaced(Limit limit) {
    String name = limit.name();
    while (replaced.contains(name)) {
      name = "unnamed-" + name;
    }
    return new Limit(name, limit.algorithm(), limit.onFailure(), limit.mode(), limit.lease());
  }

  private static String name(String path) {
    String name = path.replaceAll("[^A-Za-z0-9_.-]", "-");
    return name.length() <= MAX_NAME ? name : name.substring(0, MAX_NAME);
  }

  /* A name outlives changes of the file: counters are known by it. */
  private static String withDigest(String name, String path) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(path.getBytes(StandardCharsets.UTF_8));
      String end = '-' + HexFormat.of().formatHex(digest).substring(0, DIGEST_DIGITS);
      return name.substring(0, Math.min(name.length(), MAX_NAME - end.length())) + end;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
