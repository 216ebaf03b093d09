// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import dev.weir.core.Algorithm;
import dev.weir.core.Condition;
import dev.weir.core.Factor;
import dev.weir.core.Policy;
import dev.weir.core.Priority;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Collects the policies, tiers and states of one file or of several, and makes them a catalog. Not
 * safe for use by several threads.
 */
public final class CatalogReader {

  private static final int MAX_TIERS = 100_000;
  private static final int MAX_STATES = 64;
  private static final List<String> SHEDDABLE = List.of("low", "normal", "high");

  private final List<TieredPolicy> policies = new ArrayList<>();
  private final Map<String, Tier> tiers = new LinkedHashMap<>();
  private final Map<String, LoadState> states = new LinkedHashMap<>();
  // Where each part stands, for what turns out to be wrong with it when all is read.
  private final IdentityHashMap<Object, Node> places = new IdentityHashMap<>();
  private boolean incomplete;

  /** Nothing yet. */
  public CatalogReader() {}

  /**
   * Reads the fields {@code policies}, {@code tiers} and {@code states} of a file, as far as there.
   */
  public void read(Fields fields) {
    Optional<Node> list = fields.node("policies");
    Optional<Node> ofTiers = fields.node("tiers");
    Optional<Node> ofStates = fields.node("states");
    int before = fields.source().noted();
    list.ifPresent(this::policies);
    ofTiers.ifPresent(node -> each(node, this::tier));
    ofStates.ifPresent(node -> each(node, this::state));
    incomplete |= fields.source().noted() > before;
  }

  /**
   * Reads a further file, which holds policies, tiers and states and nothing else.
   *
   * @return its problems, to which {@link #catalog} may add
   */
  public Problems read(String name, String text, Function<String, Optional<String>> environment) {
    Problems problems = new Problems();
    Document.read(name, text, environment, problems).ifPresent(root -> file(root, false));
    incomplete |= !problems.none();
    return problems;
  }

  /** Reads a file's root; one that stands alone has policies. */
  void file(Node root, boolean alone) {
    Fields fields = root.fields();
    fields.required("version").ifPresent(version -> version.integer(1, 1));
    read(fields);
    Optional<Node> list =
        alone || (fields.node("tiers").isEmpty() && fields.node("states").isEmpty())
            ? fields.required("policies")
            : fields.node("policies");
    list.filter(node -> node.kind() == Node.Kind.SEQUENCE && node.isEmpty())
        .ifPresent(node -> node.report("no policy (expected: at least one)"));
    fields.done();
  }

  /** Whether nothing was read and nothing is wrong. */
  public boolean isEmpty() {
    return policies.isEmpty() && tiers.isEmpty() && states.isEmpty() && !incomplete;
  }

  /** Adds policies without tiers that were read from a file of another format. */
  public void add(List<Policy> plain) {
    plain.forEach(policy -> policies.add(new TieredPolicy(policy, Optional.empty())));
  }

  /** Adds what was read from a file of another format. */
  public void add(PolicyCatalog imported, Node place) {
    CatalogSource source = imported.source();
    policies.addAll(source.policies());
    source.tiers().forEach(tier -> add(tier, place));
    source.states().forEach(state -> add(state, place));
  }

  private void add(Tier tier, Node place) {
    if (tiers.putIfAbsent(tier.name(), tier) != null) {
      place.report("tier \"" + tier.name() + "\" (expected: each name once)");
    }
    tier.limits().forEach(limit -> places.put(limit, place));
  }

  private void add(LoadState state, Node place) {
    LoadState first = states.putIfAbsent(state.name(), state);
    if (first != null) {
      // What several files say of a state holds together, and the strictest shedding counts.
      List<LoadState.Change> changes = new ArrayList<>(first.overrides());
      changes.addAll(state.overrides());
      Optional<Priority> shed =
          first.shed().isPresent() && state.shed().isPresent()
              ? Optional.of(Collections.max(List.of(first.shed().get(), state.shed().get())))
              : first.shed().or(state::shed);
      place
          .attempt(() -> Optional.of(new LoadState(state.name(), shed, changes)))
          .ifPresent(both -> states.put(both.name(), both));
    }
    places.put(states.get(state.name()), place);
  }

  /**
   * The catalog of everything read.
   *
   * @param root where problems of the whole are noted
   * @return empty if something is wrong, which is noted
   */
  public Optional<PolicyCatalog> catalog(Node root) {
    if (incomplete) {
      return Optional.empty();
    }
    CatalogSource source =
        new CatalogSource(policies, List.copyOf(tiers.values()), List.copyOf(states.values()));
    CatalogCompiler compiler =
        new CatalogCompiler(
            source,
            (part, message) ->
                places.getOrDefault(part, root).report(new IllegalArgumentException(message)));
    return root.attempt(() -> compiler.compile(1));
  }

