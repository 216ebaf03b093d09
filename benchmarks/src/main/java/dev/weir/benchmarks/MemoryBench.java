// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the in-memory benchmarks in rounds, each contender in a fresh JVM per round, and prints
 * medians and the ratios of each round.
 */
final class MemoryBench {

  private record Contest(String benchmark, String weir, List<String> peers, double bar) {}

  private static final List<Contest> CONTESTS =
      List.of(
          new Contest("Handle", "weir", List.of("bucket4j", "resilience4j", "guava"), 1.5),
          new Contest("Keyed", "textWeir", List.of("textBucket4j"), 2.3),
          new Contest("Keyed", "wireWeir", List.of("wireBucket4j"), 5));

  private static final List<String> JVM = jvm();

  private final int rounds;

  MemoryBench(int rounds) {
    this.rounds = rounds;
  }

  void run() throws RunnerException {
    MemoryPerKey.run();
    for (int threads = 1; threads <= 2; threads++) {
      for (Contest contest : CONTESTS) {
        run(contest, threads);
      }
    }
  }

  private void run(Contest contest, int threads) throws RunnerException {
    Map<String, List<Double>> nanos = new TreeMap<>();
    Map<String, Double> bytes = new TreeMap<>();
    List<String> names = new ArrayList<>();
    names.add(contest.weir);
    names.addAll(contest.peers);
    for (int round = 0; round < rounds; round++) {
      for (String name : names) {
        RunResult result = measure(contest.benchmark + "Benchmark." + name, threads);
        nanos
            .computeIfAbsent(name, n -> new ArrayList<>())
            .add(result.getPrimaryResult().getScore());
        bytes.put(name, allocated(result));
      }
    }
    print(contest, threads, nanos, bytes);
  }

  private static void print(
      Contest contest, int threads, Map<String, List<Double>> nanos, Map<String, Double> bytes) {
    double bar = contest.benchmark.equals("Handle") && threads == 2 ? 1.8 : contest.bar;
    System.out.printf(
        Locale.ROOT, "%n%s, %d thread%s%n", contest.weir, threads, threads == 1 ? "" : "s");
    nanos.forEach(
        (name, values) ->
            System.out.printf(
                Locale.ROOT,
                "  %-14s %8.1f ns  %5.0f B  %s%n",
                name,
                median(values),
                bytes.get(name),
                values.stream().map(v -> "%.0f".formatted(v)).toList()));
    for (String peer : contest.peers) {
      List<Double> theirs = requireNonNull(nanos.get(peer));
      List<Double> ours = requireNonNull(nanos.get(contest.weir));
      List<Double> ratios = new ArrayList<>();
      for (int i = 0; i < theirs.size(); i++) {
        ratios.add(theirs.get(i) / ours.get(i));
      }
      System.out.printf(
          Locale.ROOT, "  %.2f x %s (bar against bucket4j: %.1f)%n", median(ratios), peer, bar);
    }
  }

  private static List<String> jvm() {
    List<String> arguments = new ArrayList<>(List.of("-XX:+UseParallelGC", "-Xms2g", "-Xmx2g"));
    if (Runtime.version().feature() >= 24) {
      // JMH's own use of Unsafe, without a warning in every fork.
      arguments.add("--sun-misc-unsafe-memory-access=allow");
    }
    return arguments;
  }

  private static RunResult measure(String benchmark, int threads) throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("\\." + benchmark.replace(".", "\\.") + "$")
            .threads(threads)
            .forks(1)
            .warmupIterations(4)
            .warmupTime(TimeValue.milliseconds(500))
            .measurementIterations(5)
            .measurementTime(TimeValue.milliseconds(500))
            .addProfiler(GCProfiler.class)
            .jvmArgsAppend(JVM.toArray(String[]::new))
            .verbosity(VerboseMode.SILENT);
    Collection<RunResult> results = new Runner(options.build()).run();
    return results.iterator().next();
  }

  private static double allocated(RunResult result) {
    Result<?> norm = result.getSecondaryResults().get("gc.alloc.rate.norm");
    return norm == null ? Double.NaN : norm.getScore();
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
