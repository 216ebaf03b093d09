// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.core.Condition;
import dev.weir.core.EntryPattern;
import dev.weir.core.KeyPart;
import dev.weir.core.LimitOverride;
import dev.weir.core.Policy;
import dev.weir.policy.LoadState;
import dev.weir.policy.PolicyCatalog;
import dev.weir.simulation.LogField;
import dev.weir.simulation.LogFields;
import dev.weir.simulation.MappedDescriptors;
import dev.weir.simulation.MappedDescriptors.Entry;
import dev.weir.simulation.MappedDescriptors.Plan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Turns the options that say how a line becomes descriptors into what makes them.
 *
 * <p>Without options the policies say which entries they look at, and the entries' names say which
 * fields are meant.
 */
final class EntryOptions {

  /** What entries are usually called, and the fields that they then mean. */
  private static final Map<String, List<String>> USUAL =
      Map.of(
          "address",
          List.of(
              "ip",
              "client",
              "client_ip",
              "client-ip",
              "remote_address",
              "remote_addr",
              "addr",
              "source_ip",
              "remote_ip",
              "masked_remote_address"),
          "user",
          List.of("user_id", "user-id", "userid", "username", "account", "identity"),
          "path",
          List.of("route", "url_path", "endpoint", "resource"),
          "target",
          List.of("uri", "url"),
          "method",
          List.of("verb", "http_method"),
          "status",
          List.of("code", "status_code"),
          "host",
          List.of("authority", "vhost", "server_name"),
          "user-agent",
          List.of("user_agent", "agent", "useragent"));

  private final @Nullable String domain;
  private final List<String> mapped;
  private final LogFields fields;
  private final Map<String, Entry> given = new LinkedHashMap<>();

  /**
   * @param domain the descriptors' domain, if said
   * @param mapped options as they were typed
   */
  EntryOptions(@Nullable String domain, List<String> mapped, LogFields fields) {
    this.domain = domain;
    this.mapped = mapped;
    this.fields = fields;
  }

  /**
   * What makes the descriptors for some policies.
   *
   * @throws Failure if an option is wrong, or the domain cannot be told
   */
  MappedDescriptors of(List<PolicyCatalog> catalogs) {
    for (String option : mapped) {
      int equals = option.indexOf('=');
      if (equals < 1 || equals == option.length() - 1) {
        throw Failure.usage("--entry: " + option + " (expected: KEY=FIELD)");
      }
      String key = option.substring(0, equals);
      given.put(key, Entry.of(key, field(option.substring(equals + 1))));
    }
    String chosen = domain != null ? domain : onlyDomain(catalogs);
    Set<String> names = new LinkedHashSet<>(given.keySet());
    Set<List<String>> sequences = new LinkedHashSet<>();
    for (PolicyCatalog catalog : catalogs) {
      for (Policy policy : catalog.in(PolicyCatalog.NORMAL).policies()) {
        if (policy.domain().equals(chosen)) {
          look(catalog, policy, names);
          if (!policy.entries().isEmpty()) {
            sequences.add(policy.entries().stream().map(EntryPattern::key).toList());
          }
        }
      }
    }
    List<Plan> plans = new ArrayList<>();
    if (!names.isEmpty() || sequences.isEmpty()) {
      plans.add(new Plan(chosen, names.stream().map(this::entry).toList(), false));
    }
    for (List<String> sequence : sequences) {
      plans.add(new Plan(chosen, sequence.stream().map(this::entry).toList(), true));
    }
    return new MappedDescriptors(plans, Optional.empty());
  }

  private LogField field(String name) {
    try {
      return fields.field(name);
    } catch (IllegalArgumentException e) {
      throw Failure.usage("--entry: " + e.getMessage());
    }
  }

  private Entry entry(String key) {
    Entry known = given.get(key);
    return known != null ? known : Entry.of(key, field(usual(key)));
  }

  private static String usual(String key) {
    for (Map.Entry<String, List<String>> each : USUAL.entrySet()) {
      if (each.getValue().contains(key)) {
        return each.getKey();
      }
    }
    return key;
  }

  private static String onlyDomain(List<PolicyCatalog> catalogs) {
    Set<String> domains = new TreeSet<>();
    for (PolicyCatalog catalog : catalogs) {
      catalog.in(PolicyCatalog.NORMAL).policies().forEach(policy -> domains.add(policy.domain()));
    }
    if (domains.size() != 1) {
      throw Failure.usage(
          "--domain: missing (expected: one of " + String.join(", ", domains) + ")");
    }
    return domains.iterator().next();
  }

  /** Collects the entries that a policy looks at wherever they are. */
  private static void look(PolicyCatalog catalog, Policy policy, Set<String> names) {
    conditions(policy.conditions(), names);
    policy.key().stream().map(KeyPart::entry).forEach(names::add);
    policy.cost().ifPresent(names::add);
    policy.partition().ifPresent(names::add);
    policy.priority().flatMap(rule -> rule.entry()).ifPresent(names::add);
    catalog.tierEntry(policy).ifPresent(names::add);
    for (LimitOverride override : policy.overrides()) {
      conditions(override.conditions(), names);
    }
    policy.allow().forEach(list -> conditions(list, names));
    policy.deny().forEach(list -> conditions(list, names));
    for (LoadState each : catalog.loadStates()) {
      each.overrides().forEach(change -> conditions(change.conditions(), names));
    }
  }

  private static void conditions(List<Condition> conditions, Set<String> names) {
    conditions.forEach(condition -> names.add(condition.key()));
  }
}
