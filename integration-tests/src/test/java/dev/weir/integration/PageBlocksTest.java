// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.weir.integration.Pages.Block;
import dev.weir.integration.Pages.Page;
import dev.weir.redis.fixtures.TestCertificates;
import dev.weir.server.Configuration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * No block of a page for users escapes. What is fenced as
 *
 * <ul>
 *   <li>{@code text} is to be read only;
 *   <li>{@code console} is typed by {@link DocumentsIT}, and what stands below {@code <!-- file:
 *       NAME -->} is written for it;
 *   <li>{@code yaml} is read as a configuration, {@code java} is part of a source that is compiled;
 *   <li>anything is run by the test that the page names: {@code <!-- run by CLASS: LANGUAGE -->};
 *   <li>anything is not run below {@code <!-- not run: WHY -->}.
 * </ul>
 */
final class PageBlocksTest {

  private static final List<String> COMPILED =
      List.of("examples/src/main/java", "examples/src/test/java", "client/src/test/java");

  /** The languages whose blocks are all run: here, and by {@link DocumentsIT}. */
  private static final Set<String> COVERED = Set.of("console", "java", "yaml");

  private static final Map<String, String> ENVIRONMENT =
      Map.of("WEIR_ADMIN_TOKEN", "the-token-of-the-documents");
  private static final Pattern FENCE = Pattern.compile("(?m)^ *(```|~~~)");

  @Test
  void everyBlock_isRunOrSaysWhyNot() throws IOException {
    List<String> escaped = new ArrayList<>();
    for (Page page : Pages.forUsers()) {
      for (Block block : page.blocks()) {
        whyEscaped(block).ifPresent(why -> escaped.add(block + ": " + why));
      }
    }
    assertThat(escaped).isEmpty();
  }

  @Test
  void everyFence_belongsToABlockThatIsSeen() throws IOException {
    for (Page page : Pages.forUsers()) {
      assertThat(FENCE.matcher(page.text()).results().count())
          .as(page.name())
          .isEqualTo(2L * page.blocks().size());
    }
  }

  @Test
  void everyRunner_isATestThatReadsThePage() throws IOException {
    for (Page page : Pages.forUsers()) {
      for (Map.Entry<String, String> runner : page.runners().entrySet()) {
        String source = Pages.testSource(runner.getValue()).orElse("");
        assertThat(source)
            .as("%s, which %s names", runner.getValue(), page.name())
            .contains(Path.of(page.name()).getFileName().toString())
            .contains(runner.getKey());
        assertThat(page.blocks().stream().map(Block::language))
            .as(page.name())
            .contains(runner.getKey());
      }
    }
  }

  @Test
  void javaBlocks_arePartsOfSourcesThatCompile() throws IOException {
    List<String> sources = new ArrayList<>();
    for (String folder : COMPILED) {
      try (Stream<Path> files = Files.walk(Pages.ROOT.resolve(folder))) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          sources.add(unindented(Files.readString(file, UTF_8)));
        }
      }
    }
    for (Page page : Pages.forUsers()) {
      for (Block block : page.blocks()) {
        if (block.language().equals("java") && block.notRun().isEmpty()) {
          assertThat(sources)
              .as("%s", block)
              .anyMatch(source -> source.contains(unindented(block.body())));
        }
      }
    }
  }

  @Test
  void yamlBlocks_areConfigurations(@TempDir Path folder) throws IOException {
    // Where files that are named beside the configuration are found.
    Files.createSymbolicLink(folder.resolve("examples"), Pages.ROOT.resolve("examples"));
    Path file = Files.createDirectory(folder.resolve("docs")).resolve("weir.yaml");
    TestCertificates certificates = TestCertificates.in(folder);
    Files.copy(certificates.serverCertificate(), file.resolveSibling("server.pem"));
    Files.copy(certificates.serverKey(), file.resolveSibling("server-key.pem"));
    Files.copy(certificates.ca(), file.resolveSibling("clients.pem"));
    for (Page page : Pages.forUsers()) {
      for (Block block : page.blocks()) {
        if (isConfiguration(block)) {
          Files.writeString(file, block.body(), UTF_8);
          assertThatCode(() -> Configuration.read(file, ENVIRONMENT))
              .as("%s", block)
              .doesNotThrowAnyException();
        }
      }
    }
  }

  private static boolean isConfiguration(Block block) {
    return block.language().equals("yaml")
        && block.file().isEmpty()
        && block.notRun().isEmpty()
        && !block.page().runners().containsKey("yaml");
  }

  private static String unindented(String text) {
    return text.replaceAll("(?m)^ +", "");
  }

  private static Optional<String> whyEscaped(Block block) {
    String language = block.language();
    if (language.equals("text") || block.page().runners().containsKey(language)) {
      return Optional.empty();
    }
    if (block.file().isPresent()) {
      return typed(block.page(), block.file().get())
          ? Optional.empty()
          : Optional.of("no console block of the page names " + block.file().get());
    }
    if (block.notRun().isPresent() || COVERED.contains(language)) {
      return Optional.empty();
    }
    return Optional.of(
        language.isEmpty()
            ? "no language (expected: text, or what it is)"
            : "nothing runs it (expected: a comment, run by CLASS: "
                + language
                + ", or above it, not run: WHY)");
  }

  private static boolean typed(Page page, String file) {
    return page.blocks().stream()
        .filter(block -> block.language().equals("console"))
        .anyMatch(block -> block.body().contains(file));
  }
}
