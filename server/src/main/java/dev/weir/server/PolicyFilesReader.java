// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.core.FailurePolicy;
import dev.weir.core.Limit;
import dev.weir.core.PolicySet;
import dev.weir.policy.CatalogReader;
import dev.weir.policy.Document;
import dev.weir.policy.Fields;
import dev.weir.policy.InvalidFileException;
import dev.weir.policy.LeaseReader;
import dev.weir.policy.Node;
import dev.weir.policy.PolicyCatalog;
import dev.weir.policy.Problems;
import dev.weir.policy.RulesJsonImporter;
import dev.weir.policy.TiersJsonImporter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Reads the policies of a configuration and of the files that it names. Used once. */
final class PolicyFilesReader {

  /** The formats of files that hold policies. */
  private enum Format {
    POLICIES,
    RULES_JSON,
    TIERS_JSON,
    ENVOY
  }

  private final Path file;
  private final Map<String, String> variables;
  private final Function<String, Optional<String>> environment;
  private final List<Path> files = new ArrayList<>();
  private boolean envoy;
  // Whether files of Envoy's rules name any domain.
  private boolean domains;

  /**
   * @param file the configuration, beside which files are looked for
   * @param variables the environment
   */
  PolicyFilesReader(Path file, Map<String, String> variables) {
    this.file = file;
    this.variables = variables;
    this.environment = name -> Optional.ofNullable(variables.get(name));
  }

  /** The files that were named. */
  List<Path> files() {
    return List.copyOf(files);
  }

  /** All policies together; what is wrong is noted. */
  PolicyCatalog catalog(Node root, Fields fields) {
    PolicyCatalog none = PolicyCatalog.of(PolicySet.empty());
    Optional<Node> own = fields.node("policies");
    Optional<Node> named = fields.node("policy-files");
    if (own.isEmpty() && named.isEmpty()) {
      root.report(
          "no policies (expected: policies, policy-files, or policies: none, which allows"
              + " everything)");
      return none;
    }
    if (own.filter(node -> node.kind() == Node.Kind.SCALAR).isPresent()) {
      own.filter(node -> node.text().filter("none"::equals).isEmpty())
          .ifPresent(node -> node.expect("a list of policies, or none"));
      named.ifPresent(node -> node.report("beside policies: none (expected: one of the two)"));
      return none;
    }
    CatalogReader reader = new CatalogReader();
    reader.read(fields);
    Map<Node, Problems> ofFiles = new LinkedHashMap<>();
    boolean readable = true;
    for (Node item : named.map(Node::items).orElse(List.of())) {
      Optional<Problems> problems = imported(item, reader);
      problems.ifPresent(found -> ofFiles.put(item, found));
      readable &= problems.isPresent();
    }
    if (readable && envoy && reader.isEmpty()) {
      return PolicyCatalog.of(domains ? PolicySet.empty() : PolicySet.unloaded());
    }
    Optional<PolicyCatalog> catalog = readable ? reader.catalog(root) : Optional.empty();
    ofFiles.forEach(
        (item, problems) -> problems.all().forEach(each -> item.report(each.toString())));
    return catalog.orElse(none);
  }

  /**
   * Reads another file, whose own problems are told with their places in it.
   *
   * @return empty if it cannot be read, which is noted
   */
  private Optional<Problems> imported(Node node, CatalogReader reader) {
    Fields fields = node.fields();
    Optional<String> name = fields.required("file").flatMap(Node::text);
    Format format = fields.choice("format", Format.class).orElse(Format.POLICIES);
    Optional<String> domain = fields.text("domain");
    UnaryOperator<Limit> change = change(fields, format);
    Optional<EnvoyFiles> rules =
        format == Format.ENVOY
            ? Optional.of(EnvoyFiles.read(fields, change, variables))
            : Optional.empty();
    fields.done();
    if (name.isEmpty()) {
      return Optional.empty();
    }
    Path path = file.toAbsolutePath().resolveSibling(name.get()).normalize();
    files.add(path);
    try {
      switch (format) {
        case POLICIES -> {
          return Optional.of(reader.read(path.toString(), Document.text(path), environment));
        }
        case RULES_JSON ->
            reader.add(
                RulesJsonImporter.parse(
                    path.toString(), Document.text(path), domain.orElse("default"), change));
        case TIERS_JSON ->
            reader.add(
                TiersJsonImporter.parse(
                        path.toString(), Document.text(path), domain.orElse("default"), change)
                    .catalog(),
                node);
        case ENVOY -> {
          domain.ifPresent(
              given -> node.report("domain: " + given + " (expected: the files' own)"));
          envoy = true;
          domains |= rules.orElseThrow().add(path, reader);
        }
      }
      return Optional.of(new Problems());
    } catch (IOException e) {
      node.report(Unreadable.why(e));
    } catch (InvalidFileException e) {
      e.problems().forEach(problem -> node.report(problem.toString()));
    }
    return Optional.empty();
  }

  /** What becomes of every limit of rules that say nothing of leases and failures themselves. */
  private static UnaryOperator<Limit> change(Fields fields, Format format) {
    Optional<Node> lease = fields.node("lease");
    Optional<Node> onFailure = fields.node("on-failure");
    if (format == Format.POLICIES) {
      String message = "of a file of policies (expected: at the limits in that file)";
      lease.ifPresent(node -> node.report(message));
      onFailure.ifPresent(node -> node.report(message));
    }
    UnaryOperator<Limit> leased =
        lease.flatMap(LeaseReader::change).orElse(UnaryOperator.identity());
    Optional<FailurePolicy> failure = onFailure.flatMap(node -> node.choice(FailurePolicy.class));
    return limit -> leased.apply(failure.map(limit::onFailure).orElse(limit));
  }
}
