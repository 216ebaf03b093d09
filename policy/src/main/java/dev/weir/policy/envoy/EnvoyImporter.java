// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy.envoy;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.policy.Document;
import dev.weir.policy.InvalidFileException;
import dev.weir.policy.Node;
import dev.weir.policy.Problem;
import dev.weir.policy.Problems;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Reads the configuration of the Envoy rate limit service: {@code domain} and nested {@code
 * descriptors}, each with {@code key}, {@code value}, {@code rate_limit} and switches.
 *
 * <p>A rate limit becomes a policy that wants exactly the entries on the way to it, and one fixed
 * window aligned to the epoch, as there; a month has 30 days and a year 365. Beyond it, a
 * descriptor may have {@code limits}, a list as policies have it, beside {@code rate_limit} or in
 * its place. What that service refuses is refused in its words, and whatever is wrong is told at
 * once with its place.
 */
public final class EnvoyImporter {

  /**
   * One file.
   *
   * @param name what problems call it
   * @param text YAML
   */
  public record Source(String name, String text) {
    public Source {
      requireNonNull(name, "name");
      requireNonNull(text, "text");
    }
  }

  /** What several files may say of one domain. */
  public enum Domains {
    /** Nothing: a domain in two files is a mistake. */
    ONE_FILE_EACH,
    /** The files' descriptors are put together. */
    MERGED
  }

  /** A domain, and what the files say of it. */
  private record Gathered(String file, List<Rule> rules) {}

  private final UnaryOperator<Limit> change;
  private final Domains domains;
  private final List<Problem> warnings = new ArrayList<>();
  private final Map<String, Gathered> gathered = new LinkedHashMap<>();

  private EnvoyImporter(Domains domains, UnaryOperator<Limit> change) {
    this.domains = domains;
    this.change = change;
  }

  /**
   * What files mean together.
   *
   * @throws InvalidFileException if anything is wrong with one of them
   */
  public static EnvoyRules parse(List<Source> files, Domains domains) {
    return parse(files, domains, limit -> limit);
  }

  /**
   * What files mean together.
   *
   * @param change what becomes of each limit, such as its failure policy; what it refuses is a
   *     problem of the rule
   * @throws InvalidFileException if anything is wrong with one of them
   */
  public static EnvoyRules parse(List<Source> files, Domains domains, UnaryOperator<Limit> change) {
    requireNonNull(domains, "domains");
    requireNonNull(change, "change");
    EnvoyImporter importer = new EnvoyImporter(domains, change);
    Map<Source, Problems> problems = new LinkedHashMap<>();
    for (Source file : files) {
      Problems ofFile = new Problems();
      problems.put(file, ofFile);
      Document.literal(file.name, file.text, ofFile)
          .ifPresent(root -> importer.gather(file.name, root));
    }
    List<Policy> policies = importer.compile();
    List<Problem> all = new ArrayList<>();
    problems.values().forEach(each -> all.addAll(each.all()));
    if (!all.isEmpty()) {
      throw new InvalidFileException(all);
    }
    return new EnvoyRules(policies, importer.gathered.keySet(), importer.warnings);
  }

  private void gather(String file, Node root) {
    if (root.kind() != Node.Kind.MAPPING) {
      root.expect("a mapping with domain and descriptors");
      return;
    }
    RuleReader reader = new RuleReader(change, warnings);
    Optional<String> domain = reader.domain(root);
    List<Rule> rules = reader.rules(root);
    if (domain.isEmpty()) {
      return;
    }
    Gathered first = gathered.get(domain.get());
    if (first == null) {
      gathered.put(domain.get(), new Gathered(file, new ArrayList<>(rules)));
    } else if (domains == Domains.MERGED) {
      first.rules.addAll(rules);
    } else {
      root.fields()
          .node("domain")
          .orElse(root)
          .report(
              "duplicate domain '"
                  + domain.get()
                  + "' in config file (first in "
                  + first.file
                  + ")");
    }
  }

  private List<Policy> compile() {
    List<Policy> policies = new ArrayList<>();
    gathered.forEach(
        (domain, of) ->
            policies.addAll(
                new RuleCompiler(domain, (place, message) -> warnings.add(place.remark(message)))
                    .compile(of.rules)));
    return policies;
  }
}
