// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * Measures a running closed loop in slices of time and keeps those in which other processes took
 * little of the two processors. Slices are chosen by that alone, not by what was measured.
 */
final class QuietSlices {

  private static final long SLICE_MILLIS = 500;
  private static final double QUIET = 0.08;

  private record Slice(ProcessorUse use, ClosedLoop.Totals totals, Histogram latencies) {}

  private final List<Slice> slices = new ArrayList<>();
  private final ClosedLoop loop;
  private final long redisPid;

  QuietSlices(ClosedLoop loop, long redisPid) {
    this.loop = loop;
    this.redisPid = redisPid;
  }

  /** Until there are so many quiet seconds, for so long at most. */
  void measure(int seconds, int atMostSeconds) throws IOException, InterruptedException {
    int wanted = (int) (seconds * 1_000L / SLICE_MILLIS);
    int most = (int) (atMostSeconds * 1_000L / SLICE_MILLIS);
    loop.latencies();
    ProcessorUse use = ProcessorUse.now(redisPid);
    ClosedLoop.Totals totals = loop.totals();
    for (int quiet = 0, all = 0; quiet < wanted && all < most; all++) {
      Thread.sleep(SLICE_MILLIS);
      ProcessorUse useNow = ProcessorUse.now(redisPid);
      ClosedLoop.Totals totalsNow = loop.totals();
      Slice slice = new Slice(useNow.minus(use), totalsNow.minus(totals), loop.latencies());
      slices.add(slice);
      quiet += slice.use.others() <= QUIET ? 1 : 0;
      use = useNow;
      totals = totalsNow;
    }
    slices.sort(Comparator.comparingDouble(slice -> slice.use.others()));
    slices.subList(Math.min(wanted, slices.size()), slices.size()).clear();
  }

  Figures figures(double bytesPerKey) {
    ProcessorUse use = slices.getFirst().use;
    ClosedLoop.Totals totals = slices.getFirst().totals;
    Histogram latencies = slices.getFirst().latencies;
    for (Slice slice : slices.subList(1, slices.size())) {
      use = use.plus(slice.use);
      totals = totals.plus(slice.totals);
      latencies.add(slice.latencies);
    }
    return new Figures(
        totals.all() * 1e9 / use.nanos(),
        use.clientNanos() / 1e3 / totals.all(),
        use.redisNanos() / 1e3 / totals.all(),
        latencies.getValueAtPercentile(50) / 1e3,
        latencies.getValueAtPercentile(99) / 1e3,
        latencies.getMaxValue() / 1e3,
        latencies.getMean() / 1e3,
        (double) totals.admitted() / totals.all(),
        (double) totals.failed() / totals.all(),
        bytesPerKey,
        use.others());
  }
}
