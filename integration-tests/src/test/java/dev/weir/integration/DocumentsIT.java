// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.integration.Pages.Block;
import dev.weir.integration.Pages.Page;
import dev.weir.redis.fixtures.RequiresProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The commands in the documents do what is written there. The blocks marked {@code console} of one
 * page are typed into one bash, line by line, in an empty folder that has the {@code examples} of
 * the repository; {@code …} stands for any text. A block below {@code <!-- file: NAME -->} is
 * written to that file when the reader comes to it. A line that ends in {@code &} goes on in the
 * background, and so does a {@code weir serve} of which nothing is shown; the next line is typed
 * when it listens. Ports give way to free ones. {@code -Dweir.page=NAME} types only pages whose
 * name contains that.
 */
@RequiresProgram({"bash", "curl", "redis-cli"})
@Timeout(300)
final class DocumentsIT {

  @TempDir private Path folder;
  private TypingShell shell;

  private record Typed(String command, String expected) {}

  /** The pages with something to type that no other test does. */
  static Stream<Page> pages() throws IOException {
    return Pages.forUsers().stream()
        .filter(page -> page.name().contains(System.getProperty("weir.page", "")))
        .filter(page -> !page.runners().containsKey("console"))
        .filter(page -> page.blocks().stream().anyMatch(DocumentsIT::isTyped));
  }

  private static boolean isTyped(Block block) {
    return block.language().equals("console") && block.file().isEmpty() && block.notRun().isEmpty();
  }

  @AfterEach
  void endWhatWasStarted() throws Exception {
    if (shell != null) {
      shell.close();
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void commands_typed_answerAsWritten(Page page) throws Exception {
    shell = TypingShell.start(folder);
    for (Block block : page.blocks()) {
      if (block.file().isPresent()) {
        Path file = folder.resolve(block.file().get());
        Files.createDirectories(file.getParent());
        Files.writeString(file, shell.ported(block.body()), UTF_8);
      } else if (isTyped(block)) {
        for (Typed typed : typed(block)) {
          check(block, typed);
        }
      }
    }
  }

  private void check(Block block, Typed typed) throws Exception {
    String output = shell.type(typed.command, !typed.expected.isBlank());
    String pattern = "\\Q" + typed.expected.strip().replace("…", "\\E.*?\\Q") + "\\E";
    assertThat(output.strip())
        .as("%s$ %s%n(%s)", block, typed.command, shell.background())
        .matches(Pattern.compile(pattern, Pattern.DOTALL));
  }

  private List<Typed> typed(Block block) {
    List<Typed> all = new ArrayList<>();
    for (String part : shell.ported(block.body()).split("(?m)^\\$ ")) {
      if (!part.isBlank()) {
        int end = endOfCommand(part);
        all.add(
            new Typed(part.substring(0, end), part.substring(Math.min(part.length(), end + 1))));
      }
    }
    return all;
  }

  /** A command goes on behind a backslash at the end of its line. */
  private static int endOfCommand(String part) {
    int end = part.indexOf('\n');
    while (end > 0 && part.charAt(end - 1) == '\\') {
      end = part.indexOf('\n', end + 1);
    }
    return end < 0 ? part.length() : end;
  }
}
