// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy.envoy;

import dev.weir.core.FixedWindow;
import dev.weir.core.Limit;
import dev.weir.core.Mode;
import dev.weir.policy.Fields;
import dev.weir.policy.LimitReader;
import dev.weir.policy.Node;
import dev.weir.policy.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Reads the descriptors of one file; what is wrong is noted at its place. Used by one thread. */
final class RuleReader {

  private static final Map<String, Duration> UNITS =
      Map.of(
          "second", Duration.ofSeconds(1),
          "minute", Duration.ofMinutes(1),
          "hour", Duration.ofHours(1),
          "day", Duration.ofDays(1),
          "week", Duration.ofDays(7),
          "month", Duration.ofDays(30),
          "year", Duration.ofDays(365));

  private static final Set<String> OF_FILE = Set.of("domain", "descriptors");
  private static final Set<String> OF_DESCRIPTOR =
      Set.of(
          "key",
          "value",
          "rate_limit",
          "limits",
          "descriptors",
          "shadow_mode",
          "quota_mode",
          "detailed_metric",
          "value_to_metric",
          "share_threshold",
          "metadata");
  private static final Set<String> OF_LIMIT =
      Set.of("unit", "requests_per_unit", "unlimited", "name", "replaces");
  private static final Set<String> OF_REPLACED = Set.of("name");

  private static final Set<String> KNOWN = union(OF_FILE, OF_DESCRIPTOR, OF_LIMIT);
  private static final Set<String> YES = Set.of("true", "yes", "on", "y");
  private static final Set<String> NO = Set.of("false", "no", "off", "n");
  private static final long MAX_REQUESTS = 4_294_967_295L;

  private final UnaryOperator<Limit> change;
  private final List<Problem> warnings;

  /**
   * @param change what becomes of each limit, such as its failure policy
   * @param warnings told what has no effect
   */
  RuleReader(UnaryOperator<Limit> change, List<Problem> warnings) {
    this.change = change;
    this.warnings = warnings;
  }

  @SafeVarargs
  private static Set<String> union(Set<String>... sets) {
    Set<String> all = new HashSet<>();
    for (Set<String> set : sets) {
      all.addAll(set);
    }
    return Set.copyOf(all);
  }

  /** The domain of a file; empty if it has none, which is noted. */
  Optional<String> domain(Node root) {
    Fields fields = checked(root, OF_FILE);
    Optional<String> domain = text(fields, "domain");
    if (domain.isEmpty()) {
      fields.node("domain").orElse(root).report("config file cannot have empty domain");
    }
    return domain;
  }

  /** The first level of a file. */
  List<Rule> rules(Node root) {
    return rules(root.fields());
  }

  private List<Rule> rules(Fields fields) {
    List<Rule> rules = new ArrayList<>();
    Optional<Node> list = fields.node("descriptors");
    if (list.filter(node -> node.kind() != Node.Kind.SEQUENCE).isPresent()) {
      list.get().expect("a list");
      return rules;
    }
    for (Node item : list.map(Node::items).orElse(List.of())) {
      if (item.kind() != Node.Kind.MAPPING) {
        item.report("config error, yaml file contains list of type other than map: " + shown(item));
      } else {
        rule(item).ifPresent(rules::add);
      }
    }
    return rules;
  }

  private Optional<Rule> rule(Node item) {
    Fields fields = checked(item, OF_DESCRIPTOR);
    Optional<String> key = text(fields, "key");
    String value = text(fields, "value").orElse("");
    if (key.isEmpty()) {
      item.report("descriptor has empty key");
      return Optional.empty();
    }
    boolean wild = value.isEmpty() && key.get().endsWith("*");
    if (wild) {
      fields
          .node("key")
          .orElse(item)
          .report("\"" + key.get() + "\" (expected: '*' at the end of a value, not of a key)");
    }
    truth(fields, "detailed_metric");
    truth(fields, "value_to_metric");
    boolean shared = truth(fields, "share_threshold");
    String composite = value.isEmpty() ? key.get() : key.get() + '_' + value;
    if (shared && !composite.endsWith("*")) {
      fields
          .node("share_threshold")
          .orElse(item)
          .report(
              "share_threshold can only be used with wildcard values (ending with '*'), but found"
                  + " key '"
                  + composite
                  + "'");
    }
    Optional<Rule.Limited> limited = limited(fields, mode(fields));
    List<Rule> children = rules(fields);
    return wild
        ? Optional.empty()
        : Optional.of(new Rule(item, key.get(), value, shared, limited, children));
  }

