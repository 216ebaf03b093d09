// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/** Counts the calls of a store that were answered. Safe for use by any number of threads. */
final class CallMeter {

  private static final class Ranges {
    private final long[] bounds;
    private final LongAdder[] counts;
    private final LongAdder sum = new LongAdder();

    Ranges(long... bounds) {
      this.bounds = bounds;
      this.counts = new LongAdder[bounds.length + 1];
      Arrays.setAll(counts, i -> new LongAdder());
    }

    void add(long value) {
      int range = 0;
      while (range < bounds.length && value > bounds[range]) {
        range++;
      }
      counts[range].increment();
      sum.add(value);
    }

    Distribution read() {
      return new Distribution(
          Arrays.stream(bounds).boxed().toList(),
          Arrays.stream(counts).map(LongAdder::sum).toList(),
          sum.sum());
    }
  }

  private final Ranges micros =
      new Ranges(50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000);
  private final Ranges checks = new Ranges(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024);
  private final LongAdder outages = new LongAdder();

  /** A call of so many checks was answered after this time. */
  void answered(long tookMicros, int ofChecks) {
    micros.add(Math.max(0, tookMicros));
    checks.add(ofChecks);
  }

  /** A connection is no more. */
  void lost() {
    outages.increment();
  }

  Distribution roundTripMicros() {
    return micros.read();
  }

  Distribution checksPerCall() {
    return checks.read();
  }

  long outages() {
    return outages.sum();
  }
}
