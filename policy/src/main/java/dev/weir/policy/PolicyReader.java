// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import dev.weir.core.Condition;
import dev.weir.core.Factor;
import dev.weir.core.KeyPart;
import dev.weir.core.Limit;
import dev.weir.core.LimitOverride;
import dev.weir.core.Policy;
import dev.weir.core.Priority;
import dev.weir.core.PriorityRule;
import dev.weir.core.TokenBucket;
import dev.weir.core.ValuePattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the list of policies that is a part of a file. */
final class PolicyReader {

  /** A policy and where it stands. */
  record Placed(TieredPolicy policy, Node place) {}

  private static final Limit ANY_LIMIT = Limit.of("any", TokenBucket.of(1, Duration.ofSeconds(1)));
  private static final Pattern CUT_NETWORK_KEY = Pattern.compile(".+/[0-9]{1,3}");
  private static final Pattern NETWORK_KEY = Pattern.compile("(.+)/([0-9]{1,3}),([0-9]{1,3})");

  private PolicyReader() {}

  /**
   * The policies of a list; what is wrong with them is noted and left out.
   *
   * @param list the value of {@code policies}
   */
  static List<Placed> policies(Node list) {
    List<Placed> policies = new ArrayList<>();
    Map<String, Node> names = new HashMap<>();
    for (Node item : list.items()) {
      policy(item)
          .ifPresent(
              tiered -> {
                Policy policy = tiered.policy();
                Node first = names.putIfAbsent(policy.fullName(), item);
                if (first != null) {
                  item.report(
                      "name: \""
                          + policy.name()
                          + "\" (expected: each name once in a domain; first on line "
                          + first.line()
                          + ")");
                }
                policies.add(new Placed(tiered, item));
              });
    }
    return policies;
  }

  private static Optional<TieredPolicy> policy(Node item) {
    Fields fields = item.fields();
    Optional<String> name = fields.required("name").flatMap(Node::text);
    Policy.Builder policy = Policy.named(name.orElse("nameless"));
    fields.text("domain").ifPresent(policy::domain);
    List<Condition> conditions =
        fields.node("match").map(PolicyReader::conditions).orElse(List.of());
    policy.match(conditions);
    fields.node("entries").map(PatternReader::entries).ifPresent(policy::entries);
    fields.node("key").ifPresent(key -> policy.key(key(key, conditions)));
    entry(fields, "partition").ifPresent(policy::partition);
    entry(fields, "cost").ifPresent(policy::cost);
    Optional<String> tier = entry(fields, "tier");
    fields.node("priority").flatMap(PolicyReader::priority).ifPresent(policy::priority);
    boolean unlimited = unlimited(fields);
    List<Limit> limits =
        (unlimited ? fields.node("limits") : fields.required("limits"))
            .map(LimitReader::limits)
            .orElse(List.of());
    if (unlimited) {
      policy.unlimited();
    } else {
      policy.limits(limits);
    }
    policy.replaces(
        fields.items("replaces").stream().flatMap(limit -> limit.text().stream()).toList());
    for (Node override : fields.items("overrides")) {
      override(override, limits).ifPresent(policy::override);
    }
    for (Node line : fields.items("allow")) {
      policy.allow(line(line));
    }
    for (Node line : fields.items("deny")) {
      policy.deny(line(line));
    }
    LimitReader.mode(fields).ifPresent(policy::mode);
    fields.done();
    // What is missing is noted.
    return name.isEmpty() || (limits.isEmpty() && !unlimited)
        ? Optional.empty()
        : build(item, policy).map(built -> new TieredPolicy(built, tier));
  }

  private static boolean unlimited(Fields fields) {
    boolean unlimited = fields.truth("unlimited").orElse(false);
    if (unlimited) {
      fields
          .node("limits")
          .ifPresent(limits -> limits.report("1 to 16 limits (expected: none beside unlimited)"));
    }
    return unlimited;
  }

  /** A word, or the entry that holds one. */
  private static Optional<PriorityRule> priority(Node node) {
    if (node.kind() != Node.Kind.MAPPING) {
      return node.choice(Priority.class).map(PriorityRule::of);
    }
    Fields fields = node.fields();
    Optional<Node> entry = fields.required("entry");
    Optional<Node> named = fields.node("default");
    Optional<Priority> otherwise =
        named.isPresent() ? named.get().choice(Priority.class) : Optional.of(Priority.NORMAL);
    fields.done();
    Optional<String> key =
        entry.flatMap(word -> word.convert(text -> new KeyPart.Value(text).entry()));
    return key.isEmpty() || otherwise.isEmpty()
        ? Optional.empty()
        : Optional.of(PriorityRule.from(key.get(), otherwise.get()));
  }

  private static Optional<String> entry(Fields fields, String name) {
    return fields.node(name).flatMap(node -> node.convert(text -> new KeyPart.Value(text).entry()));
  }

  private static Optional<Policy> build(Node item, Policy.Builder policy) {
    try {
      return Optional.of(policy.build());
    } catch (IllegalArgumentException e) {
      item.report(e);
      return Optional.empty();
    }
  }

  private static Condition[] line(Node line) {
    List<Condition> conditions = conditions(line);
    checkNotEmpty(line);
    // One that cannot be read is noted; the policy around it is still checked.
    return conditions.isEmpty()
        ? new Condition[] {new Condition("unreadable", ValuePattern.any())}
        : conditions.toArray(Condition[]::new);
  }

