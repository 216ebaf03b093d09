// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.policy.DurationWords;
import dev.weir.sizing.Coefficients;
import dev.weir.sizing.Demand;
import dev.weir.sizing.FrontEnd;
import dev.weir.sizing.Hot;
import dev.weir.sizing.Mode;
import dev.weir.sizing.Size;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code weir size}: tells how many instances and shards of Redis a load takes. */
@Command(
    name = "size",
    header = "Tell how many instances and shards of Redis a load takes.",
    description = {
      "%nReckons by a model that was fitted to measurements: instances and their processors, shards of",
      "Redis with their processors and memory, network, latency, and what limits. docs/scaling.md",
      "tells how the model is made, how far it is off, and what was never measured.%n"
    },
    footer = {
      "",
      "Examples:",
      "  weir size --rate 100000 --keys 1000000",
      "  weir size --rate 2000000 --keys 10000000 --mode leased --zipf 1 --cores-per-node 8",
      "  weir size --rate 500000 --keys 1e6 --checks-per-request 100 --output json",
      "",
      "Exit status: 0 done, 2 wrong command line."
    })
final class SizeCommand implements Callable<Integer> {

  /** How the answer is printed. */
  enum Output {
    TEXT,
    JSON;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Option(
      names = "--rate",
      paramLabel = "N",
      required = true,
      description = "Decisions a second, of all instances together.")
  private double rate;

  @Option(
      names = "--keys",
      paramLabel = "N",
      required = true,
      description = "How many keys are counted.")
  private double keys;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      description = "${COMPLETION-CANDIDATES}. Default: exact.")
  private Mode mode = Mode.EXACT;

  @Option(
      names = "--front-end",
      paramLabel = "NAME",
      description = "How instances are asked: ${COMPLETION-CANDIDATES}. Default: http.")
  private FrontEnd frontEnd = FrontEnd.HTTP;

  @Option(
      names = "--checks-per-request",
      paramLabel = "N",
      description = "Checks in an HTTP request (POST /v1/checks). Default: 1.")
  private int batch = 1;

  @Option(
      names = "--limits-per-check",
      paramLabel = "N",
      description = "Limits that a check is charged to, all on one key. Default: 1.")
  private int limits = 1;

  @Option(
      names = "--cores-per-node",
      paramLabel = "N",
      description = "Processors of an instance, each with an event loop. Default: 4.")
  private int cores = 4;

  @Option(
      names = "--headroom",
      paramLabel = "PERCENT",
      description = "How much of every processor stays free. Default: 40.")
  private double headroom = 40;

  @Option(
      names = "--round-trip",
      paramLabel = "MICROS",
      description = "Of the network between instance and Redis. Default: 200.")
  private double roundTrip = 200;

  @Option(
      names = "--shards",
      paramLabel = "N",
      description = "At least so many, such as those that are there. Default: as few as will do.")
  private int shards;

  @Option(
      names = "--zipf",
      paramLabel = "EXPONENT",
      description =
          "Some keys are asked for more often than others, such as 0.99; else all evenly.")
  private @Nullable Double zipf;

  @Option(
      names = "--hot-share",
      paramLabel = "SHARE",
      description = "The share of the checks that go to --hot-keys, such as 0.9.")
  private @Nullable Double hotShare;

  @Option(names = "--hot-keys", paramLabel = "N", description = "How many keys have --hot-share.")
  private @Nullable Long hotKeys;

  @Option(
      names = "--lease-lifetime",
      paramLabel = "TIME",
      description = "How long leased permits may be spent. Default: 100ms.")
  private String lease = "100ms";

  @Option(
      names = "--output",
      paramLabel = "FORMAT",
      description = "${COMPLETION-CANDIDATES}. Default: text.")
  private Output output = Output.TEXT;

  private final Shell shell;

  SizeCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    Size size = size();
    shell.out().println(output == Output.JSON ? SizeReport.json(size) : SizeReport.text(size));
    return ExitCode.OK;
  }

  private Size size() {
    if (!(headroom >= 0 && headroom <= 90)) {
      throw Failure.usage("--headroom: " + headroom + " (expected: 0..90)");
    }
    if (!(keys >= 1 && keys <= 1e12)) {
      throw Failure.usage("--keys: " + keys + " (expected: 1..1000000000000)");
    }
    if (shards < 0 || shards > 1_000 || shards > 0 && mode == Mode.MEMORY) {
      String expected = mode == Mode.MEMORY ? "none in memory" : "0..1000";
      throw Failure.usage("--shards: " + shards + " (expected: " + expected + ")");
    }
    try {
      Demand demand =
          new Demand(
              mode,
              rate,
              (long) keys,
              frontEnd,
              batch,
              limits,
              cores,
              headroom / 100,
              roundTrip,
              hot(),
              lifetime());
      return Size.of(demand, Coefficients.shipped(), shards);
    } catch (IllegalArgumentException e) {
      throw Failure.usage(option(String.valueOf(e.getMessage())));
    }
  }

  /* The model names a value as its option is named. */
  private static String option(String message) {
    int colon = message.indexOf(':');
    return "--" + message.substring(0, colon).replace(' ', '-') + message.substring(colon);
  }

  private Hot hot() {
    if ((hotShare == null) != (hotKeys == null)) {
      throw Failure.usage(
          hotShare == null
              ? "--hot-keys: given without --hot-share"
              : "--hot-share: given without --hot-keys");
    }
    if (hotShare != null && hotKeys != null) {
      if (zipf != null) {
        throw Failure.usage("--zipf: given with --hot-share, which says the same in another way");
      }
      return new Hot(0, OptionalDouble.of(hotShare), OptionalLong.of(hotKeys));
    }
    return zipf == null ? Hot.EVENLY : Hot.zipf(zipf);
  }

  private Duration lifetime() {
    try {
      return DurationWords.parse(lease);
    } catch (IllegalArgumentException e) {
      throw Failure.usage("--lease-lifetime: " + lease + " (expected: 1ms..60s)");
    }
  }
}
