// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.weir.core.TimeSource;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** The command line itself: help, version, and what is told of a wrong one. */
final class ProgramTest {

  private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

  private final Terminal terminal = new Terminal();

  static List<String> commands() {
    return Program.COMMANDS.stream().filter(name -> !name.equals("help")).toList();
  }

  @Test
  void weir_withoutArguments_showsEveryCommand() {
    Terminal.Outcome outcome = terminal.run();

    assertThat(outcome.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(outcome.out()).startsWith("usage: weir COMMAND [OPTION...]\n");
    for (String command : Program.COMMANDS) {
      assertThat(outcome.out()).containsPattern("(?m)^  " + command + " ");
    }
  }

  @Test
  void version_asked_namesTheProgram() {
    assertThat(terminal.run("--version"))
        .isEqualTo(new Terminal.Outcome(0, "weir development\n", ""));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void help_ofACommand_isThatOfItsOption(String command) {
    Terminal.Outcome outcome = terminal.run("help", command);

    assertThat(outcome.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(outcome.out()).contains("usage: weir " + command + " ", "Exit status: 0 ");
    assertThat(outcome).isEqualTo(terminal.run(command, "--help"));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void help_examples_canBeParsed(String command) {
    List<String> examples =
        terminal
            .run(command, "--help")
            .out()
            .lines()
            .dropWhile(line -> !line.equals("Examples:"))
            .filter(line -> line.startsWith("  weir "))
            .toList();

    assertThat(examples).isNotEmpty();
    for (String example : examples) {
      String[] arguments = words(example.strip().replaceFirst(" > .*", ""));
      assertThatCode(
              () -> commandLine().parseArgs(Arrays.copyOfRange(arguments, 1, arguments.length)))
          .as(example)
          .doesNotThrowAnyException();
    }
  }

  @Test
  void option_misspelled_suggestsTheNearOne() {
    assertThat(terminal.run("serve", "--prot", "80"))
        .isEqualTo(
            new Terminal.Outcome(
                ExitCode.USAGE,
                "",
                "weir serve: --prot: unknown option (expected: --port)\n"
                    + "(weir serve --help lists the options)\n"));
  }

  @Test
  void option_unlikeAny_suggestsNone() {
    assertThat(terminal.run("serve", "--xyzzy=1").err())
        .startsWith("weir serve: --xyzzy: unknown option\n");
  }

  @Test
  void option_withoutItsValue_saysWhich() {
    assertThat(terminal.run("load", "--rate").err())
        .startsWith("weir load: --rate: no value (expected: N)\n");
  }

  @Test
  void option_withAWrongValue_saysWhatWasExpected() {
    assertThat(terminal.run("load", "--requests", "many").err())
        .startsWith("weir load: --requests: many (expected: a whole number)\n");
  }

  @Test
  void option_missing_saysWhich() {
    assertThat(terminal.run("check", "user=42"))
        .isEqualTo(
            new Terminal.Outcome(
                ExitCode.USAGE,
                "",
                "weir check: --domain: missing\n(weir check --help lists the options)\n"));
  }

  @Test
  void command_misspelled_suggestsTheNearOne() {
    assertThat(terminal.run("sevre"))
        .isEqualTo(
            new Terminal.Outcome(
                ExitCode.USAGE,
                "",
                "weir: sevre: unknown command (expected: serve)\n"
                    + "(weir --help lists the options)\n"));
  }

  @Test
  void argument_tooMany_isNamed() {
    assertThat(terminal.run("serve", "now").err())
        .startsWith("weir serve: now: unexpected argument\n");
  }

  @Test
  void verbose_onAnError_showsTheStack() {
    assertThat(terminal.run("validate", "--verbose", "/nowhere/weir.yaml").exitCode())
        .isEqualTo(ExitCode.CONFIGURATION);
    assertThat(
            terminal.run("explain", "--policy", "/nowhere/a", "--domain", "d", "--verbose").err())
        .startsWith("/nowhere/a: no such file\n")
        .contains("\tat dev.weir.cli.");
  }

  @ParameterizedTest
  @MethodSource("languages")
  void completion_ofAShell_namesCommandsAndOptions(String language) {
    Terminal.Outcome outcome = terminal.run("completion", language);

    assertThat(outcome.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(outcome.out()).contains("serve", "validate", "--zipf", "complete -F");
  }

  static List<String> languages() {
    return List.of("bash", "zsh");
  }

  @Test
  void completion_ofAnotherShell_saysWhichThereAre() {
    assertThat(terminal.run("completion", "fish").err())
        .startsWith("weir completion: SHELL: fish (expected: one of bash, zsh)\n");
  }

  private static CommandLine commandLine() {
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    return new Program(new Shell(nowhere, nowhere, false, Map.of(), TimeSource.system()))
        .commandLine();
  }

  private static String[] words(String line) {
    Matcher matcher = WORD.matcher(line);
    return matcher
        .results()
        .map(word -> word.group(1) != null ? word.group(1) : word.group(2))
        .toArray(String[]::new);
  }
}
