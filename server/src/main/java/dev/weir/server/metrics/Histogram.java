// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.metrics;

import dev.weir.server.wire.Timings;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;

/** Counts durations by ranges. Safe for use by any thread. */
final class Histogram implements Timings, Collector {

  /* Micrometer's timer reads the clock at each recording, to forget its maximum in time. It is
   * counted in narrow ranges, each of which lies in one of the wide ones that Prometheus reads: the
   * range of a duration is looked up, so that many of them cost no more than few. */

  private static final long[] WIDE = {
    10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000,
    1_000_000
  };
  private static final long[] NARROW = narrow();
  private static final byte[] RANGE = ranges();
  private static final double MICROS = 1e6;

  private final String name;
  private final String about;
  private final LongAdder[] counts = new LongAdder[NARROW.length + 1];
  private final LongAdder sum = new LongAdder();
  // As long as nothing is longer it is only read.
  private final LongAccumulator max = new LongAccumulator(Math::max, 0);

  Histogram(String name, String about) {
    this.name = name;
    this.about = about;
    Arrays.setAll(counts, i -> new LongAdder());
  }

  /**
   * Every microsecond up to ten, then steps of a quarter at most; all the wide bounds among them.
   */
  private static long[] narrow() {
    TreeSet<Long> bounds = new TreeSet<>(LongStream.rangeClosed(1, 10).boxed().toList());
    for (long decade = 10; decade < 1_000_000; decade *= 10) {
      for (long tenths : new long[] {12, 14, 17, 20, 23, 25, 30, 35, 40, 45, 50, 60, 70, 80, 90}) {
        bounds.add(decade * tenths / 10);
      }
      bounds.add(decade * 10);
    }
    return bounds.stream().mapToLong(Long::longValue).toArray();
  }

  /** The range of each duration up to the thousandth microsecond. */
  private static byte[] ranges() {
    byte[] ranges = new byte[1_001];
    for (int micros = 0; micros < ranges.length; micros++) {
      ranges[micros] = (byte) search(micros);
    }
    return ranges;
  }

  private static int search(long micros) {
    int found = Arrays.binarySearch(NARROW, micros);
    return found < 0 ? -1 - found : found;
  }

  @Override
  public void took(long micros, int decisions) {
    long each = Math.max(0, micros) / decisions;
    int range = each < RANGE.length ? RANGE[(int) each] : search(each);
    counts[range].add(decisions);
    sum.add(Math.max(0, micros));
    max.accumulate(each);
  }

  /** What was counted so far; the longest is not told. */
  Durations read() {
    return new Durations(
        LongStream.of(NARROW).boxed().toList(),
        Arrays.stream(counts).map(LongAdder::sum).toList(),
        0);
  }

  /** The longest in microseconds since this was asked before; for one who asks. */
  long takeLongest() {
    return max.getThenReset();
  }

  @Override
  public MetricSnapshot collect() {
    double[] seconds = Arrays.stream(WIDE).mapToDouble(micros -> micros / MICROS).toArray();
    return snapshot(name, about, seconds, wide(), sum.sum() / MICROS);
  }

  private long[] wide() {
    List<Long> sums = new ArrayList<>();
    long inRange = 0;
    int range = 0;
    for (int i = 0; i < NARROW.length; i++) {
      inRange += counts[i].sum();
      if (NARROW[i] == WIDE[range]) {
        sums.add(inRange);
        inRange = 0;
        range++;
      }
    }
    sums.add(counts[NARROW.length].sum());
    return sums.stream().mapToLong(Long::longValue).toArray();
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
