// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@link ScaleBench} printed.
 *
 * @param runs the medians of each setup's rounds
 * @param exactness every question of it
 * @param memory shards, limits and bytes of a key
 * @param busyRounds processor time of a Redis that gets every check by itself, and how busy it was
 * @param idle shards, loops, instances and the processor time a second of an instance and of a
 *     shard when nobody asks
 */
record ScaleTable(
    List<ScaleRun> runs,
    List<ScaleExactness> exactness,
    List<double[]> memory,
    List<double[]> busyRounds,
    List<double[]> idle) {

  /* Beyond this share of the machine, other processes are part of what was measured. */
  private static final double QUIET = 0.25;

  static ScaleTable read(Path file) throws IOException {
    return read(file.toString(), Files.readAllLines(file));
  }

  static ScaleTable read(String file, List<String> lines) {
    Map<ScaleSetup, List<ScaleRun>> runs = new LinkedHashMap<>();
    ScaleTable table =
        new ScaleTable(
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      int comma = line.indexOf(',');
      String rest = line.substring(comma + 1);
      try {
        switch (line.startsWith("#") || line.isBlank() ? "" : line.substring(0, comma)) {
          case "run" -> {
            ScaleRun run = ScaleRun.parse(rest);
            runs.computeIfAbsent(run.setup(), absent -> new ArrayList<>()).add(run);
          }
          case "exactness" -> table.exactness.add(ScaleExactness.parse(rest));
          case "memory" -> table.memory.add(numbers(rest));
          case "round" -> table.busyRounds.add(numbers(rest));
          case "idle" -> table.idle.add(numbers(rest));
          case "" -> {}
          default ->
              throw new IllegalArgumentException("(expected: run, exactness, memory, round, idle)");
        }
      } catch (RuntimeException e) {
        throw new IllegalArgumentException(file + ":" + (i + 1) + ": " + e.getMessage(), e);
      }
    }
    runs.forEach((setup, rounds) -> table.runs.add(median(setup, rounds)));
    return table;
  }

  private static double[] numbers(String line) {
    return Arrays.stream(line.split(",", -1)).mapToDouble(Double::parseDouble).toArray();
  }

  /** Of the rounds in which others did little; of all where there was none. */
  private static ScaleRun median(ScaleSetup setup, List<ScaleRun> rounds) {
    List<ScaleRun> quiet = rounds.stream().filter(run -> run.figure("others") <= QUIET).toList();
    List<ScaleRun> chosen = quiet.isEmpty() ? rounds : quiet;
    double[] medians = new double[ScaleRun.NAMES.size()];
    for (int i = 0; i < medians.length; i++) {
      int column = i;
      double[] sorted =
          chosen.stream().mapToDouble(run -> run.figures()[column]).sorted().toArray();
      // Of two, the average: neither the better nor the worse.
      medians[i] = (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
    return new ScaleRun(setup, chosen.size(), medians);
  }
}
