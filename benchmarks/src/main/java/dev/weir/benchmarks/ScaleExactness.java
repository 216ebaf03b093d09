// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.rls.api.RateLimitDescriptor;
import dev.weir.rls.api.RateLimitRequest;
import dev.weir.rls.api.RateLimitResponse;
import dev.weir.rls.api.RateLimitResponse.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * How many requests of one key all instances together admit, asked in turn and at the same time.
 *
 * @param setup whose instances, shards and mode
 * @param round which of the interleaved rounds
 * @param asked how many requests
 * @param admitted of them
 * @param bound what the limit allows: exactly so many where it is exact, at most where it is leased
 * @param excess most permits admitted in any stretch of time beyond what the bucket allows in it
 * @param excessBound what the leases and the time that answers were under way explain of it
 */
record ScaleExactness(
    ScaleSetup setup,
    int round,
    long asked,
    long admitted,
    double bound,
    double excess,
    double excessBound) {

  private static final int PATIENCE_MILLIS = 10_000;
  private static final int IN_FLIGHT = 64;
  private static final int SECONDS = 2;
  private static final int MAX_MILLIS = 60_000;

  static final String HEAD =
      "system,mode,instances,shards,loops,round,asked,admitted,bound,excess,excess-bound";

  String line() {
    return String.format(
        Locale.ROOT,
        "%s,%s,%d,%d,%d,%d,%d,%d,%.0f,%.0f,%.0f",
        setup.system(),
        setup.mode(),
        setup.instances(),
        setup.shards(),
        setup.loops(),
        round,
        asked,
        admitted,
        bound,
        excess,
        excessBound);
  }

  /** A line for whoever waits. */
  String text() {
    return String.format(
        Locale.ROOT,
        "%s: %d of %d admitted, bound %.0f%s",
        setup.name(),
        admitted,
        asked,
        bound,
        excessBound == 0
            ? ""
            : String.format(
                Locale.ROOT, "; excess of any stretch %.0f, bound %.0f", excess, excessBound));
  }

  /** Reads a line of a table. */
  static ScaleExactness parse(String line) {
    String[] cells = line.split(",", -1);
    ScaleSetup setup =
        ScaleSetup.of(
                cells[1],
                Integer.parseInt(cells[2]),
                Integer.parseInt(cells[3]),
                Integer.parseInt(cells[4]))
            .of(cells[0]);
    return new ScaleExactness(
        setup,
        Integer.parseInt(cells[5]),
        Long.parseLong(cells[6]),
        Long.parseLong(cells[7]),
        Double.parseDouble(cells[8]),
        Double.parseDouble(cells[9]),
        Double.parseDouble(cells[10]));
  }

  /** Three times as many requests of a new key as a window has permits. */
  static ScaleExactness once(ScaleFleet fleet, ScaleSetup setup, int round)
      throws InterruptedException {
    Asking asking = new Asking();
    int asked = 3 * ScaleFleet.ONCE;
    asking.ask(fleet, setup, "once", key(setup, round), asked, Long.MAX_VALUE);
    boolean apart = setup.shards() == 0;
    double bound = (double) ScaleFleet.ONCE * (apart ? setup.instances() : 1);
    return new ScaleExactness(setup, round, asked, asking.admitted(), bound, 0, 0);
  }

  private static String key(ScaleSetup setup, int round) {
    return "key-" + setup.mode() + "-" + setup.instances() + "-" + round;
  }

  /** More requests of a hot key than its leased bucket earns, for a while. */
  static ScaleExactness leased(ScaleFleet fleet, ScaleSetup setup, int round)
      throws InterruptedException {
    Asking asking = new Asking();
    long start = System.nanoTime();
    long end = start + SECONDS * 1_000_000_000L;
    String key = key(setup, round);
    long asked = asking.ask(fleet, setup, "scarce", key, Integer.MAX_VALUE, end);
    double seconds = (System.nanoTime() - start) / 1e9;
    double late = asking.longestNanos / 1e9;
    return new ScaleExactness(
        setup,
        round,
        asked,
        asking.admitted(),
        ScaleFleet.SCARCE * (1 + seconds),
        asking.worstExcess(ScaleFleet.SCARCE, ScaleFleet.SCARCE),
        (double) setup.instances() * ScaleFleet.SCARCE_LEASE + ScaleFleet.SCARCE * late);
  }

  /** Asks instances in turn and notes when what was admitted. */
  private static final class Asking {
    private final long start = System.nanoTime();
    private final AtomicIntegerArray byMilli = new AtomicIntegerArray(MAX_MILLIS);
    private final Semaphore room = new Semaphore(IN_FLIGHT);
    private volatile long longestNanos;

    long ask(ScaleFleet fleet, ScaleSetup setup, String domain, String key, int most, long endNanos)
        throws InterruptedException {
      List<RlsClient> clients = new ArrayList<>();
      RateLimitRequest request = request(domain, key);
      try {
        for (int port : fleet.ports(setup.instances())) {
          clients.add(new RlsClient(port));
        }
        int asked = 0;
        while (asked < most && System.nanoTime() < endNanos) {
          room.acquire();
          long nanos = System.nanoTime();
          var unused =
              clients
                  .get(asked % clients.size())
                  .ask(request, PATIENCE_MILLIS)
                  .whenComplete((answer, failure) -> note(answer, nanos));
          asked++;
        }
        room.acquire(IN_FLIGHT);
        return asked;
      } finally {
        clients.forEach(RlsClient::close);
      }
    }

    private static RateLimitRequest request(String domain, String key) {
      RateLimitDescriptor.Entry entry =
          RateLimitDescriptor.Entry.newBuilder().setKey("key").setValue(key).build();
      return RateLimitRequest.newBuilder()
          .setDomain(domain)
          .addDescriptors(RateLimitDescriptor.newBuilder().addEntries(entry))
          .build();
    }

    // A race may lose a maximum that is as long as another.
    private void note(@Nullable RateLimitResponse answer, long asked) {
      long now = System.nanoTime();
      longestNanos = Math.max(longestNanos, now - asked);
      if (answer != null && answer.getOverallCode() == Code.OK) {
        byMilli.incrementAndGet((int) ((now - start) / 1_000_000));
      }
      room.release();
    }

    long admitted() {
      long admitted = 0;
      for (int i = 0; i < MAX_MILLIS; i++) {
        admitted += byMilli.get(i);
      }
      return admitted;
    }

    /** The greatest excess over capacity + refill × time of any stretch of whole milliseconds. */
    double worstExcess(int capacity, int perSecond) {
      double running = 0;
      double worst = 0;
      for (int i = 0; i < MAX_MILLIS; i++) {
        running = Math.max(0, running) + byMilli.get(i) - perSecond / 1e3;
        worst = Math.max(worst, running);
      }
      return Math.max(0, worst - capacity);
    }
  }
}
