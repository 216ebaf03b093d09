// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.policy.PolicyCatalog;
import dev.weir.server.Configuration;
import dev.weir.simulation.DescriptorSource;
import dev.weir.simulation.LogFields;
import dev.weir.simulation.ReportJson;
import dev.weir.simulation.ReportPage;
import dev.weir.simulation.ReportText;
import dev.weir.simulation.Simulation;
import dev.weir.simulation.SimulationReport;
import dev.weir.simulation.Suggestion;
import dev.weir.simulation.SuggestionWish;
import dev.weir.simulation.SyntheticTraffic;
import dev.weir.simulation.UnreadableLogException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weir simulate}: replays access logs through policies. */
@Command(
    name = "simulate",
    header = "Replay access logs through policies.",
    description = {
      "%nReads access logs and tells who would have been denied, when, and by which limit. The engine",
      "is the server's, on a clock that the log turns.%n"
    },
    footer = {
      "",
      "Examples:",
      "  weir simulate --policy weir.yaml --log access.log",
      "  weir simulate --policy weir.yaml --log access.log.1.gz --log access.log --chart page.html",
      "  weir simulate --policy weir.yaml --compare stricter.yaml --log access.log --output json",
      "  weir simulate --suggest --by user --log access.log > suggested.yaml",
      "  weir simulate --synthetic attack --seed 7 --rate 200 --policy weir.yaml",
      "",
      "Exit status: 0 replayed, 1 malformed lines with --strict, 2 wrong command line, 3 a file is",
      "wrong or unreadable, 130 interrupted (the result so far is printed)."
    })
final class SimulateCommand implements Callable<Integer> {

