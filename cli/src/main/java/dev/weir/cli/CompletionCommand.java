// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code weir completion}: prints a completion script. */
@Command(
    name = "completion",
    header = "Print a completion script for bash or zsh.",
    description = "%nPrints a script that completes commands and options at a shell's prompt.%n",
    footer = {
      "",
      "Examples:",
      "  weir completion bash > ~/.local/share/bash-completion/completions/weir",
      "  weir completion zsh > ~/.weir-completion && echo 'source ~/.weir-completion' >> ~/.zshrc",
      "",
      "Exit status: 0 printed, 2 wrong command line."
    })
final class CompletionCommand implements Callable<Integer> {

  /** The shells that it is known for. */
  enum Language {
    BASH,
    ZSH;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}.")
  private Language language = Language.BASH;

  private final Shell shell;
  private final Supplier<CommandLine> program;

  CompletionCommand(Shell shell, Supplier<CommandLine> program) {
    this.shell = shell;
    this.program = program;
  }

  @Override
  public Integer call() {
    String script = AutoComplete.bash("weir", program.get());
    // The script of picocli turns zsh's emulation on by itself; bash would not know the marker.
    shell.out().print(language == Language.ZSH ? "#compdef weir\n" + script : script);
    shell.out().flush();
    return ExitCode.OK;
  }
}
