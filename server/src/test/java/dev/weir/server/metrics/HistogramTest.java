// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is told of durations, against the durations themselves. */
class HistogramTest {

  private static Histogram histogram() {
    return new Histogram("h", "about");
  }

  @Test
  void wideRanges_ofRandomDurations_countWhatIsInThem() {
    Random random = new Random(7);
    Histogram histogram = histogram();
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      long micros = (long) Math.exp(random.nextDouble() * 15);
      all.add(micros);
      histogram.took(micros, 1);
    }
    HistogramSnapshot.HistogramDataPointSnapshot told =
        ((HistogramSnapshot) histogram.collect()).getDataPoints().getFirst();
    double before = -1;
    for (int i = 0; i < told.getClassicBuckets().size(); i++) {
      double low = before;
      double high = told.getClassicBuckets().getUpperBound(i) * 1e6;
      assertThat(told.getClassicBuckets().getCount(i))
          .as("up to %s", high)
          .isEqualTo(all.stream().filter(micros -> micros > low && micros <= high + 0.5).count());
      before = high + 0.5;
    }
    assertThat(told.getSum()).isEqualTo(all.stream().mapToLong(Long::longValue).sum() / 1e6);
  }

  @Test
  void quantiles_ofAnInterval_areAQuarterTooHighAtMost() {
    Random random = new Random(11);
    Histogram histogram = histogram();
    histogram.took(900_000, 1);
    assertThat(histogram.takeLongest()).isEqualTo(900_000);
    Durations before = histogram.read();
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      long micros = 1 + (long) Math.exp(random.nextDouble() * 11);
      all.add(micros);
      histogram.took(micros, 1);
    }
    Collections.sort(all);
    Durations since = histogram.read().since(before);
    long longest = histogram.takeLongest();
    assertThat(longest).isEqualTo(all.getLast());
    assertThat(since.count()).isEqualTo(10_000);
    Durations known = new Durations(since.bounds(), since.counts(), longest);
    for (double quantile : new double[] {0.01, 0.5, 0.9, 0.99, 0.999, 1}) {
      long exact = all.get((int) Math.ceil(quantile * all.size()) - 1);
      assertThat(known.atMost(quantile))
          .as("%s", quantile)
          .isBetween(exact, Math.max(exact + 1, exact + exact / 4));
    }
    assertThat(histogram.takeLongest()).isZero();
  }

  @Test
  void quantiles_ofNothing_areRefused_andOfTheLastRange_areTheLongest() {
    Durations none = new Durations(List.of(10L), List.of(0L, 0L), 0);
    assertThatThrownBy(() -> none.atMost(0.5)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> new Durations(List.of(10L), List.of(0L), 0))
        .hasMessage("counts: 1 (expected: 2)");
    Durations long2 = new Durations(List.of(10L), List.of(0L, 2L), 77);
    assertThat(long2.atMost(0.5)).isEqualTo(77);
    assertThat(new Durations(List.of(10L, 20L), List.of(0L, 4L, 0L), 0).about(0.5)).isEqualTo(15);
  }

  @Test
  void decisions_ofOneBatch_shareItsTime() {
    Histogram histogram = histogram();
    histogram.took(1_000, 10);
    Durations read = histogram.read();
    assertThat(read.count()).isEqualTo(10);
    assertThat(read.atMost(1)).isEqualTo(100);
  }
}
