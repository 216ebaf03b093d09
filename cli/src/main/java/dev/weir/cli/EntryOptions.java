// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.core.Condition;
import dev.weir.core.EntryPattern;
import dev.weir.core.KeyPart;
import dev.weir.core.LimitOverride;
import dev.weir.core.Policy;
import dev.weir.policy.LoadState;
import dev.weir.policy.PolicyCatalog;
import dev.weir.simulation.DurationField;
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
import picocli.CommandLine.Option;

/**
 * The options that say how a line becomes descriptors.
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

  @Option(
      names = "--domain",
      paramLabel = "DOMAIN",
      description = "The descriptors' domain. Default: that of the policies, if they have one.")
  private @Nullable String domain;

  @Option(
      names = "--entry",
      paramLabel = "KEY=FIELD",
      description = "Where an entry's value stands in a line. Default: by the entry's name.")
  private List<String> mapped = new ArrayList<>();

  @Option(
      names = "--set",
      paramLabel = "KEY=TEXT",
      description = "An entry with the same value always, such as tier=free.")
  private List<String> constants = new ArrayList<>();

  @Option(
      names = "--header",
      paramLabel = "NAME=FIELD",
      description = "Where a header field stands that the routes of a configuration look at.")
  private List<String> headers = new ArrayList<>();

  @Option(
      names = "--cost",
      paramLabel = "FIELD",
      description = "Where the cost of a request stands. Default: each costs 1.")
  private @Nullable String cost;

  @Option(
      names = "--took",
      paramLabel = "FIELD",
      description = "How long a request took, for limits of concurrency. Default: duration.")
  private String took = "duration";

  @Option(
      names = "--took-unit",
      paramLabel = "UNIT",
      description = "s, ms, us or ns. Default: s of numbers with a fraction, else ms.")
  private DurationField.@Nullable Unit tookUnit;

  private final Map<String, Entry> given = new LinkedHashMap<>();

  /** Whether they say how lines become descriptors. */
  boolean any() {
    return domain != null || !mapped.isEmpty() || !constants.isEmpty();
  }

  /** Header fields and where lines have them. */
  List<String> headers() {
    return headers;
  }

  @Nullable String domain() {
    return domain;
  }

  /** Where lines tell how long requests took. */
  DurationField duration(LogFields fields) {
    return new DurationField(field("--took", took, fields), Optional.ofNullable(tookUnit));
  }

  /**
   * What makes the descriptors for some policies.
   *
   * @throws Failure if an option is wrong, or the domain cannot be told
   */
  MappedDescriptors of(List<PolicyCatalog> catalogs, LogFields fields) {
    for (String option : mapped) {
      given.put(
          key("--entry", option, "FIELD"),
          Entry.of(
              key("--entry", option, "FIELD"),
              field("--entry", option.substring(option.indexOf('=') + 1), fields)));
    }
    for (String option : constants) {
      String key = key("--set", option, "TEXT");
      given.put(key, Entry.constant(key, option.substring(option.indexOf('=') + 1)));
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
      plans.add(new Plan(chosen, names.stream().map(key -> entry(key, fields)).toList(), false));
    }
    for (List<String> sequence : sequences) {
      plans.add(new Plan(chosen, sequence.stream().map(key -> entry(key, fields)).toList(), true));
    }
    return new MappedDescriptors(
        plans, Optional.ofNullable(cost).map(name -> field("--cost", name, fields)));
  }

  static String key(String option, String text, String value) {
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw Failure.usage(option + ": " + text + " (expected: KEY=" + value + ")");
    }
    return text.substring(0, equals);
  }

  static LogField field(String option, String name, LogFields fields) {
    try {
      return fields.field(name);
    } catch (IllegalArgumentException e) {
      throw Failure.usage(option + ": " + e.getMessage());
    }
  }

  private Entry entry(String key, LogFields fields) {
    Entry known = given.get(key);
    return known != null ? known : Entry.of(key, field("--entry", usual(key), fields));
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
