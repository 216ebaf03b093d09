// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A damaged file is refused with problems in their place, or means something; nothing else. */
class PolicyFileFuzzTest {

  private static final List<String> PIECES =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ":",
          ": ",
          "- ",
          ",",
          "\n",
          "  ",
          "\t",
          "\"",
          "'",
          "*",
          "&a ",
          "*a",
          "!!x ",
          "?",
          "|",
          ">",
          "#",
          "${X}",
          "${",
          "0",
          "9",
          "-",
          "99999999999999999999",
          "1e9",
          "null",
          "~",
          "true",
          "/",
          "/0",
          "::",
          "limits",
          "rate",
          "per",
          "calendar",
          "in",
          "at once",
          "\u0000",
          "\uFFFF",
          "\ud800",
          "é",
          "---",
          "...",
          "%",
          "@",
          "`",
          "<<",
          "PT9999999999999H");

  @Test
  void parse_damagedFile_isReadOrRefusedWithProblems() throws IOException {
    Path good = Path.of("src/test/resources/dev/weir/policy/good");
    List<String> samples =
        List.of(
            Files.readString(good.resolve("full.yaml")),
            Files.readString(good.resolve("tiers.yaml")));
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 6_000; i++) {
      String text = samples.get(i % samples.size());
      for (int j = random.nextInt(4); j >= 0; j--) {
        text = damaged(text, random);
      }
      try {
        PolicyCatalog catalog =
            PolicyFile.catalog(
                "fuzz", text, name -> Optional.of("9").filter(x -> random.nextBoolean()));
        for (String state : catalog.states()) {
          assertThat(catalog.in(state).policies()).isNotEmpty();
        }
      } catch (InvalidFileException e) {
        assertThat(e.problems()).as("seed %d", seed).isNotEmpty();
        int lines = (int) text.lines().count() + 1;
        for (Problem problem : e.problems()) {
          assertThat(problem.line()).as("seed %d: %s", seed, problem).isBetween(1, lines);
          assertThat(problem.column()).as("seed %d: %s", seed, problem).isPositive();
        }
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError("seed " + seed + ", round " + i + ":\n" + text, e);
      }
    }
  }

  private static String damaged(String text, Random random) {
    int at = random.nextInt(text.length());
    int end = Math.min(text.length(), at + random.nextInt(6));
    String piece = PIECES.get(random.nextInt(PIECES.size()));
    return switch (random.nextInt(4)) {
      case 0 -> text.substring(0, at) + text.substring(end);
      case 1 -> text.substring(0, at) + piece + text.substring(at);
      case 2 -> text.substring(0, at) + piece + text.substring(end);
      default -> text.substring(0, at) + text.substring(at, end) + text.substring(at);
    };
  }
}
