// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a run came to.
 *
 * @param rate decisions a second
 * @param clientMicros the client's processor time per decision
 * @param redisMicros Redis's processor time per decision
 * @param p50Micros half of the answers took no longer
 * @param p99Micros nor did 99 of 100
 * @param maxMicros the longest
 * @param meanMicros the average answer
 * @param admitted share of checks that were admitted
 * @param failed share of checks that were not answered, or without Redis
 * @param bytesPerKey memory that Redis took for each key of one check
 * @param others share of the two processors that went to processes outside the benchmark
 */
record Figures(
    double rate,
    double clientMicros,
    double redisMicros,
    double p50Micros,
    double p99Micros,
    double maxMicros,
    double meanMicros,
    double admitted,
    double failed,
    double bytesPerKey,
    double others) {

  private static final String MARK = "figures ";

  private static Figures of(double[] v) {
    return new Figures(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10]);
  }

  private double[] values() {
    return new double[] {
      rate,
      clientMicros,
      redisMicros,
      p50Micros,
      p99Micros,
      maxMicros,
      meanMicros,
      admitted,
      failed,
      bytesPerKey,
      others
    };
  }

  /** For {@link #parse}. */
  String line() {
    return MARK
        + Arrays.stream(values()).mapToObj(Double::toString).collect(Collectors.joining(" "));
  }

  /** Finds the line among everything that a process said. */
  static Figures parse(String output) {
    return output
        .lines()
        .filter(line -> line.startsWith(MARK))
        .map(line -> line.substring(MARK.length()).split(" "))
        .map(parts -> of(Arrays.stream(parts).mapToDouble(Double::parseDouble).toArray()))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no figures in:\n" + output));
  }

  /** The median of each figure. */
  static Figures median(List<Figures> runs) {
    double[] medians = new double[runs.getFirst().values().length];
    for (int i = 0; i < medians.length; i++) {
      int field = i;
      double[] sorted = runs.stream().mapToDouble(run -> run.values()[field]).sorted().toArray();
      medians[i] = sorted[sorted.length / 2];
    }
    return of(medians);
  }
}
