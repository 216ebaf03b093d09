// SPDX-License-Identifier: Apache-2.0
package dev.weir.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@code .dockerignore} leaves for the image to be built from. */
final class BuildContextTest {
  private static final Pattern MODULE = Pattern.compile("<module>([\\w-]+)</module>");

  @Test
  void everyModule_keepsItsDescriptionAndItsMainSources() throws IOException {
    List<String> modules =
        MODULE
            .matcher(Files.readString(Machine.ROOT.resolve("pom.xml")))
            .results()
            .map((MatchResult found) -> found.group(1))
            .toList();
    assertThat(modules).contains("cli", "deploy");
    for (String module : modules) {
      assertThat(isKept(module + "/pom.xml")).as(module).isTrue();
    }
    for (String module : List.of("core", "policy", "server", "cli", "rls-api", "dashboard")) {
      try (Stream<Path> files = Files.walk(Machine.ROOT.resolve(module + "/src/main"))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          String name = Machine.ROOT.relativize(file).toString();
          assertThat(isKept(name)).as(name).isTrue();
        }
      }
    }
  }

  @Test
  void whatTheDockerfileTakes_isThere() throws IOException {
    for (String name :
        List.of(
            "weir",
            "mvnw",
            ".mvn/wrapper/maven-wrapper.properties",
            "LICENSE",
            "README.md",
            "CHANGELOG.md",
            "deploy/image/assemble",
            "deploy/image/modules",
            "deploy/image/healthy",
            "deploy/image/data/.gitkeep")) {
      assertThat(Machine.ROOT.resolve(name)).exists();
      assertThat(isKept(name)).as(name).isTrue();
    }
  }

  @Test
  void secretsAndWhatWasBuilt_stayOut() throws IOException {
    for (String name :
        List.of(
            ".git/config",
            "target/weir/lib/weir-cli.jar",
            "server/target/classes/a.class",
            "deploy/compose/secrets/redis-url")) {
      assertThat(isKept(name)).as(name).isFalse();
    }
  }

  /** As the engine reads the file: the last line that fits a path, or a folder of it, decides. */
  private static boolean isKept(String name) throws IOException {
    boolean kept = true;
    for (String line : Files.readAllLines(Machine.ROOT.resolve(".dockerignore"))) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      boolean again = line.startsWith("!");
      String pattern = again ? line.substring(1) : line;
      for (Path path = Path.of(name); path != null; path = path.getParent()) {
        if (fits(pattern, path)) {
          kept = again;
        }
      }
    }
    return kept;
  }

  private static boolean fits(String pattern, Path path) {
    // Here two stars and a slash stand for at least one folder, there for none too.
    return Stream.of(pattern, pattern.replace("**/", ""))
        .anyMatch(glob -> FileSystems.getDefault().getPathMatcher("glob:" + glob).matches(path));
  }
}