  private void policies(Node list) {
    for (PolicyReader.Placed placed : PolicyReader.policies(list)) {
      policies.add(placed.policy());
      places.put(placed.policy(), placed.place());
    }
  }

  private static void each(Node node, BiConsumer<String, Node> reader) {
    Fields fields = node.fields();
    for (String name : fields.names()) {
      reader.accept(name, fields.present(name));
    }
  }

  private void tier(String name, Node node) {
    List<Tier.Limit> limits = new ArrayList<>();
    each(
        node,
        (limit, place) ->
            place
                .attempt(() -> tierLimit(limit, place))
                .ifPresent(
                    found -> {
                      limits.add(found);
                      places.put(found, place);
                    }));
    if (node.kind() == Node.Kind.MAPPING && node.isEmpty()) {
      node.report("no limit (expected: 1..16)");
    }
    if (tiers.size() == MAX_TIERS) {
      node.report("more than " + MAX_TIERS + " tiers (expected: at most that)");
    }
    if (!limits.isEmpty()) {
      node.attempt(() -> Optional.of(new Tier(name, limits)))
          .filter(tier -> tiers.putIfAbsent(name, tier) != null)
          .ifPresent(twice -> node.report("tier \"" + name + "\" (expected: each name once)"));
    }
  }

  private static Optional<Tier.Limit> tierLimit(String name, Node node) {
    Map<String, Algorithm> rates = new LinkedHashMap<>();
    if (node.kind() != Node.Kind.MAPPING) {
      rate(node).ifPresent(rate -> rates.put(PolicyCatalog.NORMAL, rate));
    } else {
      rates.putAll(rates(node));
      if (!node.fields().names().contains(PolicyCatalog.NORMAL)) {
        node.report("no normal (expected: a field normal, the rate in normal times)");
      }
    }
    return rates.containsKey(PolicyCatalog.NORMAL)
        ? Optional.of(new Tier.Limit(name, rates))
        : Optional.empty();
  }

  private static Map<String, Algorithm> rates(Node node) {
    Map<String, Algorithm> rates = new LinkedHashMap<>();
    each(node, (name, place) -> rate(place).ifPresent(rate -> rates.put(name, rate)));
    return rates;
  }

  private static Optional<Algorithm> rate(Node node) {
    if (node.kind() != Node.Kind.SCALAR) {
      node.expect("a rate such as 100 per minute");
      return Optional.empty();
    }
    return node.convert(RateWords::parse);
  }

  private void state(String name, Node node) {
    List<LoadState.Change> changes = new ArrayList<>();
    Optional<Priority> shed = Optional.empty();
    if (node.kind() != Node.Kind.NULL) {
      Fields fields = node.fields();
      shed = fields.node("shed").flatMap(CatalogReader::sheddable);
      for (Node item : fields.items("overrides")) {
        change(item)
            .ifPresent(
                change -> {
                  changes.add(change);
                  places.put(change, item);
                });
      }
      fields.done();
    }
    if (states.size() == MAX_STATES) {
      node.report("more than " + MAX_STATES + " states (expected: at most that)");
    }
    Optional<Priority> highest = shed;
    node.attempt(() -> Optional.of(new LoadState(name, highest, changes)))
        .ifPresent(state -> add(state, node));
  }

  private static Optional<Priority> sheddable(Node node) {
    if (node.kind() != Node.Kind.SCALAR || node.text().filter(SHEDDABLE::contains).isEmpty()) {
      node.expect("low, normal or high; critical requests are never shed");
      return Optional.empty();
    }
    return node.choice(Priority.class);
  }

  private static Optional<LoadState.Change> change(Node node) {
    Fields fields = node.fields();
    Optional<String> domain = fields.text("domain");
    Optional<String> tier = fields.text("tier");
    List<Condition> conditions =
        fields.node("match").map(PolicyReader::conditions).orElse(List.of());
    Optional<Node> multiply = fields.node("multiply");
    Optional<Node> limits = fields.node("limits");
    Optional<Factor> factor = multiply.flatMap(value -> value.convert(FactorWords::parse));
    Map<String, Algorithm> rates = limits.map(CatalogReader::rates).orElse(Map.of());
    fields.done();
    if (multiply.isEmpty() && limits.isEmpty() && !fields.hasUnknown()) {
      node.report("changes nothing (expected: multiply or limits)");
    }
    return Optional.of(
        new LoadState.Change(domain, tier, conditions, rates, factor.orElse(Factor.ONE)));
  }
}
