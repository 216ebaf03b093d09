// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.policy.Nearest;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: which commands there are, and how their errors are told. */
final class Program {

  private static final String COMMON = "common";

  /** Every command, in the order of the help. */
  static final List<String> COMMANDS =
      List.of(
          "serve",
          "check",
          "validate",
          "explain",
          "simulate",
          "import",
          "load",
          "size",
          "completion",
          "help");

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
      case "check" -> new CheckCommand(shell);
      case "validate" -> new ValidateCommand(shell);
      case "explain" -> new ExplainCommand(shell);
      case "simulate" -> new SimulateCommand(shell);
      case "import" -> new ImportCommand(shell);
      case "completion" -> new CompletionCommand(shell, this::commandLine);
      case "load" -> new LoadCommand(shell);
      case "size" -> new SizeCommand(shell);
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
    if (error instanceof MissingParameterException missing) {
      // The same exception stands for an option that is missing and for one without its value.
      if (String.valueOf(error.getMessage()).startsWith("Missing required parameter for option")
          && missing.getMissing().getFirst() instanceof OptionSpec option) {
        return option.longestName() + ": no value" + expected(option.paramLabel());
      }
      StringJoiner names = new StringJoiner(", ");
      missing.getMissing().forEach(argument -> names.add(name(argument)));
      return names + ": missing";
    }
    if (error instanceof UnmatchedArgumentException unmatched) {
      return unmatched(unmatched);
    }
    ArgSpec argument = error.getArgSpec();
    return argument == null || error.getValue() == null
        ? String.valueOf(error.getMessage())
        : name(argument) + ": " + error.getValue() + " (expected: " + expected(argument) + ")";
  }

  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
  }

  private static String expected(ArgSpec argument) {
    Class<?> type = argument.type();
    if (type.isEnum()) {
      StringJoiner names = new StringJoiner(", ", "one of ", "");
      argument.completionCandidates().forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
      return names.toString();
    }
    return type == double.class || type == Double.class ? "a number" : "a whole number";
  }

  private static String unmatched(UnmatchedArgumentException error) {
    String argument = error.getUnmatched().getFirst();
    CommandSpec spec = error.getCommandLine().getCommandSpec();
    if (argument.startsWith("-")) {
      String option = argument.contains("=") ? argument.split("=", 2)[0] : argument;
      String near = Nearest.of(option, spec.optionsMap().keySet());
      return option + ": unknown option" + (near.startsWith("-") ? expected(near) : "");
    }
    return spec.parent() == null
        ? argument + ": unknown command" + expected(Nearest.of(argument, COMMANDS))
        : argument + ": unexpected argument";
  }

  private static String expected(String what) {
    return " (expected: " + what + ")";
  }

  private int failed(Exception error, CommandLine command, ParseResult result) {
    String name = command.getCommandSpec().qualifiedName();
    return Failure.tell(error, name, verbose(command), shell.err());
  }
}
