// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.weir.core.Algorithm;
import dev.weir.core.CalendarPeriod;
import dev.weir.core.CalendarQuota;
import dev.weir.core.FixedWindow;
import dev.weir.core.Mode;
import dev.weir.core.Operation;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.TokenBucket;
import dev.weir.core.Verdict;
import dev.weir.core.Verdict.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

/** What every store must do as time goes on, stands still or is set back. */
interface TimeContract extends TestedStore {

  @Test
  default void rule09_earlierReading_countsAsTheStoredTime() {
    try (Probe probe = Probe.of(this)) {
      assumeFalse(probe.clock().monotonic());
      for (Algorithm algorithm : Samples.counting()) {
        Probe.Target target = Probe.Target.of("earlier " + algorithm, algorithm);
        probe.take(target, 10);
        long reset = probe.peek(target, 1).resetAfterMicros();
        long now = probe.now();
        probe.clock().advanceMicros(-5_000);
        Verdict denied = probe.take(target, 1);
        assertThat(denied.outcome()).as("%s", algorithm).isEqualTo(Outcome.DENIED);
        assertThat(denied.resetAfterMicros()).as("%s", algorithm).isEqualTo(reset + 5_000);
        probe.clock().setMicros(now + reset - 1);
        assertThat(probe.peek(target, 1).resetAfterMicros()).isEqualTo(1);
        probe.clock().setMicros(now + reset);
        assertThat(probe.remaining(target)).as("%s", algorithm).isEqualTo(10);
      }
    }
  }

  @Test
  default void rule09_readingFarEarlier_keepsTheBalanceAndRunsOn() {
    try (Probe probe = Probe.of(this)) {
      assumeFalse(probe.clock().monotonic());
      for (Algorithm algorithm : Samples.counting()) {
        probe.clock().set(ManualTimeSource.START);
        Probe.Target target = Probe.Target.of("stepped " + algorithm, algorithm);
        probe.take(target, 6);
        probe.clock().advance(Duration.ofDays(-50));
        Verdict taken = probe.take(target, 2);
        assertThat(taken.clockStepped()).as("%s", algorithm).isTrue();
        assertThat(taken.remaining()).as("%s", algorithm).isEqualTo(2);
        assertThat(probe.peek(target, 1).clockStepped()).isFalse();
        probe.clock().advanceMicros(taken.resetAfterMicros());
        assertThat(probe.remaining(target)).as("%s", algorithm).isEqualTo(10);
      }
    }
  }

  @Test
  default void rule09_readingFarEarlier_aDenialKeepsItsPromise() {
    try (Probe probe = Probe.of(this)) {
      assumeFalse(probe.clock().monotonic());
      for (Algorithm algorithm : Samples.counting()) {
        probe.clock().set(ManualTimeSource.START);
        Probe.Target target = Probe.Target.of("stepped " + algorithm, algorithm);
        probe.take(target, 10);
        probe.clock().advance(Duration.ofDays(-50));
        Verdict denied = probe.take(target, 1);
        assertThat(denied.outcome()).as("%s", algorithm).isEqualTo(Outcome.DENIED);
        assertThat(denied.clockStepped()).as("%s", algorithm).isTrue();
        probe.clock().advanceMicros(denied.retryAfterMicros() - 1);
        assertThat(probe.take(target, 1).outcome()).as("%s", algorithm).isEqualTo(Outcome.DENIED);
        probe.clock().advanceMicros(1);
        assertThat(probe.take(target, 1).outcome()).as("%s", algorithm).isEqualTo(Outcome.ADMITTED);
      }
    }
  }

  @Test
  default void rule14_bucket_earnsEachPermitAtItsTick() {
    try (Probe probe = Probe.of(this)) {
      Probe.Target target = Probe.Target.of("earned", new TokenBucket(3, 3, Duration.ofMillis(10)));
      probe.take(target, 3);
      probe.clock().advanceMicros(3_333);
      assertThat(probe.remaining(target)).isZero();
      probe.clock().advanceMicros(1);
      assertThat(probe.take(target, 1).outcome()).isEqualTo(Outcome.ADMITTED);
      probe.clock().advanceMicros(3_332);
      assertThat(probe.remaining(target)).isZero();
      probe.clock().advanceMicros(1);
      assertThat(probe.take(target, 1).outcome()).isEqualTo(Outcome.ADMITTED);
      probe.clock().advanceMicros(3_333);
      assertThat(probe.take(target, 1).outcome()).isEqualTo(Outcome.ADMITTED);
    }
  }

