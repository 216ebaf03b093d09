// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: which commands there are, and how their errors are told. */
final class Program {

  private static final String COMMON = "common";

  /** Every command, in the order of the help. */
  static final List<String> COMMANDS = List.of("serve", "load", "help");

  @Command(
      name = "weir",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class,
      synopsisHeading = "usage: ",
      customSynopsis = "weir COMMAND [OPTION...]",
      description = "%nLimits rates and quotas.%n",
      sortOptions = false,
      commandListHeading = "%nCommands:%n",
      footer = {
        "",
        "weir help COMMAND tells more about one.",
        "",
        "Exit status: 0 done or allowed, 1 denied or failed, 2 wrong command line, 3 wrong",
        "configuration, 4 cannot bind or connect, 5 a fault of weir."
      })
  private static final class Root {}

  /** The version of the jar; {@code development} where classes are not in one. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Program.class.getPackage().getImplementationVersion();
      return new String[] {"weir " + (version == null ? "development" : version)};
    }
  }

  private final Shell shell;

  Program(Shell shell) {
    this.shell = shell;
  }

  /** Runs a command line and returns the exit status. */
  int run(String... args) {
    return commandLine(args).execute(args.length == 0 ? new String[] {"--help"} : args);
  }

  /** The command line with all commands. */
  CommandLine commandLine() {
    return commandLine(new String[0]);
  }

  /*
   * A command is found by reflection on its class, which takes longer than anything else that the
   * program does before it starts to work. So where the first argument names a command, only that
   * one is known; help and wrong names need all of them.
   */
  private CommandLine commandLine(String[] args) {
    CommandLine root = new CommandLine(new Root());
    boolean one = args.length > 0 && COMMANDS.contains(args[0]) && !args[0].equals("help");
    for (String name : one ? List.of(args[0]) : COMMANDS) {
      root.addSubcommand(name, withCommonOptions(command(name)));
    }
    root.setOut(shell.out()).setErr(shell.err()).setColorScheme(colorless());
    root.setUsageHelpWidth(100).setUsageHelpLongOptionsMaxWidth(30);
    root.setCaseInsensitiveEnumValuesAllowed(true);
    root.setParameterExceptionHandler(this::wrongCommandLine);
    root.setExecutionExceptionHandler(this::failed);
    return root;
  }

  private Object command(String name) {
    return switch (name) {
      case "serve" -> new ServeCommand(shell);
      case "load" -> new LoadCommand(shell);
      case "help" -> new HelpCommand();
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static Object withCommonOptions(Object command) {
    if (command instanceof HelpCommand) {
      return command;
    }
    CommandLine line = new CommandLine(command);
    line.addMixin(COMMON, new CommonOptions());
    line.getCommandSpec().usageMessage().synopsisHeading("usage: ").abbreviateSynopsis(true);
    line.getCommandSpec().usageMessage().sortOptions(false);
    return line;
  }

  private static boolean verbose(CommandLine command) {
    return command.getMixins().get(COMMON) instanceof CommonOptions common && common.verbose();
  }

  private static CommandLine.Help.ColorScheme colorless() {
    return CommandLine.Help.defaultColorScheme(Ansi.OFF);
  }

  private int wrongCommandLine(ParameterException error, String[] args) {
    CommandLine command = error.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    shell.err().println(name + ": " + text(error));
    shell.err().println("(" + name + " --help lists the options)");
    return ExitCode.USAGE;
  }

  private static String text(ParameterException error) {
    if (error instanceof UnmatchedArgumentException unmatched) {
      String argument = unmatched.getUnmatched().getFirst();
      String what =
          unmatched.isUnknownOption()
              ? "unknown option"
              : error.getCommandLine().getSubcommands().isEmpty()
                  ? "unexpected argument"
                  : "unknown command";
      List<String> near = unmatched.getSuggestions();
      String expected = near.isEmpty() ? "" : " (expected: " + near.getFirst() + ")";
      return argument + ": " + what + expected;
    }
    return String.valueOf(error.getMessage());
  }

  private int failed(Exception error, CommandLine command, ParseResult result) {
    if (!(error instanceof Failure failure)) {
      shell.err().println("weir: unexpected: " + error);
      error.printStackTrace(shell.err());
      return ExitCode.INTERNAL;
    }
    CommandSpec spec = command.getCommandSpec();
    String name = failure.exitCode() == ExitCode.USAGE ? spec.qualifiedName() : "weir";
    failure.text().lines().forEach(line -> shell.err().println(name + ": " + line));
    if (verbose(command)) {
      error.printStackTrace(shell.err());
    }
    return failure.exitCode();
  }
}
