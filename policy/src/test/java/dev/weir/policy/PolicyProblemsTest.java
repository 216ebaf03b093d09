// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What files do wrong, and the exact words in which it is told. */
class PolicyProblemsTest {

  private static String problems(String text) {
    InvalidFileException refused =
        catchThrowableOfType(
            InvalidFileException.class,
            () -> PolicyFile.parse("p.yaml", text, PolicyFileTest.NO_ENVIRONMENT));
    assertThat(refused).as(text).isNotNull();
    return refused.problems().stream().map(Problem::toString).collect(Collectors.joining("\n"));
  }

  static Stream<Arguments> problems() throws IOException {
    return lines("problems.txt");
  }

  static Stream<Arguments> policyProblems() throws IOException {
    return lines("policy-problems.txt");
  }

  static Stream<Arguments> tierProblems() throws IOException {
    return lines("tier-problems.txt");
  }

  /** A text on a line, in which \n stands for a new line; below it, indented, its problems. */
  private static Stream<Arguments> lines(String resource) throws IOException {
    List<Arguments> arguments = new ArrayList<>();
    String text = "";
    StringJoiner expected = new StringJoiner("\n");
    Path file = Path.of("src/test/resources/dev/weir/policy", resource);
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith("    ")) {
        expected.add(line.strip());
      } else {
        if (expected.length() > 0) {
          arguments.add(Arguments.of(text, expected.toString()));
        }
        text = line.replace("\\n", "\n").replace("\\t", "\t").replace("\\x01", "\u0001");
        expected = new StringJoiner("\n");
      }
    }
    arguments.add(Arguments.of(text, expected.toString()));
    return arguments.stream();
  }

  @ParameterizedTest
  @MethodSource("problems")
  void file_wrong_saysWhereAndWhatWasExpected(String text, String expected) {
    assertThat(problems(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("policyProblems")
  void policy_wrong_saysWhereAndWhatWasExpected(String policy, String expected) {
    String text = "version: 1\npolicies:\n- " + policy;
    assertThat(problems(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("tierProblems")
  void tiersAndStates_wrong_saysWhereAndWhatWasExpected(String text, String expected) {
    assertThat(problems("version: 1\n" + text)).isEqualTo(expected);
  }

  @Test
  void file_wrongInManyPlaces_tellsAllOfThem() {
    String text =
        """
        version: 1
        policys: []
        policies:
          - name: a b
            domian: api
            match: { user: "a*b", ip: 10.1.0.0/8 }
            limits:
              - 10 per fortnight
              - { name: x, rate: 1/s, on-failure: perhaps }
          - name: ok
            limits: [1/s]
            overrides: [ { match: { user: a } } ]
          - limits: []
        """;

    assertThatThrownBy(() -> PolicyFile.parse("p.yaml", text, PolicyFileTest.NO_ENVIRONMENT))
        .hasMessage(
            """
            p.yaml:2:10: policys: unknown (expected: policies)
            p.yaml:4:11: policies[0].name: "a b" (expected: 1..100 letters, digits, '_', '.', '-')
            p.yaml:5:13: policies[0].domian: unknown (expected: domain)
            p.yaml:6:20: policies[0].match.user: "a*b" (expected: one * at the end, or {exact: ...})
            p.yaml:6:31: policies[0].match.ip: "10.1.0.0/8" (expected: no bits beyond the length: 10.0.0.0/8)
            p.yaml:8:9: policies[0].limits[0]: "10 per fortnight" (expected: a period such as \
            second, 30s, or calendar month in place of "fortnight")
            p.yaml:9:43: policies[0].limits[1].on-failure: "perhaps" (expected: one of open, closed, local)
            p.yaml:12:18: policies[1].overrides[0]: changes nothing (expected: multiply or limits)
            p.yaml:13:5: policies[2]: no name (expected: a field name)
            p.yaml:13:13: policies[2].limits: no limit (expected: 1..16)""");
  }
}
