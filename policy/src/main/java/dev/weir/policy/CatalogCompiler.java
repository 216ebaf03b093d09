// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import dev.weir.core.Algorithm;
import dev.weir.core.Condition;
import dev.weir.core.Factor;
import dev.weir.core.Limit;
import dev.weir.core.LimitOverride;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.Priority;
import dev.weir.core.ValuePattern;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/** Works tiers and states into policies. Used once, by one thread. */
final class CatalogCompiler {

  /*
   * What applies to a descriptor is made in layers: the policy's own limits, its tier's in their
   * place, then the first of the policy's overrides that holds, then the first of the state's. The
   * engine knows one layer only, of which the first that holds applies; so each layer is put onto
   * the ones below by pairing its rules with theirs, its own order first. Pairs that can never hold
   * together, such as two tiers, are left out: tiers and overrides by the same entry stay as many
   * as they are.
   */

  /** Limits for those for whom all conditions hold. */
  private record Rule(List<Condition> conditions, List<Limit> limits) {}

  /**
   * A change of the limits below for those for whom all conditions hold.
   *
   * @param part what says so
   */
  private record Layer(
      Object part,
      List<Condition> conditions,
      UnaryOperator<Limit> change,
      Set<String> replaced,
      Factor multiply) {}

  /** What one policy has come to. */
  private record Stack(List<Rule> rules, List<Limit> limits) {}

  private static final int MAX_CONDITIONS = 32;
  private static final long MAX_RULES = 2_000_000;
  private static final long MAX_PAIRS = 50_000_000;

  private final CatalogSource source;
  private final BiConsumer<Object, String> problems;
  private final Map<String, Tier> tiers = new HashMap<>();
  private long rules;
  private long pairs;
  private boolean bad;

  /**
   * @param problems told what is wrong with a part of the source; a message that begins with a
   *     field's name and a colon is about that field
   */
  CatalogCompiler(CatalogSource source, BiConsumer<Object, String> problems) {
    this.source = source;
    this.problems = problems;
    source.tiers().forEach(tier -> tiers.put(tier.name(), tier));
  }

  /**
   * The catalog.
   *
   * @return empty if something is wrong with the source
   * @throws IllegalArgumentException if it as a whole makes no sets
   */
  Optional<PolicyCatalog> compile(long version) {
    checkTiers();
    source.states().forEach(this::check);
    if (bad) {
      return Optional.empty();
    }
    Map<String, PolicySet> sets = new LinkedHashMap<>();
    sets.put(PolicyCatalog.NORMAL, set(version, PolicyCatalog.NORMAL, Optional.empty()));
    for (LoadState state : source.states()) {
      if (!bad) {
        sets.put(state.name(), set(version, state.name(), Optional.of(state)));
      }
    }
    return bad ? Optional.empty() : Optional.of(new PolicyCatalog(source, sets));
  }

  private void refuse(Object part, String message) {
    bad = true;
    problems.accept(part, message);
  }

  private void checkTiers() {
    Set<String> states = new LinkedHashSet<>();
    source.states().forEach(state -> states.add(state.name()));
    Set<String> limits = new TreeSet<>();
    for (TieredPolicy tiered : source.policies()) {
      if (tiered.tier().isPresent()) {
        tiered.policy().limits().forEach(limit -> limits.add(limit.name()));
        if (tiers.isEmpty()) {
          refuse(tiered, "tier: \"" + tiered.tier().get() + "\" (expected: tiers in the file)");
        }
      }
    }
    for (Tier tier : source.tiers()) {
      for (Tier.Limit limit : tier.limits()) {
        if (limits.isEmpty()) {
          refuse(limit, "no policy has tiers (expected: a policy with tier: ENTRY)");
        } else if (!limits.contains(limit.name())) {
          refuse(limit, "unknown (expected: " + Nearest.of(limit.name(), limits) + ")");
        }
        for (String state : limit.rates().keySet()) {
          if (!state.equals(PolicyCatalog.NORMAL) && !states.contains(state)) {
            refuse(limit, state + ": unknown state (expected: " + states(state, states) + ")");
          }
        }
      }
    }
  }

  private static String known(String tier, Map<String, Tier> tiers) {
    return tiers.isEmpty() ? "tiers in the file" : Nearest.of(tier, tiers.keySet());
  }

  private static String states(String state, Set<String> states) {
    return states.isEmpty() ? "states in the file" : Nearest.of(state, states);
  }

