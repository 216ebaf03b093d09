// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs {@code weir load} on processor 1, an open loop whose latencies count from the scheduled
 * time. It is a JVM, too, and on one processor its first seconds measure its own compiler: they are
 * printed, and the seconds after them are summed up apart.
 */
final class LoadTool {

  /** Seconds that are left out. */
  static final int WARM_UP_SECONDS = 15;

  private static final Pattern SECOND =
      Pattern.compile("(?m)^ +[0-9]+ s .* p50 ([0-9.]+) +p99 ([0-9.]+) ms$");

  /**
   * Latencies in milliseconds, of each second after the warm-up.
   *
   * @param p50 the median of the seconds' medians
   * @param p99 the median of their 99th percentiles
   * @param worst the worst of these
   * @param output all that was printed
   */
  record Latencies(double p50, double p99, double worst, String output) {}

  private LoadTool() {}

  /**
   * @param rate requests due in a second
   * @param arguments what is asked
   */
  static Latencies run(Path program, int rate, int seconds, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("taskset", "-c", "1", program.toString(), "load"));
    command.addAll(List.of("--rate", Integer.toString(rate), "--concurrency", "64"));
    command.addAll(List.of("--duration", seconds + "s"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    List<Double> p50 = new ArrayList<>();
    List<Double> p99 = new ArrayList<>();
    Matcher each = SECOND.matcher(output);
    for (int i = 0; each.find(); i++) {
      if (i >= WARM_UP_SECONDS) {
        p50.add(Double.parseDouble(each.group(1)));
        p99.add(Double.parseDouble(each.group(2)));
      }
    }
    double worst = p99.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
    return new Latencies(median(p50), median(p99), worst, output);
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
  }
}