  /** A mapping of conditions, or a list of such. */
  static List<Condition> conditions(Node node) {
    List<Condition> conditions = new ArrayList<>();
    if (node.kind() == Node.Kind.SEQUENCE) {
      for (Node item : node.items()) {
        conditions.addAll(conditions(item));
      }
      return conditions;
    }
    Fields fields = node.fields();
    for (String key : fields.names()) {
      Node value = fields.present(key);
      if (value.kind() == Node.Kind.NULL) {
        value.expect("a pattern, such as \"*\" for any value");
      }
      value
          .attempt(
              () -> PatternReader.pattern(key, value).map(pattern -> new Condition(key, pattern)))
          .ifPresent(conditions::add);
    }
    return conditions;
  }

  private static List<KeyPart> key(Node node, List<Condition> conditions) {
    List<Node> items = node.kind() == Node.Kind.SEQUENCE ? node.items() : List.of(node);
    List<KeyPart> parts = new ArrayList<>();
    for (Node item : items) {
      Optional<KeyPart> part =
          item.attempt(
              () ->
                  item.kind() == Node.Kind.MAPPING
                      ? keyPart(item.fields()).map(found -> known(found, conditions))
                      : item.convert(text -> known(keyPart(text, conditions), conditions)));
      part.ifPresent(parts::add);
    }
    return parts;
  }

  /** Refused here, a variable that no template has is told at its place in the key. */
  private static KeyPart known(KeyPart part, List<Condition> conditions) {
    if (part instanceof KeyPart.PathVariable) {
      Policy.named("check").match(conditions).key(List.of(part)).limit(ANY_LIMIT).build();
    }
    return part;
  }

  static KeyPart keyPart(String text, List<Condition> conditions) {
    Matcher network = NETWORK_KEY.matcher(text);
    if (network.matches()) {
      return new KeyPart.AddressNetwork(
          network.group(1), Integer.parseInt(network.group(2)), Integer.parseInt(network.group(3)));
    }
    if (CUT_NETWORK_KEY.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "key part (expected: two lengths, in quotes: \"" + text + ",64\")");
    }
    int dot = text.lastIndexOf('.');
    if (dot > 0 && dot < text.length() - 1 && hasTemplate(conditions, text.substring(0, dot))) {
      return new KeyPart.PathVariable(text.substring(0, dot), text.substring(dot + 1));
    }
    return new KeyPart.Value(text);
  }

  private static boolean hasTemplate(List<Condition> conditions, String entry) {
    return conditions.stream()
        .anyMatch(
            condition ->
                condition.key().equals(entry)
                    && condition.pattern() instanceof ValuePattern.PathTemplate);
  }

  private static Optional<KeyPart> keyPart(Fields fields) {
    Optional<String> entry = fields.text("entry");
    Optional<String> network = fields.text("network");
    long ipv4 = fields.integer("ipv4", 0, 32).orElse(32L);
    long ipv6 = fields.integer("ipv6", 0, 128).orElse(64L);
    Optional<String> template = fields.text("template");
    Optional<String> variable = fields.text("variable");
    fields.done();
    if (network.isPresent() && entry.isEmpty() && template.isEmpty()) {
      return Optional.of(new KeyPart.AddressNetwork(network.get(), (int) ipv4, (int) ipv6));
    }
    if (template.isPresent() && variable.isPresent() && entry.isEmpty()) {
      return Optional.of(new KeyPart.PathVariable(template.get(), variable.get()));
    }
    if (entry.isPresent() && network.isEmpty() && template.isEmpty()) {
      return Optional.of(new KeyPart.Value(entry.get()));
    }
    if (!fields.hasUnknown()) {
      fields.source().expect("entry, or network with ipv4 and ipv6, or template and variable");
    }
    return Optional.empty();
  }

  private static Optional<LimitOverride> override(Node node, List<Limit> limits) {
    Fields fields = node.fields();
    List<Condition> conditions =
        fields.required("match").map(PolicyReader::conditions).orElse(List.of());
    Optional<Factor> multiply =
        fields.node("multiply").flatMap(value -> value.convert(FactorWords::parse));
    Optional<Node> replaced = fields.node("limits");
    List<Limit> others =
        replaced.map(list -> LimitReader.replacements(list, limits)).orElse(List.of());
    fields.done();
    if (fields.node("multiply").isEmpty() && replaced.isEmpty() && !fields.hasUnknown()) {
      node.report("changes nothing (expected: multiply or limits)");
    }
    if (conditions.isEmpty()) {
      fields.node("match").ifPresent(PolicyReader::checkNotEmpty);
      return Optional.empty();
    }
    return node.attempt(
        () -> {
          LimitOverride override =
              new LimitOverride(conditions, others, multiply.orElse(Factor.ONE));
          if (!limits.isEmpty()) {
            // Refused here, a product that cannot be counted is told at its override.
            Policy.named("check").limits(limits).override(override).build();
          }
          return Optional.of(override);
        });
  }

  private static void checkNotEmpty(Node match) {
    if (match.kind() != Node.Kind.SCALAR && match.isEmpty()) {
      match.report("no condition (expected: at least one)");
    }
  }
}
