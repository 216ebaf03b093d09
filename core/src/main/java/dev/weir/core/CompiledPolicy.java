// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A policy with everything prepared that a request needs. */
final class CompiledPolicy implements ConditionIndex.Rule {

  /** Conditions of an override or of a line of a list, and what applies where they hold. */
  private record Choice(int ordinal, List<CompiledCondition> conditions, PolicyMatch match)
      implements ConditionIndex.Rule {}

  /** Keeps the first choice, in the order of the file, that holds. */
  private enum FirstChoice implements ConditionIndex.Fold<Choice, @Nullable Choice> {
    FIRST_CHOICE;

    @Override
    public @Nullable Choice step(@Nullable Choice soFar, Choice candidate, Descriptor descriptor) {
      return (soFar == null || candidate.ordinal < soFar.ordinal) && candidate.holds(descriptor)
          ? candidate
          : soFar;
    }
  }

  private final Policy source;
  private final int ordinal;
  private final List<CompiledCondition> conditions;
  private final CompiledKey key;
  private final @Nullable String costEntry;
  private final @Nullable PriorityRule priority;
  private final @Nullable Priority shed;
  private final PolicyMatch plain;
  private final @Nullable ConditionIndex<Choice> choices;

  CompiledPolicy(Policy source, int ordinal) {
    this.source = source;
    this.ordinal = ordinal;
    this.conditions = conditions(source);
    this.key = CompiledKey.of(source);
    this.costEntry = source.cost().orElse(null);
    this.priority = source.priority().orElse(null);
    this.shed = source.shed().orElse(null);
    List<BoundLimit> limits = new ArrayList<>();
    for (Limit limit : source.limits()) {
      limits.add(BoundLimit.of(identity(source, limit), inMode(source, limit)));
    }
    this.plain = new PolicyMatch(this, List.copyOf(limits), Listing.NONE);
    List<Choice> all = choices(this, plain.limits());
    this.choices = all.isEmpty() ? null : ConditionIndex.of(all);
  }

  private static LimitId identity(Policy source, Limit limit) {
    LimitId id = LimitId.of(source.fullName(), limit.name());
    return source
        .partition()
        .map(entry -> id.partitioned(source.key().indexOf(new KeyPart.Value(entry))))
        .orElse(id);
  }

  /** The policy's conditions, and that the entries are there which its key needs. */
  private static List<CompiledCondition> conditions(Policy source) {
    List<CompiledCondition> conditions =
        new ArrayList<>(CompiledCondition.allOf(source.conditions()));
    Set<String> present = new HashSet<>();
    for (Condition condition : source.conditions()) {
      present.add(condition.key());
    }
    for (KeyPart part : source.key()) {
      if (present.add(part.entry())) {
        conditions.add(CompiledCondition.of(new Condition(part.entry(), ValuePattern.any())));
      }
    }
    return List.copyOf(conditions);
  }

  private static List<Choice> choices(CompiledPolicy policy, List<BoundLimit> limits) {
    Policy source = policy.source;
    List<Choice> choices = new ArrayList<>();
    PolicyMatch denied = new PolicyMatch(policy, List.of(), Listing.DENIED);
    PolicyMatch allowed = new PolicyMatch(policy, List.of(), Listing.ALLOWED);
    if (source.mode() != Mode.SHADOW) {
      for (List<Condition> line : source.deny()) {
        choices.add(new Choice(choices.size(), CompiledCondition.allOf(line), denied));
      }
    }
    for (List<Condition> line : source.allow()) {
      choices.add(new Choice(choices.size(), CompiledCondition.allOf(line), allowed));
    }
    for (LimitOverride override : source.overrides()) {
      PolicyMatch match =
          new PolicyMatch(policy, overridden(source, override, limits), Listing.NONE);
      choices.add(
          new Choice(choices.size(), CompiledCondition.allOf(override.conditions()), match));
    }
    return choices;
  }

  private static List<BoundLimit> overridden(
      Policy source, LimitOverride override, List<BoundLimit> limits) {
    List<BoundLimit> changed = new ArrayList<>(limits.size());
    for (int i = 0; i < limits.size(); i++) {
      Limit limit = inMode(source, override.apply(source.limits().get(i)));
      BoundLimit bound = limits.get(i);
      // The identity stays, and with it the counter.
      changed.add(limit.equals(bound.limit()) ? bound : BoundLimit.of(bound.id(), limit));
    }
    return List.copyOf(changed);
  }

  private static Limit inMode(Policy source, Limit limit) {
    return switch (source.mode()) {
      case ENFORCED -> limit;
      case SHADOW -> limit.shadow();
      case QUOTA -> limit.mode() == Mode.SHADOW ? limit : limit.quota();
    };
  }

  Policy source() {
    return source;
  }

  @Override
  public int ordinal() {
    return ordinal;
  }

  @Override
  public List<CompiledCondition> conditions() {
    return conditions;
  }

  CompiledKey key() {
    return key;
  }

  @Nullable PriorityRule priority() {
    return priority;
  }

  @Nullable Priority shed() {
    return shed;
  }

  List<BoundLimit> limits() {
    return plain.limits();
  }

  /** What applies to a descriptor for which every condition holds. */
  PolicyMatch match(Descriptor descriptor) {
    if (choices == null) {
      return plain;
    }
    Choice choice = choices.fold(descriptor, null, FirstChoice.FIRST_CHOICE);
    return choice == null ? plain : choice.match;
  }

  long cost(Descriptor descriptor) {
    if (costEntry == null) {
      return descriptor.cost();
    }
    String value = CompiledCondition.valueOf(descriptor, costEntry);
    return value == null ? descriptor.cost() : parseCost(costEntry, value);
  }

  private static long parseCost(String entry, String value) {
    long cost = 0;
    boolean number = !value.isEmpty();
    for (int i = 0; number && i < value.length(); i++) {
      char c = value.charAt(i);
      cost = cost * 10 + c - '0';
      number = c >= '0' && c <= '9' && cost <= Descriptor.MAX_COST;
    }
    if (!number) {
      throw new IllegalArgumentException(
          entry
              + ": \""
              + (value.length() <= 40 ? value : value.substring(0, 40) + "…")
              + "\" (expected: a cost of 0.."
              + Descriptor.MAX_COST
              + ")");
    }
    return cost;
  }
}