  private static Mode mode(Fields fields) {
    boolean shadow = truth(fields, "shadow_mode");
    boolean quota = truth(fields, "quota_mode");
    Mode otherwise = quota ? Mode.QUOTA : Mode.ENFORCED;
    return shadow ? Mode.SHADOW : otherwise;
  }

  private Optional<Rule.Limited> limited(Fields fields, Mode mode) {
    Optional<Node> rate = fields.node("rate_limit");
    Optional<Node> own = fields.node("limits");
    if (rate.isEmpty() && own.isEmpty()) {
      return Optional.empty();
    }
    List<Limit> limits = new ArrayList<>();
    List<String> replaces = new ArrayList<>();
    boolean unlimited = false;
    if (rate.isPresent()) {
      Fields limit = checked(rate.get(), OF_LIMIT);
      unlimited = truth(limit, "unlimited");
      String name = text(limit, "name").orElse("");
      replaces(limit, name, replaces);
      limit(rate.get(), limit, name, unlimited).ifPresent(limits::add);
    }
    own.map(LimitReader::limits).ifPresent(limits::addAll);
    if (unlimited && own.isPresent()) {
      own.get().report("1 to 16 limits (expected: none beside unlimited)");
    }
    List<Limit> changed = new ArrayList<>();
    for (Limit limit : limits) {
      own.or(() -> rate)
          .flatMap(place -> place.attempt(() -> Optional.of(change.apply(in(mode, limit)))))
          .ifPresent(changed::add);
    }
    boolean named = rate.flatMap(node -> text(node.fields(), "name")).isPresent();
    return Optional.of(new Rule.Limited(changed, rate.isPresent() && !named, replaces));
  }

  private static Limit in(Mode mode, Limit limit) {
    return switch (mode) {
      case ENFORCED -> limit;
      case SHADOW -> limit.shadow();
      case QUOTA -> limit.mode() == Mode.SHADOW ? limit : limit.quota();
    };
  }

  private static Optional<Limit> limit(Node place, Fields fields, String name, boolean unlimited) {
    String unit = text(fields, "unit").orElse("");
    Duration window = UNITS.get(unit.toLowerCase(Locale.ROOT));
    long requests =
        fields.node("requests_per_unit").flatMap(node -> node.integer(0, MAX_REQUESTS)).orElse(0L);
    Node at = fields.node("unit").orElse(place);
    if (unlimited) {
      if (window != null) {
        at.report("should not specify rate limit unit when unlimited");
      }
      return Optional.empty();
    }
    if (window == null) {
      at.report("invalid rate limit unit '" + unit + "'");
      return Optional.empty();
    }
    String called = name.isEmpty() ? unnamed(unit) : name;
    return place.attempt(() -> Optional.of(Limit.of(called, new FixedWindow(requests, window))));
  }

  /** The name of a limit that has none. */
  private static String unnamed(String unit) {
    return "per-" + unit.toLowerCase(Locale.ROOT);
  }

  private void replaces(Fields fields, String name, List<String> replaces) {
    for (Node item : fields.items("replaces")) {
      String replaced = text(checked(item, OF_REPLACED), "name").orElse("");
      if (replaced.isEmpty()) {
        item.report("should not have an empty replaces entry");
      } else if (replaced.equals(name)) {
        item.report("replaces should not contain name of same descriptor");
      } else {
        replaces.add(replaced);
      }
    }
  }

  /* Which key belongs where is not looked at by the service that such files are for: what it knows
   * it takes, and passes over where it has no meaning. */
  private Fields checked(Node node, Set<String> meant) {
    Fields fields = node.fields();
    Set<String> names = fields.names();
    for (String name : names) {
      Optional<Node> field = fields.node(name);
      if (!KNOWN.contains(name)) {
        field.orElse(node).report("config error, unknown key '" + name + "'");
      } else if (!meant.contains(name)) {
        warnings.add(field.orElse(node).remark("has no effect here"));
      }
    }
    return fields;
  }

  private static Optional<String> text(Fields fields, String name) {
    return fields.node(name).flatMap(Node::text).filter(text -> !text.isEmpty());
  }

  /* The words of YAML 1.1, which such files are written in. */
  private static boolean truth(Fields fields, String name) {
    Optional<Node> node = fields.node(name);
    String word = node.filter(n -> n.kind() == Node.Kind.SCALAR).flatMap(Node::text).orElse("");
    boolean yes = YES.contains(word.toLowerCase(Locale.ROOT));
    if (node.isPresent() && !yes && !NO.contains(word.toLowerCase(Locale.ROOT))) {
      node.get().expect("true or false");
    }
    return yes;
  }

  private static String shown(Node item) {
    return item.kind() == Node.Kind.SCALAR ? item.text().orElse("") : "[]";
  }
}
