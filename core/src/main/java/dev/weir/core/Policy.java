// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which descriptors are limited, what they are counted by, and the limits that apply.
 *
 * <p>A policy matches a descriptor of its domain for which every condition holds and which has
 * every entry that the key needs. If it names entries, the descriptor's are exactly these, in this
 * order.
 *
 * <p>A policy without limits is unlimited: the descriptors that it matches pass, and the decision
 * says so.
 *
 * @param name unique within its domain; 1..100 letters, digits, {@code _}, {@code .}, {@code -}
 * @param domain the domain of the descriptors; 1..200 characters
 * @param conditions all of which must hold; none means every descriptor of the domain
 * @param entries the entries, and no others, that the descriptor has, by position; at most 32, and
 *     none means that its entries may be any. The values of those that are counted are the key
 * @param key what is counted by; empty means one counter for all; none beside entries
 * @param limits 0..16, with different names
 * @param replaces names of limits: those of other policies that the same check meets take no part
 * @param overrides other limits for some; the first whose conditions hold applies
 * @param allow lists of conditions: where all of one list hold, the policy charges nothing
 * @param deny lists of conditions: where all of one list hold, the check is denied; wins over allow
 * @param cost the entry whose value is the cost, a whole number; a descriptor without it has its
 *     own cost
 * @param partition the entry whose counters are kept together, so that a check over several
 *     policies with the same partition takes one round trip; it is part of the key
 * @param mode shadow makes every limit one that denies nobody, and the deny list too
 * @param priority how much the descriptors matter; one of none counts as {@link Priority#NORMAL}
 * @param shed denies descriptors of this priority and below; at most {@link Priority#HIGH}
 */
public record Policy(
    String name,
    String domain,
    List<Condition> conditions,
    List<EntryPattern> entries,
    List<KeyPart> key,
    List<Limit> limits,
    List<String> replaces,
    List<LimitOverride> overrides,
    List<List<Condition>> allow,
    List<List<Condition>> deny,
    Optional<String> cost,
    Optional<String> partition,
    Mode mode,
    Optional<PriorityRule> priority,
    Optional<Priority> shed) {

  static final int MAX_CONDITIONS = 32;
  static final int MAX_LIMITS = 16;
  private static final int MAX_KEY_PARTS = 16;
  private static final int MAX_REPLACED = 1_000;
  private static final int MAX_RULES = 1_000_000;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,100}");

  /**
   * Checks every part.
   *
   * @throws IllegalArgumentException if a value is out of range, a limit is named twice, an
   *     override names a limit that is not there or cannot be counted exactly, the key names a
   *     variable that no template has, entries are named beside a key or partition, or the policy
   *     replaces a limit of its own
   */
  public Policy {
    requireNonNull(name, "name");
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "name: \"" + name + "\" (expected: 1..100 letters, digits, '_', '.', '-')");
    }
    Require.text("domain", requireNonNull(domain, "domain"), 200);
    conditions = List.copyOf(conditions);
    Require.within("conditions", conditions.size(), 0, MAX_CONDITIONS);
    requireNonNull(cost, "cost")
        .ifPresent(entry -> Require.text("cost entry", entry, Condition.MAX_KEY));
    entries = List.copyOf(entries);
    Require.within("entries", entries.size(), 0, Descriptor.MAX_ENTRIES);
    if (!entries.isEmpty() && !(key.isEmpty() && partition.isEmpty())) {
      throw new IllegalArgumentException(
          "entries: "
              + entries
              + " (expected: no key and no partition beside them; they say what is counted by)");
    }
    key = withPartition(List.copyOf(key), requireNonNull(partition, "partition"));
    Require.within("key parts", key.size(), 0, MAX_KEY_PARTS);
    for (KeyPart part : key) {
      if (part instanceof KeyPart.PathVariable variable) {
        checkVariable(conditions, variable);
      }
    }
    limits = List.copyOf(limits);
    Require.within("limits", limits.size(), 0, MAX_LIMITS);
    checkUnique(limits);
    replaces = List.copyOf(replaces);
    checkReplaces(replaces, limits);
    overrides = List.copyOf(overrides);
    Require.within("overrides", overrides.size(), 0, MAX_RULES);
    for (LimitOverride override : overrides) {
      checkOverride(override, limits);
    }
    allow = copyOf("allow", allow);
    deny = copyOf("deny", deny);
    requireNonNull(mode, "mode");
    requireNonNull(priority, "priority");
    if (requireNonNull(shed, "shed").filter(Priority.CRITICAL::equals).isPresent()) {
      throw new IllegalArgumentException("shed: critical (expected: low, normal or high)");
    }
  }

  /** A policy under construction. */
  public static Builder named(String name) {
    return new Builder(requireNonNull(name, "name"));
  }

  /** The same policy with other limits, which descriptors are shed, and overrides. */
  public Policy with(List<Limit> limits, List<LimitOverride> overrides, Optional<Priority> shed) {
    return new Policy(
        name,
        domain,
        conditions,
        entries,
        key,
        limits,
        replaces,
        overrides,
        allow,
        deny,
        cost,
        partition,
        mode,
        priority,
        shed);
  }

  /** Whether whoever it matches passes without being counted. */
  public boolean unlimited() {
    return limits.isEmpty();
  }

  /** The name under which its counters are kept: the domain, a slash and the name. */
  public String fullName() {
    return domain + '/' + name;
  }

  static void checkUnique(List<Limit> limits) {
    Set<String> names = new HashSet<>();
    for (Limit limit : limits) {
      if (!names.add(limit.name())) {
        throw new IllegalArgumentException(
            "limit: \"" + limit.name() + "\" (expected: each name once)");
      }
    }
  }

  private static void checkReplaces(List<String> replaces, List<Limit> limits) {
    Require.within("replaces", replaces.size(), 0, MAX_REPLACED);
    for (String name : replaces) {
      Require.text("replaces", name, 100);
      if (limits.stream().anyMatch(limit -> limit.name().equals(name))) {
        throw new IllegalArgumentException(
            "replaces: \"" + name + "\" (expected: limits of other policies)");
      }
    }
  }

  private static List<KeyPart> withPartition(List<KeyPart> key, Optional<String> partition) {
    if (partition.isEmpty() || key.contains(new KeyPart.Value(partition.get()))) {
      return key;
    }
    List<KeyPart> all = new ArrayList<>(key.size() + 1);
    all.add(new KeyPart.Value(partition.get()));
    all.addAll(key);
    return List.copyOf(all);
  }

  private static void checkVariable(List<Condition> conditions, KeyPart.PathVariable variable) {
    List<String> known = new ArrayList<>();
    for (Condition condition : conditions) {
      if (condition.key().equals(variable.entry())
          && condition.pattern() instanceof ValuePattern.PathTemplate template) {
        known.addAll(PathMatcher.parse(template.template()).variables());
      }
    }
    if (!known.contains(variable.variable())) {
      throw new IllegalArgumentException(
          "key part: \""
              + variable.entry()
              + '.'
              + variable.variable()
              + "\" (expected: a variable of a template on "
              + variable.entry()
              + "; there are "
              + known
              + ")");
    }
  }

  private static void checkOverride(LimitOverride override, List<Limit> limits) {
    for (Limit other : override.limits()) {
      if (limits.stream().noneMatch(limit -> limit.name().equals(other.name()))) {
        throw new IllegalArgumentException(
            "override of limit: \""
                + other.name()
                + "\" (expected: one of "
                + limits.stream().map(Limit::name).toList()
                + ")");
      }
    }
    for (Limit limit : limits) {
      try {
        override.apply(limit);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException(
            "multiply: "
                + override.multiply()
                + " (expected: a factor with which \""
                + limit.name()
                + "\" can be counted exactly)",
            e);
      }
    }
  }

  private static List<List<Condition>> copyOf(String name, List<List<Condition>> lists) {
    Require.within(name, lists.size(), 0, MAX_RULES);
    List<List<Condition>> copy = new ArrayList<>(lists.size());
    for (List<Condition> list : lists) {
      Require.within(name + " conditions", list.size(), 1, MAX_CONDITIONS);
      copy.add(List.copyOf(list));
    }
    return List.copyOf(copy);
  }

  /** Collects a policy's parts; {@link #build} checks them. Not safe for use by several threads. */
  public static final class Builder {
    private final String name;
    private String domain = "default";
    private final List<Condition> conditions = new ArrayList<>();
    private final List<EntryPattern> entries = new ArrayList<>();
    private final List<KeyPart> key = new ArrayList<>();
    private final List<Limit> limits = new ArrayList<>();
    private final List<String> replaces = new ArrayList<>();
    private final List<LimitOverride> overrides = new ArrayList<>();
    private final List<List<Condition>> allow = new ArrayList<>();
    private final List<List<Condition>> deny = new ArrayList<>();
    private @Nullable String cost;
    private @Nullable String partition;
    private Mode mode = Mode.ENFORCED;
    private @Nullable PriorityRule priority;
    private @Nullable Priority shed;
    private boolean unlimited;

    private Builder(String name) {
      this.name = name;
    }

    /** The domain of the descriptors; {@code default} unless set. */
    public Builder domain(String domain) {
      this.domain = requireNonNull(domain, "domain");
      return this;
    }

    /** One more condition that must hold. */
    public Builder match(String key, ValuePattern pattern) {
      conditions.add(new Condition(key, pattern));
      return this;
    }

    /** More conditions that must hold. */
    public Builder match(List<Condition> conditions) {
      this.conditions.addAll(conditions);
      return this;
    }

    /** Applies to descriptors with exactly these entries, in this order, after any given before. */
    public Builder entries(List<EntryPattern> entries) {
      this.entries.addAll(entries);
      return this;
    }

    /** Limits of these names that the same check meets take no part. */
    public Builder replaces(List<String> limits) {
      this.replaces.addAll(limits);
      return this;
    }

    /** Counts by the values of these entries as well. */
    public Builder key(String... entries) {
      for (String entry : entries) {
        key.add(new KeyPart.Value(entry));
      }
      return this;
    }

    /** Counts by these parts as well. */
    public Builder key(List<? extends KeyPart> parts) {
      key.addAll(parts);
      return this;
    }

    /** One more limit. */
    public Builder limit(Limit limit) {
      limits.add(limit);
      return this;
    }

    /** More limits. */
    public Builder limits(List<Limit> limits) {
      this.limits.addAll(limits);
      return this;
    }

    /** No limits: whoever matches passes, and the decision says so. */
    public Builder unlimited() {
      this.unlimited = true;
      return this;
    }

    /** One more override, tried after the earlier ones. */
    public Builder override(LimitOverride override) {
      overrides.add(override);
      return this;
    }

    /** Charges nothing where all of these hold. */
    public Builder allow(Condition... conditions) {
      allow.add(List.of(conditions));
      return this;
    }

    /** Denies where all of these hold. */
    public Builder deny(Condition... conditions) {
      deny.add(List.of(conditions));
      return this;
    }

    /** Takes the cost from this entry. */
    public Builder cost(String entry) {
      this.cost = requireNonNull(entry, "entry");
      return this;
    }

    /** Keeps the counters of one value of this entry together. */
    public Builder partition(String entry) {
      this.partition = requireNonNull(entry, "entry");
      return this;
    }

    /** Enforced, unless set. */
    public Builder mode(Mode mode) {
      this.mode = requireNonNull(mode, "mode");
      return this;
    }

    /** How much its descriptors matter. */
    public Builder priority(PriorityRule priority) {
      this.priority = requireNonNull(priority, "priority");
      return this;
    }

    /** Denies descriptors of this priority and below. */
    public Builder shed(Priority shed) {
      this.shed = requireNonNull(shed, "shed");
      return this;
    }

    /**
     * The policy.
     *
     * @throws IllegalArgumentException if a part is not as {@link Policy} demands, or it has no
     *     limits and is not said to be unlimited, or has some and is
     */
    public Policy build() {
      if (unlimited) {
        Require.within("limits of an unlimited policy", limits.size(), 0, 0);
      } else {
        Require.within("limits", limits.size(), 1, MAX_LIMITS);
      }
      return new Policy(
          name,
          domain,
          conditions,
          entries,
          key,
          limits,
          replaces,
          overrides,
          allow,
          deny,
          Optional.ofNullable(cost),
          Optional.ofNullable(partition),
          mode,
          Optional.ofNullable(priority),
          Optional.ofNullable(shed));
    }
  }
}
