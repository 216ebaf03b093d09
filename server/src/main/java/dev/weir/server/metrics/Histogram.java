// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.metrics;

import dev.weir.server.wire.Timings;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/** Counts durations by ranges. Safe for use by any thread. */
final class Histogram implements Timings, Collector {

  /* Micrometer's timer reads the clock at each recording, to forget its maximum in time. */

  private static final long[] BOUNDS = {
    10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000,
    1_000_000
  };
  private static final double MICROS = 1e6;

  private final String name;
  private final String about;
  private final LongAdder[] counts = new LongAdder[BOUNDS.length + 1];
  private final LongAdder sum = new LongAdder();

  Histogram(String name, String about) {
    this.name = name;
    this.about = about;
    Arrays.setAll(counts, i -> new LongAdder());
  }

  @Override
  public void took(long micros, int decisions) {
    long each = Math.max(0, micros) / decisions;
    int range = 0;
    while (range < BOUNDS.length && each > BOUNDS[range]) {
      range++;
    }
    counts[range].add(decisions);
    sum.add(Math.max(0, micros));
  }

  @Override
  public MetricSnapshot collect() {
    double[] seconds = Arrays.stream(BOUNDS).mapToDouble(micros -> micros / MICROS).toArray();
    long[] counted = Arrays.stream(counts).mapToLong(LongAdder::sum).toArray();
    return snapshot(name, about, seconds, counted, sum.sum() / MICROS);
  }

  /**
   * A histogram as Prometheus reads it.
   *
   * @param bounds the greatest value of each range but the last
   * @param counts of each range; one more than the bounds
   */
  static MetricSnapshot snapshot(
      String name, String about, double[] bounds, long[] counts, double sum) {
    double[] uppers = Arrays.copyOf(bounds, bounds.length + 1);
    uppers[bounds.length] = Double.POSITIVE_INFINITY;
    return HistogramSnapshot.builder()
        .name(name)
        .help(about)
        .dataPoint(
            HistogramSnapshot.HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(ClassicHistogramBuckets.of(uppers, counts))
                .sum(sum)
                .build())
        .build();
  }
}
