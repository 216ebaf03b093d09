// SPDX-License-Identifier: Apache-2.0
package dev.weir.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.RequiresProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What linters say of the files: nothing. */
@Timeout(300)
final class LintersTest {
  private static final String YAML_RULES =
      """
      extends: default
      rules:
        braces: { max-spaces-inside: 1 }
        comments: { min-spaces-from-content: 1 }
        document-start: disable
        indentation: { indent-sequences: whatever }
        line-length: { max: 160 }
        truthy: disable
      """;

  @Test
  @RequiresProgram("hadolint")
  void dockerfile_hadolint_findsNothing() {
    check(List.of("hadolint", "deploy/Dockerfile"));
  }

  @Test
  @RequiresProgram("shellcheck")
  void scripts_shellcheck_findsNothing() throws IOException {
    List<String> command =
        new ArrayList<>(List.of("shellcheck", "--severity=warning", "--external-sources"));
    for (String folder : List.of("deploy", ".ci", "cli/src/main/dist/bin", "examples/topologies")) {
      try (Stream<Path> files = Files.walk(Machine.ROOT.resolve(folder))) {
        for (Path file : files.filter(LintersTest::isScript).sorted().toList()) {
          command.add(file.toString());
        }
      }
    }
    command.add("weir");
    assertThat(command).hasSizeGreaterThan(6);
    check(command);
  }

  @Test
  @RequiresProgram("yamllint")
  void yaml_yamllint_findsNothing() throws IOException {
    List<String> command = new ArrayList<>(List.of("yamllint", "--strict", "-d", YAML_RULES));
    try (Stream<Path> files = Files.walk(Machine.ROOT.resolve("deploy"))) {
      for (Path file : files.filter(LintersTest::isYaml).sorted().toList()) {
        command.add(file.toString());
      }
    }
    assertThat(command).hasSizeGreaterThan(14);
    check(command);
  }

  private static boolean isYaml(Path file) {
    String name = Machine.ROOT.relativize(file).toString();
    return name.endsWith(".yaml") && !name.contains("/templates/") && !name.contains("/target/");
  }

  private static boolean isScript(Path file) {
    if (!Files.isRegularFile(file)
        || !Files.isExecutable(file)
        || file.toString().contains("/target/")) {
      return false;
    }
    try (var reader = Files.newBufferedReader(file)) {
      String first = reader.readLine();
      return first != null && first.matches("#!.*sh");
    } catch (IOException binary) {
      return false;
    }
  }

  private static void check(List<String> command) {
    Machine.Outcome outcome = Machine.run(Map.of(), command);
    assertThat(outcome.status()).as(outcome.output()).isZero();
  }
}
