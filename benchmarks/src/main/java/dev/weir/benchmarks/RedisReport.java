// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Prints the tables of the benchmarks on Redis. */
final class RedisReport {

  private RedisReport() {}

  static String row(String name, Figures figures) {
    return "%-22s %9.0f/s  client %7.2f µs  redis %7.2f µs  p50 %8.3f  p99 %8.3f  max %8.3f ms"
            .formatted(
                name,
                figures.rate(),
                figures.clientMicros(),
                figures.redisMicros(),
                figures.p50Micros() / 1e3,
                figures.p99Micros() / 1e3,
                figures.maxMicros() / 1e3)
        + "  admitted %6.2f %%  failed %.2f %%  %5.0f B/key"
            .formatted(figures.admitted() * 100, figures.failed() * 100, figures.bytesPerKey())
        + "  others %.0f %%".formatted(figures.others() * 100);
  }

  /** Medians, with the rate as a multiple of bucket4j's better one, round by round. */
  static void print(Map<String, List<Figures>> all) {
    all.forEach(
        (name, runs) ->
            System.out.printf(
                Locale.ROOT,
                "%s  x bucket4j %.2f%n",
                row(name, Figures.median(runs)),
                ratio(all, runs)));
  }

  /** The median over the rounds of the rate beside the better of bucket4j plain and batching. */
  static double ratio(Map<String, List<Figures>> all, List<Figures> runs) {
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
    Arrays.sort(ratios);
    return ratios[ratios.length / 2];
  }
}
