// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.policy.Document;
import dev.weir.policy.Folder;
import dev.weir.policy.InvalidFileException;
import dev.weir.policy.Nearest;
import dev.weir.policy.PolicyWriter;
import dev.weir.policy.RulesJsonImporter;
import dev.weir.policy.TiersJsonImporter;
import dev.weir.policy.envoy.EnvoyImporter;
import dev.weir.policy.envoy.EnvoyRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir import}: prints the rules of other systems in Weir's own words. */
@Command(
    name = "import",
    header = "Print other systems' rules as policies.",
    description = {
      "%nReads files as other systems have them and prints a file of policies that decides the same.",
      "What has no effect there is told beside it.%n",
      "FORMAT is one of",
      "  envoy       the YAML of the Envoy rate limit service; a FILE may be a folder of them",
      "  rules-json  JSON rules with rate_per_sec and burst",
      "  tiers-json  JSON with tiers, users and keys, of which the tiers are printed%n"
    },
    footer = {
      "",
      "Examples:",
      "  weir import envoy ratelimit/config > policies.yaml",
      "  weir import envoy --merge-domains a.yaml b.yaml",
      "  weir import rules-json --domain api rules.json",
      "",
      "Exit status: 0 printed, 2 wrong command line, 3 a file is wrong or unreadable."
    })
final class ImportCommand implements Callable<Integer> {

  private static final List<String> FORMATS = List.of("envoy", "rules-json", "tiers-json");

  @Parameters(index = "0", paramLabel = "FORMAT", description = "Whose rules they are.")
  private String format = "";

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "FILE", description = "What to read.")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--merge-domains",
      description = "Put together what several files say of one domain (envoy).")
  private boolean mergeDomains;

  @Option(
      names = "--domain",
      paramLabel = "NAME",
      description = "The domain of rules that have none (rules-json, tiers-json).")
  private String domain = "default";

  private final Shell shell;

  ImportCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    String name = "";
    try {
      switch (format) {
        case "envoy" -> shell.out().print(envoy());
        case "rules-json" -> {
          List<Policy> policies = new ArrayList<>();
          for (String file : files) {
            name = file;
            policies.addAll(RulesJsonImporter.parse(file, text(file), domain));
          }
          shell.out().print(PolicyWriter.yaml(policies));
        }
        case "tiers-json" -> {
          for (String file : files) {
            name = file;
            UnaryOperator<Limit> same = UnaryOperator.identity();
            shell
                .out()
                .print(
                    PolicyWriter.yaml(
                        TiersJsonImporter.parse(file, text(file), domain, same).catalog()));
          }
        }
        default ->
            throw Failure.usage(
                "FORMAT: " + format + " (expected: " + Nearest.of(format, FORMATS) + ")");
      }
      shell.out().flush();
      return ExitCode.OK;
    } catch (InvalidFileException e) {
      throw Failure.configuration(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw Failure.unreadable(name.isEmpty() ? String.join(" ", files) : name, e);
    }
  }

  private static String text(String file) throws IOException {
    return Document.text(PolicySource.path(file));
  }

  private String envoy() throws IOException {
    List<EnvoyImporter.Source> sources = new ArrayList<>();
    for (String file : files) {
      Path path = PolicySource.path(file);
      Map<Path, String> texts =
          Files.isDirectory(path) ? Folder.texts(path) : Map.of(path, Document.text(path));
      texts.forEach((each, text) -> sources.add(new EnvoyImporter.Source(each.toString(), text)));
    }
    EnvoyRules rules =
        EnvoyImporter.parse(
            sources,
            mergeDomains ? EnvoyImporter.Domains.MERGED : EnvoyImporter.Domains.ONE_FILE_EACH);
    rules.warnings().forEach(warning -> shell.err().println(warning));
    if (rules.policies().isEmpty()) {
      throw Failure.configuration(
          String.join(" ", files) + ": no rate limit (expected: at least one)",
          new IllegalArgumentException("no rate limit"));
    }
    return PolicyWriter.yaml(rules.policies());
  }
}
