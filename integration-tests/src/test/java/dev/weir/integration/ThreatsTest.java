// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page about security names tests that there are. */
final class ThreatsTest {

  private static final Path ROOT =
      Path.of(System.getProperty("basedir", ".")).toAbsolutePath().resolve("..").normalize();
  private static final Pattern TEST = Pattern.compile("`([A-Z]\\w+)\\.(\\w+)`");

  @Test
  void everyThreat_hasATestThatIsThere() throws IOException {
    String page = Files.readString(ROOT.resolve("SECURITY.md"), UTF_8);
    String table = page.substring(page.indexOf("## Threats"));
    // Without the heads of the columns and the line below them.
    List<String> rows = table.lines().filter(line -> line.startsWith("|")).skip(2).toList();
    assertThat(rows).isNotEmpty();
    for (String row : rows) {
      List<MatchResult> tests = TEST.matcher(row).results().toList();
      assertThat(tests).as(row).isNotEmpty();
      for (MatchResult test : tests) {
        assertThat(source(test.group(1)))
            .as("%s.%s", test.group(1), test.group(2))
            .contains("void " + test.group(2) + "(");
      }
    }
  }

  private static String source(String name) throws IOException {
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.filter(Files::isDirectory).toList()) {
        Path tests = module.resolve("src/test/java");
        if (!Files.isDirectory(tests)) {
          continue;
        }
        try (Stream<Path> files = Files.walk(tests)) {
          var found = files.filter(file -> file.endsWith(name + ".java")).findFirst();
          if (found.isPresent()) {
            return Files.readString(found.get(), UTF_8);
          }
        }
      }
    }
    return "";
  }
}
