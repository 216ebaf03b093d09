// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import dev.weir.core.Algorithm;
import dev.weir.core.Condition;
import dev.weir.core.Factor;
import dev.weir.core.FailurePolicy;
import dev.weir.core.KeyPart;
import dev.weir.core.Lease;
import dev.weir.core.Limit;
import dev.weir.core.LimitOverride;
import dev.weir.core.Mode;
import dev.weir.core.Policy;
import dev.weir.core.PriorityRule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Writes policies as a file from which {@link PolicyFile} reads the same ones. */
public final class PolicyWriter {

  private PolicyWriter() {}

  /** The policies as YAML. */
  public static String yaml(List<Policy> policies) {
    return TreeWriter.yaml(file(policies));
  }

  /** The policies as JSON. */
  public static String json(List<Policy> policies) {
    return TreeWriter.json(file(policies));
  }

  /** The policies with their tiers and states as YAML. */
  public static String yaml(PolicyCatalog catalog) {
    return TreeWriter.yaml(file(catalog.source()));
  }

  /** The policies with their tiers and states as JSON. */
  public static String json(PolicyCatalog catalog) {
    return TreeWriter.json(file(catalog.source()));
  }

  private static Map<String, Object> file(List<Policy> policies) {
    return file(
        new CatalogSource(
            policies.stream().map(policy -> new TieredPolicy(policy, Optional.empty())).toList(),
            List.of(),
            List.of()));
  }

  private static Map<String, Object> file(CatalogSource source) {
    Map<String, Object> file = new LinkedHashMap<>();
    file.put("version", 1L);
    Map<String, Object> tiers = new LinkedHashMap<>();
    source.tiers().forEach(tier -> tiers.put(tier.name(), tier(tier)));
    if (!tiers.isEmpty()) {
      file.put("tiers", tiers);
    }
    Map<String, Object> states = new LinkedHashMap<>();
    source.states().forEach(state -> states.put(state.name(), state(state)));
    if (!states.isEmpty()) {
      file.put("states", states);
    }
    file.put("policies", source.policies().stream().map(PolicyWriter::policy).toList());
    return file;
  }

  private static Map<String, Object> tier(Tier tier) {
    Map<String, Object> limits = new LinkedHashMap<>();
    for (Tier.Limit limit : tier.limits()) {
      Map<String, Object> rates = rates(limit.rates());
      limits.put(limit.name(), rates.size() == 1 ? rates.get(PolicyCatalog.NORMAL) : rates);
    }
    return limits;
  }

  private static Map<String, Object> rates(Map<String, Algorithm> algorithms) {
    Map<String, Object> rates = new LinkedHashMap<>();
    algorithms.forEach((name, rate) -> rates.put(name, RateWords.format(rate)));
    return rates;
  }

  private static Map<String, Object> state(LoadState state) {
    Map<String, Object> fields = new LinkedHashMap<>();
    state.shed().ifPresent(priority -> fields.put("shed", priority.word()));
    if (!state.overrides().isEmpty()) {
      fields.put("overrides", state.overrides().stream().map(PolicyWriter::change).toList());
    }
    return fields;
  }

  private static Map<String, Object> change(LoadState.Change change) {
    Map<String, Object> fields = new LinkedHashMap<>();
    change.domain().ifPresent(domain -> fields.put("domain", domain));
    change.tier().ifPresent(tier -> fields.put("tier", tier));
    if (!change.conditions().isEmpty()) {
      fields.put("match", PatternWriter.conditions(change.conditions()));
    }
    if (!change.multiply().equals(Factor.ONE) || change.limits().isEmpty()) {
      fields.put("multiply", FactorWords.format(change.multiply()));
    }
    if (!change.limits().isEmpty()) {
      fields.put("limits", rates(change.limits()));
    }
    return fields;
  }

