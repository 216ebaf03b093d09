// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What counts as a program that is there. */
final class RequiresProgramTest {
  @TempDir private Path folder;

  @Test
  void isPresent_executableOnThePath_true() throws IOException {
    program("there", true);
    assertThat(conditionWith("/nowhere" + File.pathSeparator + folder).isPresent("there")).isTrue();
  }

  @Test
  void isPresent_fileThatDoesNotRun_false() throws IOException {
    program("data", false);
    assertThat(conditionWith(folder.toString()).isPresent("data")).isFalse();
  }

  @Test
  void isPresent_absent_false() {
    assertThat(conditionWith(folder.toString()).isPresent("absent")).isFalse();
  }

  private void program(String name, boolean executable) throws IOException {
    Path file = Files.createFile(folder.resolve(name));
    assertThat(file.toFile().setExecutable(executable)).isTrue();
  }

  private static RequiresProgramCondition conditionWith(String path) {
    return new RequiresProgramCondition(Map.of("PATH", path));
  }
}