  @Test
  default void rule14_takeUpTo_takesWhatThereIs() {
    try (Probe probe = Probe.of(this)) {
      for (Algorithm algorithm : Samples.counting()) {
        Probe.Target target = Probe.Target.of("up to " + algorithm, algorithm);
        probe.take(target, 3);
        Verdict some = probe.one(target.charge(9, Mode.ENFORCED, Operation.TAKE_UP_TO));
        assertThat(some.outcome()).as("%s", algorithm).isEqualTo(Outcome.ADMITTED);
        assertThat(some.amount()).as("%s", algorithm).isEqualTo(7);
        Verdict none = probe.one(target.charge(9, Mode.ENFORCED, Operation.TAKE_UP_TO));
        assertThat(none.outcome()).isEqualTo(Outcome.ADMITTED);
        assertThat(none.amount()).as("%s", algorithm).isZero();
      }
    }
  }

  @Test
  default void rule15_fixedWindow_isAlignedToTheEpoch() {
    try (Probe probe = Probe.of(this)) {
      Probe.Target target = Probe.Target.of("aligned", new FixedWindow(10, Duration.ofMillis(700)));
      long intoWindow = Math.floorMod(probe.now(), 700_000);
      probe.clock().advanceMicros(700_000 - intoWindow - 1);
      assertThat(probe.takeAll(target)).isEqualTo(10);
      assertThat(probe.take(target, 1).retryAfterMicros()).isEqualTo(1);
      probe.clock().advanceMicros(1);
      assertThat(probe.takeAll(target)).isEqualTo(10);
      assertThat(probe.take(target, 1).retryAfterMicros()).isEqualTo(700_000);
    }
  }

  @Test
  default void rule15_slidingWindow_weighsTheEarlierWindow() {
    try (Probe probe = Probe.of(this)) {
      Probe.Target target =
          Probe.Target.of("weighed", new SlidingWindow(10, Duration.ofSeconds(1)));
      probe.take(target, 8);
      probe.clock().advanceMicros(1_250_000);
      assertThat(probe.remaining(target)).isEqualTo(4);
      probe.clock().advanceMicros(500_000);
      assertThat(probe.remaining(target)).isEqualTo(8);
      probe.take(target, 8);
      probe.clock().advanceMicros(250_000);
      assertThat(probe.remaining(target)).isEqualTo(2);
      probe.clock().advanceMicros(1);
      assertThat(probe.remaining(target)).isEqualTo(2);
    }
  }

  @Test
  default void rule15_slidingLog_isExactInEveryWindow() {
    try (Probe probe = Probe.of(this)) {
      Probe.Target target = Probe.Target.of("logged", new SlidingLog(10, Duration.ofSeconds(1)));
      probe.take(target, 4);
      probe.clock().advanceMicros(400_000);
      probe.take(target, 6);
      probe.clock().advanceMicros(599_999);
      assertThat(probe.remaining(target)).isZero();
      probe.clock().advanceMicros(1);
      assertThat(probe.remaining(target)).isEqualTo(4);
      probe.clock().advanceMicros(400_000);
      assertThat(probe.remaining(target)).isEqualTo(10);
    }
  }

  @Test
  default void rule16_calendarDay_isRightAcrossDaylightSaving() {
    ZoneId paris = ZoneId.of("Europe/Paris");
    try (Probe probe = Probe.of(this)) {
      // On 29 March 2026 the day in Paris has 23 hours, on 25 October 25.
      assertEndsAt(probe, CalendarPeriod.DAY, paris, "2026-03-28T23:00:00Z", Duration.ofHours(23));
      assertEndsAt(probe, CalendarPeriod.DAY, paris, "2026-10-24T22:00:00Z", Duration.ofHours(25));
    }
  }

