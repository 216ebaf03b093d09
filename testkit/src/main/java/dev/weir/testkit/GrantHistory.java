// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import dev.weir.core.Algorithm;
import dev.weir.core.CalendarPeriod;
import dev.weir.core.CalendarQuota;
import dev.weir.core.Concurrency;
import dev.weir.core.FixedWindow;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.TokenBucket;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one limit admitted for one key, and when: checks the bound of its algorithm over every
 * interval (R3). Knows nothing of how a store counts. Not safe for use by several threads.
 *
 * <p>Only takes belong here: records, refunds and grants move the bound.
 */
public final class GrantHistory {

  private static final BigInteger MICROS_PER_SECOND = BigInteger.valueOf(1_000_000);

  private final Algorithm algorithm;
  private final List<Admission> admissions = new ArrayList<>();

  private record Admission(long micros, long cost) {}

  /** A history of nothing yet. */
  public GrantHistory(Algorithm algorithm) {
    this.algorithm = algorithm;
  }

  /** Adds what was admitted at a moment of the store's clock; 0 for a denial. */
  public void add(long micros, long cost) {
    if (cost > 0) {
      admissions.add(new Admission(micros, cost));
    }
  }

  /** Permits admitted in all. */
  public long total() {
    return admissions.stream().mapToLong(Admission::cost).sum();
  }

  /**
   * Checks every interval.
   *
   * @throws AssertionError naming the first interval in which too much was admitted
   */
  public void verify() {
    admissions.sort(Comparator.comparingLong(Admission::micros));
    switch (algorithm) {
      case TokenBucket bucket -> verifyBucket(bucket);
      case FixedWindow fixed -> {
        long window = micros(fixed.window());
        verifyWindows(fixed.limit(), window);
      }
      case SlidingWindow sliding -> verifySliding(sliding);
      case SlidingLog log -> verifyEveryWindow(log.limit(), micros(log.window()));
      case CalendarQuota quota -> verifyCalendar(quota);
      case Concurrency holds ->
          throw new IllegalArgumentException("concurrency: permits come back by release");
    }
  }

  /* For every i ≤ j: sum(i..j) ≤ capacity + refill × (t(j) − t(i)) ÷ period. With the running sum S,
   * S(j) − rate × t(j) ≤ capacity + min over i of (S(i − 1) − rate × t(i)). */
  private void verifyBucket(TokenBucket bucket) {
    BigInteger period = BigInteger.valueOf(micros(bucket.period()));
    BigInteger refill = BigInteger.valueOf(bucket.refill());
    BigInteger capacity = BigInteger.valueOf(bucket.capacity()).multiply(period);
    BigInteger sum = BigInteger.ZERO;
    BigInteger least = null;
    for (Admission admission : admissions) {
      BigInteger earned = refill.multiply(BigInteger.valueOf(admission.micros));
      BigInteger start = sum.subtract(earned);
      least = least == null ? start : least.min(start);
      sum = sum.add(BigInteger.valueOf(admission.cost).multiply(period));
      if (sum.subtract(earned).subtract(least).compareTo(capacity) > 0) {
        throw exceeded("an interval that ends at " + admission.micros);
      }
    }
  }

  private void verifyWindows(long limit, long window) {
    Map<Long, Long> sums = new HashMap<>();
    for (Admission admission : admissions) {
      long index = Math.floorDiv(admission.micros, window);
      if (sums.merge(index, admission.cost, Long::sum) > limit) {
        throw exceeded("window " + index);
      }
    }
  }

  private void verifyCalendar(CalendarQuota quota) {
    Map<String, Long> sums = new HashMap<>();
    for (Admission admission : admissions) {
      String period = nameOf(quota, admission.micros);
      if (sums.merge(period, admission.cost, Long::sum) > quota.limit()) {
        throw exceeded("period " + period);
      }
    }
  }

  /* Each period has a name that no other has; an hour that comes twice is told apart by offset. */
  private static String nameOf(CalendarQuota quota, long micros) {
    ZonedDateTime moment =
        Instant.ofEpochSecond(Math.floorDiv(micros, MICROS_PER_SECOND.longValue()))
            .atZone(quota.zone());
    CalendarPeriod period = quota.period();
    return switch (period) {
      case HOUR -> moment.toLocalDate() + "T" + moment.getHour() + moment.getOffset();
      case DAY -> moment.toLocalDate().toString();
      case WEEK ->
          moment.toLocalDate().minusDays(moment.get(ChronoField.DAY_OF_WEEK) - 1L).toString();
      case MONTH -> moment.getYear() + "-" + moment.getMonthValue();
      case YEAR -> Integer.toString(moment.getYear());
    };
  }

  private void verifyEveryWindow(long limit, long window) {
    long sum = 0;
    int first = 0;
    for (Admission admission : admissions) {
      sum += admission.cost;
      while (admissions.get(first).micros <= admission.micros - window) {
        sum -= admissions.get(first++).cost;
      }
      if (sum > limit) {
        throw exceeded("the window that ends at " + admission.micros);
      }
    }
  }

  /* The weighted sum after each admission, and less than twice the limit in any window. */
  private void verifySliding(SlidingWindow sliding) {
    long window = micros(sliding.window());
    verifyEveryWindow(Math.max(1, 2 * sliding.limit() - 1), window);
    Map<Long, Long> sums = new HashMap<>();
    for (Admission admission : admissions) {
      long index = Math.floorDiv(admission.micros, window);
      long current = sums.merge(index, admission.cost, Long::sum);
      long covered = window - Math.floorMod(admission.micros, window);
      BigInteger weighted =
          BigInteger.valueOf(sums.getOrDefault(index - 1, 0L))
              .multiply(BigInteger.valueOf(covered))
              .add(BigInteger.valueOf(current).multiply(BigInteger.valueOf(window)));
      BigInteger bound = BigInteger.valueOf(sliding.limit()).multiply(BigInteger.valueOf(window));
      if (weighted.compareTo(bound) > 0) {
        throw exceeded("the weighted window at " + admission.micros);
      }
    }
  }

  private AssertionError exceeded(String where) {
    return new AssertionError(
        algorithm + ": too much admitted in " + where + "; admissions " + admissions);
  }

  private static long micros(Duration duration) {
    return Math.addExact(
        Math.multiplyExact(duration.getSeconds(), 1_000_000L), duration.getNano() / 1_000);
  }
}
