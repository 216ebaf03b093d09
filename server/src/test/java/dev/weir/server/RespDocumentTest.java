// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page about the Redis protocol shows what a server answers. */
final class RespDocumentTest {

  private static final Path PAGE =
      Path.of(System.getProperty("basedir", ".")).resolve("../docs/resp.md");
  private static final Pattern CONFIGURATION = Pattern.compile("(?s)```yaml\n(.*?)```");
  private static final Pattern EXAMPLE = Pattern.compile("(?s)```redis\n(.*?)```");
  private static final Pattern JSON = Pattern.compile("```json\n(.*)\n```");
  private static final Pattern ITEM = Pattern.compile("\\d+\\) \\(integer\\) (-?\\d+)");

  @Test
  void examples_areAnsweredAsShown() throws IOException {
    String page = Files.readString(PAGE, UTF_8);
    String yaml = CONFIGURATION.matcher(page).results().findFirst().orElseThrow().group(1);
    List<String> answers = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    try (TestServer server = TestServer.start(TestConfiguration.of(yaml));
        RespClient client = new RespClient(server.port())) {
      for (MatchResult example : EXAMPLE.matcher(page).results().toList()) {
        for (String command : example.group(1).split("(?m)^> ", -1)) {
          List<String> lines = command.lines().toList();
          if (!lines.isEmpty()) {
            answers.add(lines.getFirst() + " -> " + client.ask(lines.getFirst()));
            expected.add(lines.getFirst() + " -> " + answer(lines.subList(1, lines.size())));
          }
        }
      }
    }
    assertThat(answers).isEqualTo(expected).hasSizeGreaterThan(7);
  }

  @Test
  void httpExample_isAnsweredAsShown() throws IOException {
    List<String> shown =
        JSON.matcher(Files.readString(PAGE, UTF_8)).results().map(each -> each.group(1)).toList();
    assertThat(shown).hasSize(2);
    try (TestServer server = TestServer.start()) {
      assertThat(server.post("/throttle", shown.getFirst()).body()).isEqualTo(shown.getLast());
    }
  }

  private static String answer(List<String> shown) {
    if (shown.size() == 1) {
      return shown.getFirst().replace("(error) ", "-");
    }
    return shown.stream().map(line -> ITEM.matcher(line).replaceFirst("$1")).toList().toString();
  }
}
