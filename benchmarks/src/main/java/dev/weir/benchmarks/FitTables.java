// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The tables of {@code docs/scaling.md} that tell what was measured, in Markdown. */
final class FitTables {

  private FitTables() {}

  /** How the measurements were come by. */
  static String conditions(ScaleTable table) {
    double[] others = table.runs().stream().mapToDouble(run -> run.figure("others")).toArray();
    int rounds = table.runs().stream().mapToInt(ScaleRun::round).max().orElse(0);
    return String.format(
        Locale.ROOT,
        "| setups | rounds counted | share of the machine that others had: median | worst |%n"
            + "|---|---|---|---|%n| %d | up to %d | %.0f %% | %.0f %% |%n",
        table.runs().size(),
        rounds,
        RedisReport.median(others) * 100,
        Arrays.stream(others).max().orElse(0) * 100);
  }

  /** Every setup: measured, and what the model says. */
  static String all(ScaleFit fit) {
    StringBuilder table =
        new StringBuilder(
            "| mode | instances × loops | shards | asked by | instance µs: measured | model | error |"
                + " Redis µs: measured | model | error | rounds: measured | model |\n"
                + "|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (ScaleFit.Comparison each : fit.comparisons()) {
      table.append(
          String.format(
              Locale.ROOT,
              "| %s%s | %d × %d | %s | %s | %.2f | %.2f | %+.0f %% | %s | %.3f | %.3f |%n",
              each.setup().mode(),
              each.heldOut() ? " **held out**" : "",
              each.setup().instances(),
              each.setup().loops(),
              each.setup().shards() == 0 ? "" : Integer.toString(each.setup().shards()),
              asked(each.setup()),
              each.instanceMicros(),
              each.modelInstanceMicros(),
              each.instanceError() * 100,
              redis(each),
              each.rounds(),
              each.modelRounds()));
    }
    return table.toString();
  }

  private static String redis(ScaleFit.Comparison each) {
    return each.setup().shards() == 0
        ? "| |"
        : String.format(
            Locale.ROOT,
            "%.2f | %.2f | %+.0f %%",
            each.redisMicros(),
            each.modelRedisMicros(),
            each.redisError() * 100);
  }

  private static String asked(ScaleSetup setup) {
    return setup.inFlight()
        + " "
        + setup.frontEnd()
        + (setup.batch() == 1 ? "" : " × " + setup.batch())
        + (setup.limits() == 1 ? "" : ", " + setup.limits() + " limits")
        + (setup.mode().equals(ScaleSetup.LEASED) && setup.hotShare() < 1
            ? String.format(Locale.ROOT, ", %.0f %% hot", setup.hotShare() * 100)
            : "");
  }

  /** How far the model is off, of what it was fitted to and of what it never saw. */
  static String errors(ScaleFit fit) {
    List<ScaleFit.Comparison> fitted = new ArrayList<>(fit.comparisons());
    List<ScaleFit.Comparison> heldOut = new ArrayList<>(fitted);
    fitted.removeIf(ScaleFit.Comparison::heldOut);
    heldOut.removeIf(each -> !each.heldOut());
    return "| | setups | instance µs: mean error | worst | Redis µs: mean error | worst |\n"
        + "|---|---|---|---|---|---|\n"
        + errors("fitted", fitted)
        + errors("held out", heldOut);
  }

  private static String errors(String name, List<ScaleFit.Comparison> all) {
    List<ScaleFit.Comparison> onRedis =
        all.stream().filter(each -> each.setup().shards() > 0).toList();
    return String.format(
        Locale.ROOT,
        "| %s | %d | %.0f %% | %.0f %% | %.0f %% | %.0f %% |%n",
        name,
        all.size(),
        mean(all, ScaleFit.Comparison::instanceError),
        worst(all, ScaleFit.Comparison::instanceError),
        mean(onRedis, ScaleFit.Comparison::redisError),
        worst(onRedis, ScaleFit.Comparison::redisError));
  }

  private static double mean(
      List<ScaleFit.Comparison> all, ToDoubleFunction<ScaleFit.Comparison> error) {
    return all.stream().mapToDouble(each -> Math.abs(error.applyAsDouble(each))).average().orElse(0)
        * 100;
  }

