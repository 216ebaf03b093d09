// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static dev.weir.integration.GeneratedPage.cell;

import dev.weir.cli.CommandModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The page about the command line says what the program's parser knows. */
final class CommandLineReferenceTest {

  private static final Pattern VARIABLE = Pattern.compile("\\s*\\[(WEIR_\\w+)]");
  private static final Pattern DEFAULT = Pattern.compile("\\s*Default: ((?:[^.]|\\.(?=\\S))+)\\.");

  @Test
  void page_isWhatTheParserKnows() throws IOException {
    StringBuilder page =
        new StringBuilder(
            """
            # Reference: command line

            Every command and option of the `weir` program, written from the program itself by `./weir docs`.
            [The weir program](../cli.md) shows the commands at work, and what exit statuses mean.

            An option goes before its environment variable, and that before the configuration.
            """);
    CommandSpec program = CommandModel.program();
    for (Map.Entry<String, CommandLine> command : program.subcommands().entrySet()) {
      if (!command.getKey().equals("help")) {
        describe(command.getKey(), command.getValue().getCommandSpec(), page);
      }
    }
    page.append("\n## Every command\n\n");
    options(program.subcommands().get("check").getCommandSpec(), true, page);
    page.append("\n`weir help COMMAND` tells all of this, `weir --version` the version.\n");
    GeneratedPage.isCurrent("docs/reference/command-line.md", page.toString());
  }

  private static void describe(String name, CommandSpec command, StringBuilder page) {
    page.append("\n## weir ").append(name).append("\n\n");
    page.append(String.join(" ", command.usageMessage().header())).append("\n\n");
    StringJoiner usage = new StringJoiner(" ", "`weir " + name + " [OPTION...]", "`");
    usage.setEmptyValue("`weir " + name + " [OPTION...]`");
    for (PositionalParamSpec parameter : command.positionalParameters()) {
      usage.add("");
      usage.add(label(parameter));
    }
    page.append(usage.toString().replace("  ", " ")).append("\n\n");
    options(command, false, page);
    List<String> examples =
        Arrays.stream(command.usageMessage().footer())
            .flatMap(String::lines)
            .filter(line -> line.startsWith("  weir "))
            .map(String::strip)
            .toList();
    if (!examples.isEmpty()) {
      page.append("\n```text\n").append(String.join("\n", examples)).append("\n```\n");
    }
  }

  private static String label(ArgSpec parameter) {
    String label = parameter.paramLabel();
    String many = parameter.arity().max() > 1 ? label + "..." : label;
    return parameter.required() ? many : "[" + many + "]";
  }

  private static void options(CommandSpec command, boolean common, StringBuilder page) {
    List<String> rows = new ArrayList<>();
    for (PositionalParamSpec parameter : command.positionalParameters()) {
      if (!common && !parameter.hidden()) {
        rows.add(row("`" + parameter.paramLabel() + "`", parameter));
      }
    }
    for (OptionSpec option : command.options()) {
      boolean everywhere = List.of("--help", "--verbose").contains(option.longestName());
      if (!option.hidden() && everywhere == common) {
        String value = option.arity().max() == 0 ? "" : " " + option.paramLabel();
        rows.add(row("`" + String.join("`, `", option.names()) + value + "`", option));
      }
    }
    if (!rows.isEmpty()) {
      page.append("| option | environment | default | means |\n|---|---|---|---|\n");
      rows.forEach(page::append);
    }
  }

  private static String row(String name, ArgSpec argument) {
    String text = String.join(" ", argument.description()).replaceAll("%n", " ");
    Matcher variable = VARIABLE.matcher(text);
    String environment = variable.find() ? "`" + variable.group(1) + "`" : "";
    text = VARIABLE.matcher(text).replaceAll("");
    Matcher otherwise = DEFAULT.matcher(text);
    String given = otherwise.find() ? otherwise.group(1) : "";
    text = DEFAULT.matcher(text).replaceAll("");
    return "| " + name + " | " + environment + " | " + cell(given) + " | " + cell(text) + " |\n";
  }
}
