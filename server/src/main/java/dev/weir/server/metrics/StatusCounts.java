// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.metrics;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;

/** Counts the answers of one listener by the class of their status. Safe for use by any thread. */
final class StatusCounts implements IntConsumer {

  static final int CLASSES = 6;

  private final LongAdder[] counts = new LongAdder[CLASSES];

  StatusCounts() {
    Arrays.setAll(counts, i -> new LongAdder());
  }

  @Override
  public void accept(int status) {
    counts[Math.clamp(status / 100, 0, CLASSES - 1)].increment();
  }

  /** Adds what was counted of each class of status; its index is the first digit. */
  void addTo(long[] sums) {
    for (int i = 0; i < CLASSES; i++) {
      sums[i] += counts[i].sum();
    }
  }

  void announce(String listener, Instruments instruments) {
    for (int i = 1; i < CLASSES; i++) {
      instruments.counter(
          "weir.http.requests",
          "Answers by listener and class of status, such as 2xx",
          Map.of("listener", listener, "status", i + "xx"),
          counts[i]::sum);
    }
  }
}
