// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The Markdown pages of the repository, and what stands in them. */
final class Pages {

  static final Path ROOT =
      Path.of(System.getProperty("basedir", ".")).toAbsolutePath().resolve("..").normalize();

  private static final Pattern BLOCK =
      Pattern.compile(
          "(?ms)^(?:<!-- (file|not run): ([^\\n]+) -->\\n)?^```([^\\n]*)\\n(.*?)^```[ \\t]*$");
  private static final Pattern RUNNER = Pattern.compile("<!-- run by (\\w+): ([\\w, ]+) -->");
  private static final Pattern LINK = Pattern.compile("!?\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+?) *$");
  private static final Pattern CODE = Pattern.compile("`[^`\\n]+`");

  /**
   * A fenced block.
   *
   * @param language the word behind the fence; empty if there is none
   * @param file the name of the file that the page has it written to, if it does
   * @param notRun why it is not run, if the page says so
   */
  record Block(
      Page page,
      int line,
      String language,
      String body,
      Optional<String> file,
      Optional<String> notRun) {
    @Override
    public String toString() {
      return page.name() + ":" + line + ": ```" + language;
    }
  }

  /** A page by its path from the root, with {@code /} between folders. */
  record Page(String name, String text) {

    List<Block> blocks() {
      List<Block> blocks = new ArrayList<>();
      for (Matcher block = BLOCK.matcher(text); block.find(); ) {
        int line =
            1 + (int) text.substring(0, block.start(3)).chars().filter(c -> c == '\n').count();
        boolean file = "file".equals(block.group(1));
        Optional<String> said = Optional.ofNullable(block.group(2));
        blocks.add(
            new Block(
                this,
                line,
                block.group(3).strip(),
                block.group(4),
                said.filter(name -> file),
                said.filter(reason -> !file)));
      }
      return blocks;
    }

    /** The page without its blocks. */
    String prose() {
      return BLOCK.matcher(text).replaceAll("");
    }

    /** Which test runs the blocks of a language, where the page names one. */
    Map<String, String> runners() {
      Map<String, String> runners = new HashMap<>();
      for (MatchResult runner : RUNNER.matcher(text).results().toList()) {
        for (String language : runner.group(2).split(", ")) {
          runners.put(language, runner.group(1));
        }
      }
      return runners;
    }

    /** Where the links and pictures lead, as written. */
    List<String> links() {
      return LINK.matcher(prose()).results().map(link -> link.group(1)).toList();
    }

    /** The names under which a Git host finds the headings. */
    Set<String> anchors() {
      Set<String> anchors = new LinkedHashSet<>();
      for (MatchResult heading : HEADING.matcher(prose()).results().toList()) {
        String anchor = anchor(heading.group(1));
        String unique = anchor;
        for (int i = 1; !anchors.add(unique); i++) {
          unique = anchor + "-" + i;
        }
      }
      return anchors;
    }

    static String anchor(String heading) {
      return heading
          .replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1")
          .toLowerCase(Locale.ROOT)
          .replaceAll("[^\\p{L}\\p{N} _-]", "")
          .replace(' ', '-');
    }

    /** The page without blocks and code. */
    String words() {
      return CODE.matcher(prose()).replaceAll("");
    }
  }

  private Pages() {}

  static Page page(String name) {
    try {
      return new Page(name, Files.readString(ROOT.resolve(name), UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Those for users: the first one, and all below {@code docs}. */
  static List<Page> forUsers() throws IOException {
    List<Page> pages = new ArrayList<>(List.of(page("README.md")));
    try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
      files
          .filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .forEach(file -> pages.add(page(ROOT.relativize(file).toString().replace('\\', '/'))));
    }
    return pages;
  }

  /** All of them, each module's own among them. */
  static List<Page> all() throws IOException {
    List<Page> pages = new ArrayList<>(forUsers());
    for (String name : List.of("HACKING.md", "SECURITY.md", "CHANGELOG.md")) {
      pages.add(page(name));
    }
    try (Stream<Path> modules = Files.list(ROOT)) {
      modules
          .map(module -> module.resolve("RATIONALE.md"))
          .filter(Files::exists)
          .sorted()
          .forEach(file -> pages.add(page(ROOT.relativize(file).toString().replace('\\', '/'))));
    }
    return pages;
  }

  /** The source of a test, by the name of its class. */
  static Optional<String> testSource(String name) throws IOException {
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.filter(Files::isDirectory).toList()) {
        Path tests = module.resolve("src/test/java");
        if (!Files.isDirectory(tests)) {
          continue;
        }
        try (Stream<Path> files = Files.walk(tests)) {
          Optional<Path> found = files.filter(file -> file.endsWith(name + ".java")).findFirst();
          if (found.isPresent()) {
            return Optional.of(Files.readString(found.get(), UTF_8));
          }
        }
      }
    }
    return Optional.empty();
  }
}
