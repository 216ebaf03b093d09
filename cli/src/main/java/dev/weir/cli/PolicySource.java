// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.core.PolicySet;
import dev.weir.policy.Document;
import dev.weir.policy.Fields;
import dev.weir.policy.InvalidFileException;
import dev.weir.policy.Node;
import dev.weir.policy.PolicyCatalog;
import dev.weir.policy.PolicyFile;
import dev.weir.policy.Problems;
import dev.weir.server.Configuration;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Reads files that hold policies: policy files and configurations of the server. */
final class PolicySource {

  /** What a file holds. */
  sealed interface Content {
    PolicyCatalog catalog();

    /**
     * The policies in a load state.
     *
     * @throws Failure if there is no such state
     */
    default PolicySet in(String state) {
      try {
        return catalog().in(state);
      } catch (IllegalArgumentException e) {
        throw Failure.usage("--" + e.getMessage());
      }
    }

    record Policies(PolicyCatalog catalog) implements Content {}

    record Server(Configuration configuration) implements Content {
      @Override
      public PolicyCatalog catalog() {
        return configuration.catalog();
      }
    }
  }

  private static final Set<String> OF_POLICY_FILE =
      Set.of("version", "policies", "tiers", "states");

  private final Map<String, String> environment;

  PolicySource(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * Reads a file.
   *
   * @throws Failure with everything that is wrong with it
   */
  Content read(String name) {
    Path file = path(name);
    Function<String, Optional<String>> variables =
        variable -> Optional.ofNullable(environment.get(variable));
    try {
      String text = Document.text(file);
      if (holdsPoliciesOnly(name, text, variables)) {
        return new Content.Policies(PolicyFile.catalog(name, text, variables));
      }
      return new Content.Server(Configuration.read(file, environment));
    } catch (InvalidFileException e) {
      throw Failure.configuration(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw Failure.unreadable(name, e);
    }
  }

  /** A file that is no document at all is left to the reader of policies, which says why. */
  private static boolean holdsPoliciesOnly(
      String name, String text, Function<String, Optional<String>> variables) {
    Optional<Node> root = Document.read(name, text, variables, new Problems());
    return root.filter(node -> node.kind() == Node.Kind.MAPPING)
        .map(Node::fields)
        .map(fields -> OF_POLICY_FILE.containsAll(fields.names()) && listsPolicies(fields))
        .orElse(true);
  }

  private static boolean listsPolicies(Fields fields) {
    return fields.items("policies").size() > 0;
  }

  static Path path(String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw Failure.usage(name + ": (expected: a file)");
    }
  }
}
