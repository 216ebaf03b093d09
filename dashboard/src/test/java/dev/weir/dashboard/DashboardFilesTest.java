// SPDX-License-Identifier: Apache-2.0
package dev.weir.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the browser is given. */
final class DashboardFilesTest {

  private static final Path SOURCES = Path.of("src/main/resources/dev/weir/dashboard/files");
  private static final int MOST_BYTES = 600_000;

  private final Map<String, byte[]> files = DashboardFiles.read();

  @Test
  void read_files_areThoseOfTheFolderAndTheCharts() throws IOException {
    Set<String> expected = new TreeSet<>(Set.of("charts/chart.umd.min.js"));
    try (Stream<Path> paths = Files.walk(SOURCES)) {
      paths
          .filter(Files::isRegularFile)
          .forEach(path -> expected.add(SOURCES.relativize(path).toString()));
    }
    assertThat(files.keySet()).isEqualTo(expected);
  }

  @Test
  void read_size_isThatOfAPageForAPhone() {
    assertThat(files.values().stream().mapToInt(bytes -> bytes.length).sum())
        .isLessThan(MOST_BYTES);
  }

  @Test
  void modules_imports_areFilesHere() {
    Pattern imported = Pattern.compile("(?:from|import)\\s*\\(?\\s*[\"']([^\"']+)[\"']");
    ours(".js")
        .forEach(
            (name, text) -> {
              for (Matcher each = imported.matcher(text); each.find(); ) {
                Path at = Path.of("/" + name).resolveSibling(each.group(1)).normalize();
                assertThat(files)
                    .as("%s imports %s", name, each.group(1))
                    .containsKey(relative(at));
              }
            });
  }

  @Test
  void page_links_areFilesHere() {
    Pattern linked = Pattern.compile("(?:src|href)=\"([^\"#]+)\"");
    for (Matcher each = linked.matcher(text("index.html")); each.find(); ) {
      assertThat(files).containsKey(each.group(1));
    }
  }

  /** The policy of the pages forbids these; a browser would only tell whoever runs into them. */
  @Test
  void ours_text_entersByTextContentAlone() {
    Pattern sinks =
        Pattern.compile(
            "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|srcdoc|setHTML|eval\\(|"
                + "new Function|javascript:|DOMParser|createContextualFragment|\\bstyle=\"|"
                + "https?://(?!www\\.w3\\.org/)|\\son[a-z]+=\"");
    Map<String, String> ours = ours("");
    assertThat(ours).isNotEmpty();
    ours.forEach(
        (name, text) -> assertThat(sinks.matcher(text).results().toList()).as(name).isEmpty());
  }

  private Map<String, String> ours(String ending) {
    return files.keySet().stream()
        .filter(name -> name.endsWith(ending) && !name.startsWith("charts/"))
        .collect(Collectors.toMap(name -> name, this::text));
  }

  private String text(String name) {
    return new String(files.get(name), StandardCharsets.UTF_8);
  }

  private static String relative(Path path) {
    return path.toString().substring(1);
  }
}
