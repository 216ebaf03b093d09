// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.core.PolicySet;
import dev.weir.policy.PolicyCatalog;
import dev.weir.simulation.LogFields;
import dev.weir.simulation.LogFormat;
import dev.weir.simulation.LogSource;
import dev.weir.simulation.LogSyntax;
import dev.weir.simulation.ReportText;
import dev.weir.simulation.Simulation;
import dev.weir.simulation.SimulationReport;
import dev.weir.simulation.UnreadableLogException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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
      "  zcat access.log.*.gz | weir simulate --policy weir.yaml --log - --entry ip=address",
      "",
      "Exit status: 0 replayed, 1 malformed lines with --strict, 2 wrong command line, 3 a file is",
      "wrong or unreadable, 130 interrupted (the result so far is printed)."
    })
final class SimulateCommand implements Callable<Integer> {

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "The policies: a policy file or a configuration of the server.")
  private @Nullable String policy;

  @Option(
      names = "--log",
      paramLabel = "FILE",
      description = "An access log, plain or gzip; - for standard input. May be repeated.")
  private List<String> logs = new ArrayList<>();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "combined (also common), json or csv. Default: told by the first lines.")
  private @Nullable LogFormat format;

  @Option(
      names = "--domain",
      paramLabel = "DOMAIN",
      description = "The descriptors' domain. Default: that of the policies, if they have one.")
  private @Nullable String domain;

  @Option(
      names = "--entry",
      paramLabel = "KEY=FIELD",
      description = "An entry of each descriptor. Default: by the entries' names.")
  private List<String> entries = new ArrayList<>();

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description = "The load state in force. Default: normal.")
  private String state = PolicyCatalog.NORMAL;

  private final Shell shell;

  SimulateCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    Simulation simulation = simulation();
    SimulationReport report = run(simulation);
    shell.out().print(ReportText.of(report));
    shell.out().flush();
    return ExitCode.OK;
  }

  private Simulation simulation() {
    if (policy == null) {
      throw Failure.usage("--policy: missing");
    }
    if (logs.isEmpty()) {
      throw Failure.usage("--log: missing");
    }
    PolicySource.Content content = new PolicySource(shell.environment()).read(policy);
    PolicySet policies = content.in(state);
    LogFields fields = new LogFields();
    Simulation.Builder builder =
        Simulation.builder()
            .syntax(
                new LogSyntax(
                    Optional.ofNullable(format),
                    ZoneOffset.UTC,
                    Optional.empty(),
                    List.of(),
                    Optional.empty()))
            .fields(fields)
            .policies(policy, policies)
            .descriptors(new EntryOptions(domain, entries, fields).of(List.of(content.catalog())))
            .time(shell.time())
            .progress(this::progress);
    for (String log : logs) {
      builder.log(
          log.equals("-")
              ? LogSource.stream("standard input", System.in)
              : LogSource.file(PolicySource.path(log)));
    }
    try {
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw Failure.usage(String.valueOf(e.getMessage()));
    }
  }

  private SimulationReport run(Simulation simulation) {
    CountDownLatch reported = new CountDownLatch(1);
    Thread onInterrupt = new Thread(() -> stop(simulation, reported), "weir-simulate-stop");
    Runtime.getRuntime().addShutdownHook(onInterrupt);
    try {
      SimulationReport report = simulation.run();
      clearProgress();
      return report;
    } catch (UnreadableLogException e) {
      throw Failure.configuration(String.valueOf(e.getMessage()), e);
    } finally {
      reported.countDown();
      forget(onInterrupt);
    }
  }

  private static void stop(Simulation simulation, CountDownLatch reported) {
    simulation.stop();
    try {
      reported.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The program is ending already, and the hook is what ends it: nothing is left to remove.
      Thread.onSpinWait();
    }
  }

  private void progress(Simulation.Progress told) {
    StringBuilder line = new StringBuilder();
    told.percent().ifPresent(percent -> line.append(percent).append(" %, "));
    line.append(String.format(Locale.ROOT, "%,d lines", told.lines()));
    told.linesPerSecond()
        .ifPresent(rate -> line.append(String.format(Locale.ROOT, ", %,d/s", rate)));
    if (shell.live()) {
      shell.err().print("\r\033[K" + line);
      shell.err().flush();
    } else {
      shell.err().println(line);
    }
  }

  private void clearProgress() {
    if (shell.live()) {
      shell.err().print("\r\033[K");
      shell.err().flush();
    }
  }
}