  /** How the result is printed. */
  enum Output {
    TABLE,
    JSON
  }

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "The policies: a policy file or a configuration of the server.")
  private @Nullable String policy;

  @Option(
      names = "--compare",
      paramLabel = "FILE",
      description = "Other policies, replayed beside them: whose fate would change?")
  private @Nullable String compare;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description = "The load state in force. Default: normal.")
  private String state = PolicyCatalog.NORMAL;

  @Mixin private LogOptions logs = new LogOptions();

  @Mixin private EntryOptions entries = new EntryOptions();

  @Mixin private SuggestOptions suggestions = new SuggestOptions();

  @Mixin private SyntheticOptions synthetic = new SyntheticOptions();

  @Option(
      names = "--bucket",
      paramLabel = "TIME",
      description = "Width of the counts over time. Default: as few as can be looked at.")
  private @Nullable String bucket;

  @Option(names = "--top", paramLabel = "N", description = "How many keys are shown. Default: 10.")
  private int top = 10;

  @Option(
      names = "--max-keys",
      paramLabel = "N",
      description = "How many denied keys are counted at a time. Default: 200000.")
  private int maxKeys = 200_000;

  @Option(names = "--strict", description = "Fail if a line is malformed or a log is cut short.")
  private boolean strict;

  @Option(names = "--output", paramLabel = "FORM", description = "table or json. Default: table.")
  private Output output = Output.TABLE;

  @Option(
      names = "--chart",
      paramLabel = "FILE",
      description = "Write a page with a chart, too, which needs nothing else.")
  private @Nullable String chart;

  private final Shell shell;
  private @Nullable Configuration configuration;

  SimulateCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    Optional<SyntheticTraffic> traffic = synthetic.traffic();
    if (traffic.isPresent() && synthetic.written()) {
      shell.err().println(synthetic.write(traffic.get()) + ": written");
      if (policy == null && !suggestions.wanted()) {
        return ExitCode.OK;
      }
    }
    Simulation simulation = simulation(traffic);
    ensureFolderOfTheChart();
    SimulationReport report = report(simulation);
    boolean flawed = report.input().malformed() > 0 || report.input().broken();
    if (strict && flawed) {
      shell.err().println("weir simulate: --strict: a line is malformed or a log is cut short");
      return ExitCode.DENIED;
    }
    return ExitCode.OK;
  }

  /** Runs it, and tells what came of it; so it does when a signal ended the run. */
  private SimulationReport report(Simulation simulation) {
    Interruption interruption = Interruption.of("weir-simulate-stop", simulation::stop);
    try {
      SimulationReport report =
          suggestions.wanted() ? suggest(simulation) : show(run(simulation::run));
      if (chart != null) {
        write(chart, ReportPage.of(report));
      }
      return report;
    } finally {
      interruption.told();
    }
  }

  private SimulationReport show(SimulationReport report) {
    print(output == Output.JSON ? ReportJson.of(report) + '\n' : ReportText.of(report));
    return report;
  }

  private SimulationReport suggest(Simulation simulation) {
    SuggestionWish wish = suggestions.wish();
    try {
      Suggestion suggestion = run(() -> simulation.suggest(wish));
      print(output == Output.JSON ? ReportJson.of(suggestion) + '\n' : suggestion.yaml());
      return suggestion.report();
    } catch (IllegalArgumentException e) {
      throw Failure.usage("--suggest: " + e.getMessage());
    }
  }

  private void print(String text) {
    shell.out().print(text);
    shell.out().flush();
  }

  /* What cannot be kept is said before a long log is read. */
  private void ensureFolderOfTheChart() {
    Path folder = chart == null ? null : PolicySource.path(chart).toAbsolutePath().getParent();
    if (chart != null && folder != null && !Files.isDirectory(folder)) {
      throw Failure.unwritable(chart, new NoSuchFileException(chart));
    }
  }

  private static void write(String file, String text) {
    try {
      Files.writeString(PolicySource.path(file), text, UTF_8);
    } catch (IOException e) {
      throw Failure.unwritable(file, e);
    }
  }

  private Simulation simulation(Optional<SyntheticTraffic> traffic) {
    if (logs.any() == traffic.isPresent()) {
      throw Failure.usage(
          logs.any()
              ? "--log: given with --synthetic, which is in its place"
              : "--log: missing (expected: an access log, or --synthetic)");
    }
    LogFields fields = new LogFields();
    logs.map(fields);
    Simulation.Builder builder =
        Simulation.builder().fields(fields).time(shell.time()).progress(this::progress);
    List<PolicyCatalog> catalogs = policies(builder);
    try {
      logs.apply(builder);
      traffic.ifPresent(builder::log);
      if (bucket != null) {
        builder.bucket(LogOptions.time("--bucket", bucket));
      }
      return builder
          .descriptors(descriptors(catalogs, fields))
          .duration(entries.duration(fields))
          .top(top)
          .mostKeys(maxKeys)
          .build();
    } catch (IllegalArgumentException e) {
      throw Failure.usage("--" + e.getMessage());
    }
  }

  /** What the gateway derives, if the policies came with routes and nobody says otherwise. */
  private DescriptorSource descriptors(List<PolicyCatalog> catalogs, LogFields fields) {
    Configuration served = configuration;
    boolean routed = served != null && !served.routes().isEmpty() && !entries.any();
    if (!routed && !entries.headers().isEmpty()) {
      throw Failure.usage("--header: given without routes (expected: a configuration with some)");
    }
    return routed && served != null
        ? new GatewayDescriptors(served, entries.headers(), fields)
        : entries.of(catalogs, fields);
  }

  /** Reads the policies. */
  private List<PolicyCatalog> policies(Simulation.Builder builder) {
    if (policy == null) {
      PolicyCatalog looked =
          suggestions
              .policies(entries.domain())
              .orElseThrow(
                  () -> Failure.usage("--policy: missing (expected: a file, or --suggest)"));
      builder.policies("any", looked.in(PolicyCatalog.NORMAL));
      return List.of(looked);
    }
    PolicySource source = new PolicySource(shell.environment());
    List<PolicyCatalog> catalogs = new ArrayList<>();
    for (String file : compare == null ? List.of(policy) : List.of(policy, compare)) {
      PolicySource.Content content = source.read(file);
      builder.policies(file, content.in(state));
      catalogs.add(content.catalog());
      if (catalogs.size() == 1 && content instanceof PolicySource.Content.Server server) {
        configuration = server.configuration();
      }
    }
    return catalogs;
  }

  private <T> T run(Supplier<T> way) {
    try {
      return way.get();
    } catch (UnreadableLogException e) {
      throw Failure.configuration(String.valueOf(e.getMessage()), e);
    } finally {
      shell.clearProgress();
    }
  }

  private void progress(Simulation.Progress told) {
    StringBuilder line = new StringBuilder();
    told.percent().ifPresent(percent -> line.append(percent).append(" %, "));
    line.append(String.format(Locale.ROOT, "%,d lines", told.lines()));
    line.append(String.format(Locale.ROOT, ", %,d/s", told.linesPerSecond()));
    shell.progress(line.toString());
  }
}