  private static double worst(
      List<ScaleFit.Comparison> all, ToDoubleFunction<ScaleFit.Comparison> error) {
    return all.stream().mapToDouble(each -> Math.abs(error.applyAsDouble(each))).max().orElse(0)
        * 100;
  }

  /** What was admitted beside what the limit allows, all rounds of a setup in one row. */
  static String exactness(ScaleTable table) {
    Map<String, List<ScaleExactness>> bySetup = new LinkedHashMap<>();
    for (ScaleExactness each : table.exactness()) {
      ScaleSetup setup = each.setup();
      String name =
          String.format(
              Locale.ROOT,
              "| %s %s | %d × %d | %d |",
              setup.system(),
              setup.mode(),
              setup.instances(),
              setup.loops(),
              setup.shards());
      bySetup.computeIfAbsent(name, absent -> new ArrayList<>()).add(each);
    }
    StringBuilder text =
        new StringBuilder(
            "| | instances × loops | shards | admitted | bound | worst excess in any stretch | bound |\n"
                + "|---|---|---|---|---|---|---|\n");
    bySetup.forEach(
        (name, rounds) ->
            text.append(name)
                .append(
                    String.format(
                        Locale.ROOT,
                        " %s | %s | %s |%n",
                        range(rounds, ScaleExactness::admitted),
                        range(rounds, ScaleExactness::bound),
                        rounds.getFirst().excessBound() == 0
                            ? "|"
                            : range(rounds, ScaleExactness::excess)
                                + " | "
                                + range(rounds, ScaleExactness::excessBound))));
    return text.toString();
  }

  private static String range(
      List<ScaleExactness> rounds, ToDoubleFunction<ScaleExactness> figure) {
    double least = rounds.stream().mapToDouble(figure).min().orElse(0);
    double most = rounds.stream().mapToDouble(figure).max().orElse(0);
    return least == most
        ? String.format(Locale.ROOT, "%.0f", least)
        : String.format(Locale.ROOT, "%.0f to %.0f", least, most);
  }

  /** Answers at a steady rate. */
  static String latency(ScaleTable table) {
    StringBuilder text =
        new StringBuilder(
            "| | instances × loops | shards | mean ms | p50 | p99 | instance µs | Redis µs |\n"
                + "|---|---|---|---|---|---|---|---|\n");
    for (ScaleRun run : table.runs()) {
      if (run.setup().rate() > 0) {
        text.append(
            String.format(
                Locale.ROOT,
                "| %s %s, %s | %d × %d | %d | %.2f | %.2f | %.2f | %.1f | %.1f |%n",
                run.setup().system(),
                run.setup().mode(),
                run.setup().frontEnd(),
                run.setup().instances(),
                run.setup().loops(),
                run.setup().shards(),
                run.figure("mean-millis"),
                run.figure("p50-millis"),
                run.figure("p99-millis"),
                run.figure("instance-micros"),
                run.figure("redis-micros")));
      }
    }
    return text.toString();
  }

  /** The closed loops of peers beside the same of Weir. */
  static String peers(ScaleTable table) {
    StringBuilder text =
        new StringBuilder(
            "| | instances | decisions/s | instance µs | Redis µs | bytes to and from Redis |\n"
                + "|---|---|---|---|---|---|\n");
    for (ScaleRun run : table.runs()) {
      ScaleSetup setup = run.setup();
      boolean comparable =
          setup.rate() == 0
              && setup.plain()
              && setup.loops() == 1
              && setup.shards() <= 1
              && setup.instances() <= 2
              && setup.frontEnd().equals("grpc")
              && !setup.mode().equals(ScaleSetup.LEASED);
      if (comparable) {
        text.append(
            String.format(
                Locale.ROOT,
                "| %s, %s | %d | %.0f | %.2f | %.2f | %s |%n",
                setup.system(),
                setup.mode(),
                setup.instances(),
                run.figure("decisions-per-second"),
                run.figure("instance-micros"),
                run.figure("redis-micros"),
                setup.shards() == 0
                    ? ""
                    : String.format(Locale.ROOT, "%.0f", run.figure("redis-bytes"))));
      }
    }
    return text.toString();
  }
}
