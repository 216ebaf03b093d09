// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads files that hold policies, tiers and states and nothing else: {@code version: 1}, {@code
 * policies}, {@code tiers} and {@code states}.
 */
public final class PolicyFile {

  private PolicyFile() {}

  /**
   * The policies of a file in normal times, whose variables are those of the process's environment.
   *
   * @throws IOException if it cannot be read
   * @throws InvalidFileException if anything is wrong with it
   */
  public static PolicySet read(Path file) throws IOException {
    return catalog(file.toString(), Document.text(file), environment()).in(PolicyCatalog.NORMAL);
  }

  /**
   * The policies of a text in normal times.
   *
   * @param name what problems call the file
   * @param text YAML or JSON
   * @param environment the values of variables
   * @throws InvalidFileException if anything is wrong with it
   */
  public static List<Policy> parse(
      String name, String text, Function<String, Optional<String>> environment) {
    return catalog(name, text, environment).in(PolicyCatalog.NORMAL).policies();
  }

  /**
   * The policies of a text in every load state.
   *
   * @param name what problems call the file
   * @param text YAML or JSON
   * @param environment the values of variables
   * @throws InvalidFileException if anything is wrong with it
   */
  public static PolicyCatalog catalog(
      String name, String text, Function<String, Optional<String>> environment) {
    Problems problems = new Problems();
    CatalogReader reader = new CatalogReader();
    Optional<PolicyCatalog> catalog =
        Document.read(name, text, environment, problems)
            .flatMap(
                root -> {
                  reader.file(root, true);
                  return problems.none() ? reader.catalog(root) : Optional.empty();
                });
    problems.throwIfAny();
    return catalog.orElseThrow();
  }

  /** The variables of the process. */
  public static Function<String, Optional<String>> environment() {
    return variable -> Optional.ofNullable(System.getenv(variable));
  }
}
