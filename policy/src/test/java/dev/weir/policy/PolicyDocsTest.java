// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Loads every example of the users' documentation. */
class PolicyDocsTest {

  private static final Path DOCS = Path.of("../docs/policies.md");

  private static List<String> all(String regex) throws IOException {
    return Pattern.compile(regex, Pattern.MULTILINE)
        .matcher(Files.readString(DOCS))
        .results()
        .map(result -> result.group(1))
        .toList();
  }

  @Test
  void everyExample_isAPolicyFile() throws IOException {
    List<String> examples = all("^```yaml\n([^`]*)```");

    assertThat(examples).hasSizeGreaterThan(5);
    for (String example : examples) {
      assertThat(PolicyFile.parse("policies.md", example, PolicyFileTest.NO_ENVIRONMENT))
          .isNotEmpty();
    }
  }

  @Test
  void everyRateOfTheTable_isOne() throws IOException {
    String table = all("(?s)^\\| rate \\|.*?\n\\|---\\|---\\|\n(.*?)\n\n").getFirst();
    List<String> rates =
        Pattern.compile("`([^`]*)`")
            .matcher(Pattern.compile("(?<=`) \\|.*").matcher(table).replaceAll(""))
            .results()
            .map((MatchResult result) -> result.group(1))
            .toList();

    assertThat(rates).hasSizeGreaterThan(9);
    for (String rate : rates) {
      assertThat(RateWords.parse(rate)).isNotNull();
    }
  }

  @Test
  void everyErrorShown_isToldSo() throws IOException {
    String text =
        """
        version: 1
        policies:
          - name: per-user
            domain: api
            match: { user: "*" }
            key: [user]
            limits:
              - 10 per fortnight
            limts: []
        """;
    List<String> shown = all("^(policies\\.yaml:\\d+:\\d+: .*)$");

    assertThat(problems(text)).isEqualTo(String.join("\n", shown));
  }

  private static String problems(String text) {
    try {
      PolicyFile.parse("policies.yaml", text, PolicyFileTest.NO_ENVIRONMENT);
      return "";
    } catch (InvalidFileException e) {
      return e.getMessage();
    }
  }
}
