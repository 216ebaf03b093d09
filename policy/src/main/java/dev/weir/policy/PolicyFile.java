// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Reads files that hold policies and nothing else: {@code version: 1} and {@code policies}. */
public final class PolicyFile {

  private PolicyFile() {}

  /**
   * The policies of a file, whose variables are those of the process's environment.
   *
   * @throws IOException if it cannot be read
   * @throws InvalidFileException if anything is wrong with it
   */
  public static PolicySet read(Path file) throws IOException {
    return PolicySet.of(parse(file.toString(), Document.text(file), environment()));
  }

  /**
   * The policies of a text.
   *
   * @param name what problems call the file
   * @param text YAML or JSON
   * @param environment the values of variables
   * @throws InvalidFileException if anything is wrong with it
   */
  public static List<Policy> parse(
      String name, String text, Function<String, Optional<String>> environment) {
    Problems problems = new Problems();
    Optional<Node> root = Document.read(name, text, environment, problems);
    List<Policy> policies = root.map(PolicyFile::policies).orElse(List.of());
    problems.throwIfAny();
    return policies;
  }

  /** The variables of the process. */
  public static Function<String, Optional<String>> environment() {
    return variable -> Optional.ofNullable(System.getenv(variable));
  }

  private static List<Policy> policies(Node root) {
    Fields fields = root.fields();
    fields.required("version").ifPresent(version -> version.integer(1, 1));
    Optional<Node> list = fields.required("policies");
    List<Policy> policies = list.map(PolicyReader::policies).orElse(List.of());
    list.filter(node -> node.kind() == Node.Kind.SEQUENCE && node.isEmpty())
        .ifPresent(node -> node.report("no policy (expected: at least one)"));
    fields.done();
    return policies;
  }
}