  @Test
  default void rule16_calendarUnits_haveTheirOwnLengths() {
    ZoneId utc = ZoneId.of("UTC");
    try (Probe probe = Probe.of(this)) {
      assertEndsAt(probe, CalendarPeriod.MONTH, utc, "2026-02-01T00:00:00Z", Duration.ofDays(28));
      assertEndsAt(probe, CalendarPeriod.MONTH, utc, "2026-04-01T00:00:00Z", Duration.ofDays(30));
      // 2026-05-04 is a Monday.
      assertEndsAt(probe, CalendarPeriod.WEEK, utc, "2026-05-04T00:00:00Z", Duration.ofDays(7));
      assertEndsAt(probe, CalendarPeriod.HOUR, utc, "2026-05-20T13:00:00Z", Duration.ofHours(1));
      assertEndsAt(probe, CalendarPeriod.YEAR, utc, "2027-01-01T00:00:00Z", Duration.ofDays(365));
      assertEndsAt(probe, CalendarPeriod.MONTH, utc, "2028-02-01T00:00:00Z", Duration.ofDays(29));
    }
  }

  private static void assertEndsAt(
      Probe probe, CalendarPeriod period, ZoneId zone, String start, Duration length) {
    Probe.Target target =
        Probe.Target.of(period + " from " + start, new CalendarQuota(10, period, zone));
    Instant first = Instant.parse(start);
    probe.clock().set(first.minusNanos(1_000));
    assertThat(probe.takeAll(target)).isEqualTo(10);
    assertThat(probe.take(target, 1).retryAfterMicros()).isEqualTo(1);
    probe.clock().set(first);
    assertThat(probe.takeAll(target)).isEqualTo(10);
    assertThat(probe.take(target, 1).retryAfterMicros()).isEqualTo(length.toNanos() / 1_000);
    probe.clock().set(first.plus(length).minusNanos(1_000));
    assertThat(probe.take(target, 1).outcome()).isEqualTo(Outcome.DENIED);
    probe.clock().set(first.plus(length));
    assertThat(probe.remaining(target)).isEqualTo(10);
  }

  @Test
  default void rule19_idleTime_isNoPartOfTheArithmetic() {
    try (Probe probe = Probe.of(this)) {
      Probe.Target slow = Probe.Target.of("slow", TokenBucket.of(10, Duration.ofDays(100)));
      Probe.Target year =
          Probe.Target.of("year", new CalendarQuota(10, CalendarPeriod.YEAR, ZoneId.of("UTC")));
      probe.take(slow, 10);
      probe.take(year, 10);
      probe.clock().advance(Duration.ofDays(10).minusNanos(1_000));
      assertThat(probe.remaining(slow)).isZero();
      probe.clock().advanceMicros(1);
      assertThat(probe.remaining(slow)).isEqualTo(1);
      probe.clock().advance(Duration.ofDays(85));
      assertThat(probe.remaining(slow)).isEqualTo(9);
      probe.clock().set(Instant.parse("2026-12-31T23:59:59.999999Z"));
      assertThat(probe.remaining(year)).isZero();
      assertThat(probe.peek(slow, 1).resetAfterMicros()).isZero();
      probe.clock().advanceMicros(1);
      assertThat(probe.remaining(year)).isEqualTo(10);
    }
  }

  @Test
  default void rule19_manyIdleMonths_areEarnedExactly() {
    try (Probe probe = Probe.of(this)) {
      Probe.Target target = Probe.Target.of("months", new TokenBucket(203, 1, Duration.ofDays(25)));
      probe.take(target, 203);
      for (int permits = 5; permits <= 200; permits += 5) {
        probe.clock().advance(Duration.ofDays(125).minusMillis(1));
        assertThat(probe.remaining(target)).isEqualTo(permits - 1);
        probe.clock().advance(Duration.ofMillis(1));
        assertThat(probe.remaining(target)).isEqualTo(permits);
      }
    }
  }

  @Test
  default void rule09_clockSetBackByAYear_keepsTheBalance() {
    try (Probe probe = Probe.of(this)) {
      assumeFalse(probe.clock().monotonic());
      Probe.Target target = Probe.Target.of("year", TokenBucket.of(10, Duration.ofSeconds(1)));
      probe.take(target, 10);
      probe.clock().advance(Duration.ofDays(-365));
      Verdict denied = probe.take(target, 1);
      assertThat(denied.clockStepped()).isTrue();
      assertThat(denied.retryAfterMicros()).isEqualTo(100_000);
    }
  }
}