  private void check(LoadState state) {
    for (LoadState.Change change : state.overrides()) {
      List<TieredPolicy> scope = new ArrayList<>();
      Set<String> domains = new TreeSet<>();
      Set<String> limits = new TreeSet<>();
      for (TieredPolicy tiered : source.policies()) {
        domains.add(tiered.policy().domain());
        if (reaches(change, tiered)) {
          scope.add(tiered);
          tiered.policy().limits().forEach(limit -> limits.add(limit.name()));
        }
      }
      change
          .domain()
          .filter(domain -> !domains.contains(domain))
          .ifPresent(domain -> refuse(change, unknown("domain", domain, domains)));
      change
          .tier()
          .filter(tier -> !tiers.containsKey(tier))
          .ifPresent(
              tier ->
                  refuse(change, "tier: \"" + tier + "\" (expected: " + known(tier, tiers) + ")"));
      for (String limit : change.limits().keySet()) {
        if (!scope.isEmpty() && !limits.contains(limit)) {
          refuse(change, unknown("limits", limit, limits));
        }
      }
      if (scope.isEmpty()
          && change.domain().isEmpty()
          && change.tier().filter(tiers::containsKey).isPresent()) {
        refuse(change, "tier: no policy has tiers (expected: a policy with tier: ENTRY)");
      }
    }
  }

  private static String unknown(String field, String name, Collection<String> names) {
    return field + ": \"" + name + "\" (expected: " + Nearest.of(name, names) + ")";
  }

  private static boolean reaches(LoadState.Change change, TieredPolicy tiered) {
    return change.domain().filter(name -> !name.equals(tiered.policy().domain())).isEmpty()
        && (change.tier().isEmpty() || tiered.tier().isPresent());
  }

  private PolicySet set(long version, String name, Optional<LoadState> state) {
    List<Policy> policies = new ArrayList<>(source.policies().size());
    for (TieredPolicy tiered : source.policies()) {
      policies.add(policy(tiered, name, state));
    }
    return PolicySet.of(version, policies);
  }

  private Policy policy(TieredPolicy tiered, String name, Optional<LoadState> state) {
    Policy policy = tiered.policy();
    List<Layer> ofTiers = tiers(tiered, name);
    List<LoadState.Change> changes =
        state.map(LoadState::overrides).orElse(List.of()).stream()
            .filter(change -> reaches(change, tiered))
            .toList();
    Optional<Priority> shed = state.flatMap(LoadState::shed);
    if (ofTiers.isEmpty() && changes.isEmpty()) {
      return shed.isEmpty() ? policy : policy.with(policy.limits(), policy.overrides(), shed);
    }
    Stack stack = new Stack(List.of(), policy.limits());
    stack = put(ofTiers, stack);
    stack = put(policy.overrides().stream().map(each -> layer(tiered, each)).toList(), stack);
    for (LoadState.Change change : changes) {
      checkKinds(change, stack);
    }
    stack = put(changes.stream().map(change -> layer(change, tiered)).toList(), stack);
    return policy.with(stack.limits(), overrides(stack), shed);
  }

  private List<Layer> tiers(TieredPolicy tiered, String state) {
    List<Layer> layers = new ArrayList<>();
    if (tiered.tier().isEmpty()) {
      return layers;
    }
    List<String> names = tiered.policy().limits().stream().map(Limit::name).toList();
    for (Tier tier : source.tiers()) {
      Map<String, Algorithm> rates = new HashMap<>();
      for (Tier.Limit limit : tier.limits()) {
        if (names.contains(limit.name())) {
          rates.put(limit.name(), limit.in(state));
        }
      }
      if (!rates.isEmpty()) {
        layers.add(
            new Layer(
                tier,
                List.of(member(tiered, tier.name())),
                limit -> replaced(limit, rates),
                rates.keySet(),
                Factor.ONE));
      }
    }
    return layers;
  }

  private static Condition member(TieredPolicy tiered, String tier) {
    return new Condition(tiered.tier().orElseThrow(), ValuePattern.exact(tier));
  }

  private static Limit replaced(Limit limit, Map<String, Algorithm> rates) {
    Algorithm rate = rates.get(limit.name());
    return rate == null ? limit : limit.with(rate);
  }

  private static Layer layer(TieredPolicy tiered, LimitOverride override) {
    Set<String> names = new LinkedHashSet<>();
    override.limits().forEach(limit -> names.add(limit.name()));
    return new Layer(tiered, override.conditions(), override::apply, names, override.multiply());
  }

  private static Layer layer(LoadState.Change change, TieredPolicy tiered) {
    List<Condition> conditions = new ArrayList<>(change.conditions());
    change.tier().ifPresent(tier -> conditions.add(member(tiered, tier)));
    UnaryOperator<Limit> how =
        limit ->
            change.limits().containsKey(limit.name())
                ? replaced(limit, change.limits())
                : limit.with(limit.algorithm().times(change.multiply()));
    return new Layer(
        change, List.copyOf(conditions), how, change.limits().keySet(), change.multiply());
  }

