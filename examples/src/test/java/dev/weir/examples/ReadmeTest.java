// SPDX-License-Identifier: Apache-2.0
package dev.weir.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.CalendarQuota;
import dev.weir.core.Concurrency;
import dev.weir.core.FixedWindow;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.TokenBucket;
import dev.weir.policy.RateWords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README says what compiles and runs. */
final class ReadmeTest {

  private static final Path ROOT = Path.of(System.getProperty("basedir", ".")).resolve("..");
  private static final Pattern JAVA = Pattern.compile("(?ms)^```java\n(.*?)^```");
  private static final Pattern POLICIES =
      Pattern.compile("(?ms)^<!-- file: weir.yaml -->\n```yaml\n(.*?)^```");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^):]+)\\)");

  private static String readme;

  @TempDir private Path folder;

  @BeforeAll
  static void read() throws IOException {
    readme = Files.readString(ROOT.resolve("README.md"), UTF_8);
  }

  @Test
  void javaExamples_areThoseThatCompile() throws IOException {
    List<String> sources = sources();
    List<String> examples =
        JAVA.matcher(readme).results().map(example -> example.group(1)).toList();

    assertThat(examples).hasSize(2);
    for (String example : examples) {
      assertThat(sources).as(example).anyMatch(source -> source.contains(unindented(example)));
    }
  }

  @Test
  void libraryExample_run_allows() {
    assertThat(LibraryExample.run()).isEqualTo("welcome");
  }

  @Test
  void policyFileExample_runOnTheReadmesFile_allows() throws IOException {
    String policies = POLICIES.matcher(readme).results().findFirst().orElseThrow().group(1);
    Path file = Files.writeString(folder.resolve("weir.yaml"), policies, UTF_8);
    assertThat(PolicyFileExample.run(file)).isEqualTo("18 left");
  }

  @Test
  void algorithms_inTheTable_areRead() {
    List<Object> classes = new ArrayList<>();
    readme
        .lines()
        .dropWhile(line -> !line.equals("## Algorithms"))
        .takeWhile(line -> !line.equals("## Modes"))
        .map(line -> line.split("\\|"))
        .filter(cells -> cells.length > 2 && cells[2].contains("`"))
        .forEach(
            cells -> classes.add(RateWords.parse(cells[2].replace("`", "").strip()).getClass()));

    assertThat(classes)
        .containsExactly(
            TokenBucket.class,
            FixedWindow.class,
            SlidingWindow.class,
            SlidingLog.class,
            CalendarQuota.class,
            Concurrency.class);
  }

  @Test
  void links_toFiles_lead() {
    assertThat(LINK.matcher(readme).results().map(link -> link.group(1)))
        .isNotEmpty()
        .allMatch(ReadmeTest::leads);
  }

  /** Whether the file of a link is there, and in it the heading that a fragment names. */
  private static boolean leads(String link) {
    String[] parts = link.split("#", 2);
    Path file = ROOT.resolve(parts[0]);
    if (parts.length == 1) {
      return Files.exists(file);
    }
    try (Stream<String> lines = Files.lines(file, UTF_8)) {
      return lines
          .filter(line -> line.startsWith("#"))
          .map(line -> line.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT).replace(' ', '-'))
          .anyMatch(parts[1]::equals);
    } catch (IOException e) {
      return false;
    }
  }

  private static List<String> sources() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT.resolve("examples/src/main/java"))) {
      List<String> sources = new ArrayList<>();
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        sources.add(unindented(Files.readString(file, UTF_8)));
      }
      return sources;
    }
  }

  private static String unindented(String text) {
    StringBuilder out = new StringBuilder();
    text.lines().forEach(line -> out.append(line.strip()).append('\n'));
    return out.toString();
  }
}
