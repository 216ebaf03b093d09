// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * One run of {@link ScaleBench}, a line of its output.
 *
 * @param setup what was measured
 * @param round which of the interleaved rounds
 * @param figures what was measured, in the order of {@link #NAMES}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never written
record ScaleRun(ScaleSetup setup, int round, double[] figures) {

  private static final List<String> SETUP =
      List.of(
          "system",
          "mode",
          "front-end",
          "batch",
          "instances",
          "shards",
          "loops",
          "limits",
          "hot-share",
          "in-flight",
          "due-per-second",
          "round");

  /** The columns after those of the setup. */
  static final List<String> NAMES =
      List.of(
          "decisions-per-second",
          "instance-micros",
          "redis-micros",
          "load-micros",
          "others",
          "mean-millis",
          "p50-millis",
          "p99-millis",
          "failed",
          "store-checks",
          "calls",
          "commands",
          "reads",
          "sleeps",
          "round-trip-micros",
          "redis-bytes",
          "loopback-bytes");

  /** The head of the table. */
  static String head() {
    return String.join(",", SETUP) + "," + String.join(",", NAMES);
  }

  double figure(String name) {
    return figures[NAMES.indexOf(name)];
  }

  String line() {
    List<Object> cells =
        new ArrayList<>(
            List.of(
                setup.system(),
                setup.mode(),
                setup.frontEnd(),
                setup.batch(),
                setup.instances(),
                setup.shards(),
                setup.loops(),
                setup.limits(),
                setup.hotShare(),
                setup.inFlight(),
                setup.rate(),
                round));
    return cells.stream().map(Object::toString).collect(Collectors.joining(","))
        + ","
        + Arrays.stream(figures)
            .mapToObj(value -> String.format(Locale.ROOT, "%.6g", value))
            .collect(Collectors.joining(","));
  }

  /** Reads a line of a table. */
  static ScaleRun parse(String line) {
    String[] cells = line.split(",", -1);
    if (cells.length != SETUP.size() + NAMES.size()) {
      throw new IllegalArgumentException(
          line + " (expected: " + (SETUP.size() + NAMES.size()) + " columns)");
    }
    ScaleSetup setup =
        new ScaleSetup(
            cells[0],
            cells[1],
            cells[2],
            Integer.parseInt(cells[3]),
            Integer.parseInt(cells[4]),
            Integer.parseInt(cells[5]),
            Integer.parseInt(cells[6]),
            Integer.parseInt(cells[7]),
            Double.parseDouble(cells[8]),
            Integer.parseInt(cells[9]),
            Integer.parseInt(cells[10]));
    double[] figures =
        Arrays.stream(cells).skip(SETUP.size()).mapToDouble(Double::parseDouble).toArray();
    return new ScaleRun(setup, Integer.parseInt(cells[11]), figures);
  }

  /** A line for whoever waits. */
  String text() {
    return String.format(
        Locale.ROOT,
        "round %d  %-62s %9.0f/s  instances %6.2f  redis %6.2f µs  p99 %7.2f ms  per call %6.1f%s",
        round,
        setup.name() + (setup.rate() == 0 ? "" : ", " + setup.rate() + "/s"),
        figure("decisions-per-second"),
        figure("instance-micros"),
        figure("redis-micros"),
        figure("p99-millis"),
        figure("calls") == 0 ? 0 : figure("store-checks") / figure("calls"),
        figure("failed") == 0 ? "" : ", failed " + figure("failed"));
  }
}
