// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** Prints the tables of the benchmarks on Redis. */
final class RedisReport {

  private static final String WEIR = "weir";
  private static final String EMPTY = "lettuce-empty-flush";
  private static final int BATCH = 32;

  private RedisReport() {}

  static String row(String name, Figures figures) {
    return String.format(
            Locale.ROOT,
            "%-20s %8.0f/s  client %7.2f  redis %7.2f µs  p50 %7.3f  p99 %7.3f  max %7.3f ms",
            name,
            figures.rate(),
            figures.clientMicros(),
            figures.redisMicros(),
            figures.p50Micros() / 1e3,
            figures.p99Micros() / 1e3,
            figures.maxMicros() / 1e3)
        + String.format(
            Locale.ROOT,
            "  admitted %6.2f %%  failed %.2f %%  %5.0f B/key  others %.0f %%",
            figures.admitted() * 100,
            figures.failed() * 100,
            figures.bytesPerKey(),
            figures.others() * 100);
  }

  /** Medians, with the rate as a multiple of bucket4j's better one, round by round. */
  static void print(String title, Map<String, List<Figures>> all) {
    System.out.printf("%n%s, medians%n", title);
    all.forEach(
        (name, runs) ->
            System.out.printf(
                Locale.ROOT,
                "%s  x bucket4j %.2f%n",
                row(name, Figures.median(runs)),
                rateRatio(all, runs)));
  }

  /** The bars of the closed loops, with what was reached. */
  static void closedBars(Workload workload, Map<String, List<Figures>> all) {
    List<Figures> runs = requireNonNull(all.get(WEIR));
    Figures weir = Figures.median(runs);
    atLeast("admitted %", weir.admitted() * 100, 99);
    atLeast("rate x the better bucket4j", rateRatio(all, runs), workload == Workload.HOT ? 1.7 : 4);
    if (workload != Workload.ZIPF) {
      atMost("client µs", weir.clientMicros(), workload == Workload.HOT ? 0.5 : 1.2);
    }
    atMost("p99 x plain Lettuce's", ratio(all, WEIR, "lettuce-charge", Figures::p99Micros), 0.4);
    if (workload == Workload.UNIFORM) {
      atMost("bytes per key", weir.bytesPerKey(), 150);
    }
  }

  static void meanRatio(Map<String, List<Figures>> all, String name, String base, double bar) {
    atMost(
        "mean latency of " + name + " x " + base, ratio(all, name, base, Figures::meanMicros), bar);
  }

  static void p50Ratio(Map<String, List<Figures>> all, String name, String base, double bar) {
    atMost("p50 of " + name + " x " + base, ratio(all, name, base, Figures::p50Micros), bar);
  }

  static void p99Ratio(Map<String, List<Figures>> all, String name, String base, double bar) {
    atMost("p99 of " + name + " x " + base, ratio(all, name, base, Figures::p99Micros), bar);
  }

  /** Redis's processor time per check of the scripts, beside an empty one's. */
  static void printScripts(Map<String, List<Figures>> all) {
    print("scripts called by hand, uniform keys; rates and times are per call", all);
    atMost("redis µs of one charge x empty", ratio(all, "script-1", EMPTY, 1), 4.2);
    atMost("redis µs of one charge of 32 x empty", ratio(all, "script-32", EMPTY, BATCH), 1.9);
    atMost(
        "redis µs of three limits on one key of 32 x empty",
        ratio(all, "script-32-of-3", EMPTY, BATCH),
        2.9);
  }

  private static double ratio(
      Map<String, List<Figures>> all, String name, String base, int checksPerCall) {
    return ratio(all, name, base, Figures::redisMicros) / checksPerCall;
  }

  static void atLeast(String what, double reached, double bar) {
    System.out.printf(
        Locale.ROOT,
        "bar: %s >= %.2f: %.2f, %s%n",
        what,
        bar,
        reached,
        reached >= bar ? "met" : "MISSED");
  }

  static void atMost(String what, double reached, double bar) {
    System.out.printf(
        Locale.ROOT,
        "bar: %s <= %.2f: %.2f, %s%n",
        what,
        bar,
        reached,
        reached <= bar ? "met" : "MISSED");
  }

  /** The median over the rounds of a figure as a multiple of another contestant's. */
  private static double ratio(
      Map<String, List<Figures>> all, String name, String base, ToDoubleFunction<Figures> figure) {
    List<Figures> runs = requireNonNull(all.get(name));
    List<Figures> others = requireNonNull(all.get(base));
    double[] ratios = new double[runs.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = figure.applyAsDouble(runs.get(i)) / figure.applyAsDouble(others.get(i));
    }
    return median(ratios);
  }

  /** The median over the rounds of the rate beside the better of bucket4j plain and batching. */
  private static double rateRatio(Map<String, List<Figures>> all, List<Figures> runs) {
    double[] ratios = new double[runs.size()];
    for (int i = 0; i < ratios.length; i++) {
      int round = i;
      double better =
          Stream.of("bucket4j", "bucket4j-batching")
              .map(all::get)
              .filter(Objects::nonNull)
              .mapToDouble(peer -> peer.get(round).rate())
              .max()
              .orElse(Double.NaN);
      ratios[i] = runs.get(i).rate() / better;
    }
    return median(ratios);
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
