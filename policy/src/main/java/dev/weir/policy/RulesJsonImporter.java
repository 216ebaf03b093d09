// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.core.TokenBucket;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads rules written as JSON, each with {@code id}, {@code key_template}, {@code rate_per_sec},
 * {@code burst}, {@code scope} and {@code enabled}, and makes each a policy of one token bucket.
 *
 * <p>The rules are a list, or the field {@code rules} of an object. What the template names in
 * braces, {@code {ip}}, {@code {route}} or {@code {tenant}}, is the key; if it names nothing, the
 * scope does, unless that is {@code global}. A rule that is not enabled is left out. The limit is
 * called {@value #LIMIT}.
 */
public final class RulesJsonImporter {

  /** What the limit of every policy is called. */
  public static final String LIMIT = "rate";

  private static final Set<String> ENTRIES = Set.of("ip", "route", "tenant");
  private static final String EXPECTED_ENTRIES = "{ip}, {route} or {tenant}";
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");
  private static final BigDecimal MAX_RATE = BigDecimal.valueOf(1_000_000_000_000L);
  private static final int MAX_DECIMALS = 6;

  private RulesJsonImporter() {}

  /**
   * The policies that the enabled rules mean.
   *
   * @param name what problems call the file
   * @param text the rules
   * @param domain the policies' domain
   * @throws InvalidFileException if anything is wrong with them
   */
  public static List<Policy> parse(String name, String text, String domain) {
    return parse(name, text, domain, limit -> limit);
  }

  /**
   * The policies that the enabled rules mean.
   *
   * @param name what problems call the file
   * @param text the rules
   * @param domain the policies' domain
   * @param change what becomes of each limit, such as that it is leased; what it refuses is a
   *     problem of the rule
   * @throws InvalidFileException if anything is wrong with them
   */
  public static List<Policy> parse(
      String name, String text, String domain, UnaryOperator<Limit> change) {
    requireNonNull(domain, "domain");
    requireNonNull(change, "change");
    Problems problems = new Problems();
    List<Policy> policies = new ArrayList<>();
    Map<String, Node> ids = new HashMap<>();
    Document.read(name, text, variable -> Optional.empty(), problems)
        .ifPresent(
            root -> {
              for (Node rule : rules(root)) {
                policy(rule, domain, change)
                    .filter(policy -> isNew(policy, rule, ids))
                    .ifPresent(policies::add);
              }
            });
    problems.throwIfAny();
    return policies;
  }

  private static List<Node> rules(Node root) {
    if (root.kind() == Node.Kind.SEQUENCE) {
      return root.items();
    }
    Fields fields = root.fields();
    return fields.required("rules").map(Node::items).orElse(List.of());
  }

  private static boolean isNew(Policy policy, Node rule, Map<String, Node> ids) {
    Node first = ids.putIfAbsent(policy.name(), rule);
    if (first != null) {
      rule.report(
          "id of policy \""
              + policy.name()
              + "\" (expected: each once; first on line "
              + first.line()
              + ")");
    }
    return first == null;
  }

  private static Optional<Policy> policy(Node rule, String domain, UnaryOperator<Limit> change) {
    Fields fields = rule.fields();
    Optional<String> id = fields.required("id").flatMap(Node::text);
    Optional<Node> template = fields.required("key_template");
    Optional<BigDecimal> rate =
        fields.required("rate_per_sec").flatMap(node -> node.convert(RulesJsonImporter::rate));
    Optional<Node> burst = fields.node("burst");
    Optional<Long> capacity =
        burst.isPresent()
            ? burst.get().integer(1, MAX_RATE.longValueExact())
            : rate.map(perSecond -> perSecond.setScale(0, RoundingMode.CEILING).longValueExact());
    Optional<Node> scope = fields.node("scope");
    boolean enabled = fields.truth("enabled").orElse(true);
    Optional<Set<String>> key = template.flatMap(node -> key(node, scope));
    fields.done();
    if (id.isEmpty() || rate.isEmpty() || capacity.isEmpty() || key.isEmpty() || !enabled) {
      return Optional.empty();
    }
    return rule.attempt(
        () ->
            Optional.of(
                Policy.named(id.get().replaceAll("[^A-Za-z0-9_.-]", "-"))
                    .domain(domain)
                    .key(key.get().toArray(String[]::new))
                    .limit(change.apply(Limit.of(LIMIT, bucket(capacity.get(), rate.get()))))
                    .build()));
  }

  private static BigDecimal rate(String text) {
    String expectation =
        "rate (expected: a number of permits per second above 0, at most "
            + MAX_DECIMALS
            + " decimals)";
    if (!text.matches("[0-9]{1,13}([.][0-9]{1,20})?")) {
      throw new IllegalArgumentException(expectation);
    }
    BigDecimal rate = new BigDecimal(text).stripTrailingZeros();
    if (rate.signum() <= 0 || rate.scale() > MAX_DECIMALS || rate.compareTo(MAX_RATE) > 0) {
      throw new IllegalArgumentException(expectation);
    }
    return rate;
  }

  /** Half a permit per second is five in ten seconds: integers only. */
  private static TokenBucket bucket(long capacity, BigDecimal rate) {
    int decimals = Math.max(0, rate.scale());
    long refill = rate.movePointRight(decimals).longValueExact();
    return new TokenBucket(
        capacity, refill, Duration.ofSeconds(BigDecimal.TEN.pow(decimals).longValueExact()));
  }

  private static Optional<Set<String>> key(Node template, Optional<Node> scope) {
    Set<String> entries = new LinkedHashSet<>();
    Optional<String> text = template.text();
    Matcher matcher = PLACEHOLDER.matcher(text.orElse(""));
    while (matcher.find()) {
      if (!ENTRIES.contains(matcher.group(1))) {
        template.expect(EXPECTED_ENTRIES);
        return Optional.empty();
      }
      entries.add(matcher.group(1));
    }
    if (entries.isEmpty()) {
      scope
          .flatMap(Node::text)
          .filter(name -> !name.equals("global"))
          .ifPresent(
              name -> {
                if (ENTRIES.contains(name)) {
                  entries.add(name);
                } else {
                  scope.get().expect("ip, route, tenant or global");
                }
              });
    }
    return text.isEmpty() ? Optional.empty() : Optional.of(entries);
  }
}