  private static Object priority(PriorityRule rule) {
    if (rule.entry().isEmpty()) {
      return rule.otherwise().word();
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("entry", rule.entry().get());
    fields.put("default", rule.otherwise().word());
    return fields;
  }

  private static Map<String, Object> policy(TieredPolicy tiered) {
    Policy policy = tiered.policy();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", policy.name());
    fields.put("domain", policy.domain());
    if (!policy.conditions().isEmpty()) {
      fields.put("match", PatternWriter.conditions(policy.conditions()));
    }
    if (!policy.entries().isEmpty()) {
      fields.put("entries", PatternWriter.entries(policy.entries()));
    }
    if (!policy.key().isEmpty()) {
      fields.put(
          "key", policy.key().stream().map(part -> keyPart(part, policy.conditions())).toList());
    }
    policy.partition().ifPresent(entry -> fields.put("partition", entry));
    policy.cost().ifPresent(entry -> fields.put("cost", entry));
    tiered.tier().ifPresent(entry -> fields.put("tier", entry));
    policy.priority().ifPresent(rule -> fields.put("priority", priority(rule)));
    if (policy.unlimited()) {
      fields.put("unlimited", true);
    } else {
      fields.put("limits", policy.limits().stream().map(PolicyWriter::limit).toList());
    }
    if (!policy.replaces().isEmpty()) {
      fields.put("replaces", policy.replaces());
    }
    if (!policy.overrides().isEmpty()) {
      fields.put(
          "overrides",
          policy.overrides().stream().map(each -> override(each, policy.limits())).toList());
    }
    if (!policy.allow().isEmpty()) {
      fields.put("allow", policy.allow().stream().map(PatternWriter::conditions).toList());
    }
    if (!policy.deny().isEmpty()) {
      fields.put("deny", policy.deny().stream().map(PatternWriter::conditions).toList());
    }
    mode(fields, policy.mode(), Mode.ENFORCED);
    return fields;
  }

  private static Object keyPart(KeyPart part, List<Condition> conditions) {
    String word =
        switch (part) {
          case KeyPart.Value value -> value.entry();
          case KeyPart.AddressNetwork network ->
              network.entry() + '/' + network.ipv4Length() + ',' + network.ipv6Length();
          case KeyPart.PathVariable variable -> variable.entry() + '.' + variable.variable();
        };
    return means(word, conditions, part) ? word : longForm(part);
  }

  private static boolean means(String word, List<Condition> conditions, KeyPart part) {
    try {
      return PolicyReader.keyPart(word, conditions).equals(part);
    } catch (IllegalArgumentException e) {
      return false; // it reads as another kind of part, and as a malformed one
    }
  }

  private static Map<String, Object> longForm(KeyPart part) {
    Map<String, Object> fields = new LinkedHashMap<>();
    switch (part) {
      case KeyPart.Value value -> fields.put("entry", value.entry());
      case KeyPart.AddressNetwork network -> {
        fields.put("network", network.entry());
        fields.put("ipv4", (long) network.ipv4Length());
        fields.put("ipv6", (long) network.ipv6Length());
      }
      case KeyPart.PathVariable variable -> {
        fields.put("template", variable.entry());
        fields.put("variable", variable.variable());
      }
    }
    return fields;
  }

  private static Map<String, Object> limit(Limit limit) {
    return limit(limit, Limit.of(limit.name(), limit.algorithm()));
  }

  /** What a reader would not take from the base anyway. */
  private static Map<String, Object> limit(Limit limit, Limit base) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", limit.name());
    fields.put("rate", RateWords.format(limit.algorithm()));
    if (limit.onFailure() != base.onFailure()) {
      fields.put("on-failure", word(limit.onFailure()));
    }
    mode(fields, limit.mode(), base.mode());
    if (!limit.lease().equals(base.with(limit.algorithm()).lease())) {
      fields.put("lease", limit.lease().<Object>map(PolicyWriter::lease).orElse(false));
    }
    return fields;
  }

  private static void mode(Map<String, Object> fields, Mode mode, Mode base) {
    if (mode != base) {
      switch (mode) {
        case SHADOW -> fields.put("shadow", true);
        case QUOTA -> fields.put("quota", true);
        case ENFORCED -> fields.put("shadow", false);
      }
    }
  }

  private static Map<String, Object> lease(Lease lease) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("permits", lease.permits());
    fields.put("lifetime", DurationWords.format(lease.lifetime()));
    return fields;
  }

  private static String word(FailurePolicy policy) {
    return policy.name().toLowerCase(Locale.ROOT);
  }

  private static Map<String, Object> override(LimitOverride override, List<Limit> limits) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("match", PatternWriter.conditions(override.conditions()));
    if (!override.multiply().equals(Factor.ONE) || override.limits().isEmpty()) {
      fields.put("multiply", FactorWords.format(override.multiply()));
    }
    List<Map<String, Object>> replaced = new ArrayList<>();
    for (Limit limit : override.limits()) {
      for (Limit base : limits) {
        if (base.name().equals(limit.name())) {
          replaced.add(limit(limit, base));
        }
      }
    }
    if (!replaced.isEmpty()) {
      fields.put("limits", replaced);
    }
    return fields;
  }
}