  /** A limit that counted in another way would forget what is spent whenever the state changes. */
  private void checkKinds(LoadState.Change change, Stack stack) {
    change
        .limits()
        .forEach(
            (name, rate) -> {
              for (Limit limit : limits(stack)) {
                if (limit.name().equals(name) && limit.algorithm().getClass() != rate.getClass()) {
                  refuse(change, "limits: " + name + ": " + Kinds.other(rate, limit.algorithm()));
                  return;
                }
              }
            });
  }

  private static List<Limit> limits(Stack stack) {
    List<Limit> all = new ArrayList<>(stack.limits());
    stack.rules().forEach(rule -> all.addAll(rule.limits()));
    return all;
  }

  private Stack put(List<Layer> layers, Stack below) {
    if (layers.isEmpty() || bad) {
      return below;
    }
    Set<String> names = new LinkedHashSet<>();
    below.limits().forEach(limit -> names.add(limit.name()));
    List<Rule> rules = new ArrayList<>();
    for (Layer layer : layers) {
      List<Rule> others = layer.replaced().containsAll(names) ? List.of() : below.rules();
      if (pair(rules, layer, others)) {
        continue;
      }
      if (layer.conditions().isEmpty()) {
        // It holds for everybody: nothing after it is ever reached.
        return new Stack(rules, changed(layer, below.limits()));
      }
      add(rules, layer, layer.conditions(), below.limits());
    }
    rules.addAll(below.rules());
    return new Stack(rules, below.limits());
  }

  /** Puts a layer onto rules; true if one of them holds wherever the layer does. */
  private boolean pair(List<Rule> rules, Layer layer, List<Rule> others) {
    for (Rule rule : others) {
      count(++pairs <= MAX_PAIRS);
      Optional<List<Condition>> both = together(layer.conditions(), rule.conditions());
      both.ifPresent(conditions -> add(rules, layer, conditions, rule.limits()));
      if (both.filter(conditions -> conditions.size() == layer.conditions().size()).isPresent()) {
        return true;
      }
    }
    return false;
  }

  private void add(List<Rule> rules, Layer layer, List<Condition> conditions, List<Limit> limits) {
    count(++this.rules <= MAX_RULES);
    rules.add(new Rule(conditions, changed(layer, limits)));
  }

  private static void count(boolean within) {
    if (!within) {
      throw new IllegalArgumentException(
          "tiers, overrides and states together make more than "
              + MAX_RULES
              + " sets of limits (expected: fewer)");
    }
  }

  private List<Limit> changed(Layer layer, List<Limit> limits) {
    List<Limit> changed = new ArrayList<>(limits.size());
    for (Limit limit : limits) {
      try {
        changed.add(layer.change().apply(limit));
      } catch (IllegalArgumentException | ArithmeticException e) {
        if (!bad) {
          refuse(
              layer.part(),
              "multiply: "
                  + layer.multiply()
                  + " (expected: a factor with which "
                  + limit.name()
                  + ", "
                  + RateWords.format(limit.algorithm())
                  + ", can be counted exactly)");
        }
        changed.add(limit);
      }
    }
    return changed;
  }

  /** The conditions of both; empty if they never hold together. */
  private static Optional<List<Condition>> together(List<Condition> one, List<Condition> other) {
    for (Condition a : one) {
      for (Condition b : other) {
        if (a.key().equals(b.key())
            && a.pattern() instanceof ValuePattern.Exact
            && b.pattern() instanceof ValuePattern.Exact
            && !a.pattern().equals(b.pattern())) {
          return Optional.empty();
        }
      }
    }
    Set<Condition> both = new LinkedHashSet<>(one);
    both.addAll(other);
    if (both.size() > MAX_CONDITIONS) {
      throw new IllegalArgumentException(
          "conditions of an override and of what it changes: "
              + both.size()
              + " (expected: at most "
              + MAX_CONDITIONS
              + ")");
    }
    return Optional.of(List.copyOf(both));
  }

  private static List<LimitOverride> overrides(Stack stack) {
    List<LimitOverride> overrides = new ArrayList<>(stack.rules().size());
    for (Rule rule : stack.rules()) {
      List<Limit> different = new ArrayList<>(rule.limits());
      different.removeAll(stack.limits());
      overrides.add(LimitOverride.replace(rule.conditions(), different));
    }
    return overrides;
  }
}
