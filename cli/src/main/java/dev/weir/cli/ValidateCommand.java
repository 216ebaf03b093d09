// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.policy.PolicyCatalog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code weir validate}: tells everything that is wrong with files, or what they hold. */
@Command(
    name = "validate",
    header = "Check configuration and policy files.",
    description = {
      "%nReads configuration and policy files as the server would, and tells everything that is wrong",
      "with them, each with its file, line and column, what was found and what was expected. Of a",
      "file that is right it tells what it holds.%n"
    },
    footer = {
      "",
      "Examples:",
      "  weir validate weir.yaml",
      "  weir validate policies/free.yaml policies/paid.yaml",
      "",
      "Exit status: 0 every file is right, 2 wrong command line, 3 a file is wrong or unreadable."
    })
final class ValidateCommand implements Callable<Integer> {

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "What to read, YAML or JSON.")
  private List<String> files = new ArrayList<>();

  private final Shell shell;

  ValidateCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    PolicySource source = new PolicySource(shell.environment());
    int exitCode = ExitCode.OK;
    for (String file : files) {
      try {
        shell.out().println(file + ": " + summary(source.read(file)));
      } catch (Failure e) {
        shell.err().println(e.text());
        exitCode = e.exitCode();
      }
    }
    return exitCode;
  }

  private static String summary(PolicySource.Content content) {
    String policies = policies(content.catalog());
    return switch (content) {
      case PolicySource.Content.Policies only -> policies;
      case PolicySource.Content.Server server ->
          count(server.configuration().listeners().size(), "listener")
              + ", "
              + count(server.configuration().routes().size(), "route")
              + ", "
              + policies;
    };
  }

  private static String policies(PolicyCatalog catalog) {
    PolicySet set = catalog.in(PolicyCatalog.NORMAL);
    long domains = set.policies().stream().map(Policy::domain).distinct().count();
    int limits = set.policies().stream().mapToInt(policy -> policy.limits().size()).sum();
    return count(set.policies().size(), "policy")
        + " in "
        + count(domains, "domain")
        + ", "
        + count(limits, "limit")
        + (catalog.tiers().isEmpty() ? "" : ", " + count(catalog.tiers().size(), "tier"))
        + (catalog.states().size() == 1 ? "" : ", states " + String.join(", ", catalog.states()));
  }

  private static String count(long number, String thing) {
    if (number == 1) {
      return "1 " + thing;
    }
    return number + " " + (thing.equals("policy") ? "policies" : thing + "s");
  }
}
