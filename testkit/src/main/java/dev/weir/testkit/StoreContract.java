// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.weir.core.Algorithm;
import dev.weir.core.CalendarPeriod;
import dev.weir.core.CalendarQuota;
import dev.weir.core.Charge;
import dev.weir.core.Concurrency;
import dev.weir.core.CounterKey;
import dev.weir.core.FixedWindow;
import dev.weir.core.LimitId;
import dev.weir.core.Mode;
import dev.weir.core.Operation;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.Store;
import dev.weir.core.TokenBucket;
import dev.weir.core.Verdict;
import dev.weir.core.Verdict.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What every store must do: at least one test per rule of {@code docs/semantics.md} that a store
 * alone can show.
 *
 * <p>A store's test class implements this interface and with it inherits the tests. Each test makes
 * one store, on a clock that it moves itself, and closes it.
 */
public interface StoreContract {

  /** A new store that judges by the clock and holds nothing, or at least no key of this test. */
  Store create(ManualTimeSource clock);

  /** A new clock of the kind that the tests shall use. */
  default ManualTimeSource clock() {
    return ManualTimeSource.create();
  }

  private Probe probe() {
    ManualTimeSource clock = clock();
    return new Probe(create(clock), clock);
  }

  @Test
  default void vectors_replayed_areAnsweredAsWritten() {
    ManualTimeSource clock = ManualTimeSource.create();
    try (Probe probe = new Probe(create(clock), clock)) {
      assertThat(Vectors.replay(probe)).isEqualTo(Vectors.text());
    }
  }

  @Test
  default void rule01_everyLimitHasRoom_allAreCharged() {
    try (Probe probe = probe()) {
      List<Probe.Target> targets = targets("all", Samples.all());
      List<Charge> charges = targets.stream().map(target -> probe.taking(target, 3)).toList();
      assertThat(probe.apply(charges))
          .allSatisfy(
              verdict -> {
                assertThat(verdict.outcome()).isEqualTo(Outcome.ADMITTED);
                assertThat(verdict.amount()).isEqualTo(3);
                assertThat(verdict.remaining()).isEqualTo(7);
              });
      assertThat(targets).allSatisfy(t -> assertThat(probe.remaining(t)).isEqualTo(7));
    }
  }

  @Test
  default void rule01_oneLimitDenies_noneIsCharged() {
    try (Probe probe = probe()) {
      for (Algorithm full : Samples.all()) {
        Probe.Target exhausted = Probe.Target.of("exhausted " + full, full);
        probe.take(exhausted, 10);
        List<Probe.Target> roomy = targets("roomy beside " + full, Samples.all());
        for (int position : new int[] {0, 3, roomy.size()}) {
          List<Charge> charges = new ArrayList<>();
          roomy.forEach(target -> charges.add(probe.taking(target, 2)));
          charges.add(position, probe.taking(exhausted, 1));
          List<Verdict> verdicts = probe.apply(charges);
          assertThat(verdicts.get(position).outcome()).as("%s", full).isEqualTo(Outcome.DENIED);
          assertThat(verdicts).allMatch(verdict -> verdict.amount() == 0);
          verdicts.stream()
              .filter(verdict -> !verdict.outcome().denies())
              .forEach(verdict -> assertThat(verdict.remaining()).isEqualTo(10));
        }
        assertThat(roomy).allSatisfy(t -> assertThat(probe.remaining(t)).isEqualTo(10));
        assertThat(roomy).allSatisfy(t -> assertThat(probe.peek(t, 1).resetAfterMicros()).isZero());
      }
    }
  }

  @Test
  default void rule01_sameKeyTwice_bearsBothCosts() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.all()) {
        Probe.Target target = Probe.Target.of("twice " + algorithm, algorithm);
        List<Verdict> both = probe.apply(probe.taking(target, 4), probe.taking(target, 4));
        assertThat(both).extracting(Verdict::remaining).as("%s", algorithm).containsExactly(6L, 2L);
        List<Verdict> more = probe.apply(probe.taking(target, 2), probe.taking(target, 1));
        assertThat(more).as("%s", algorithm).anyMatch(verdict -> verdict.outcome().denies());
        assertThat(more).allMatch(verdict -> verdict.amount() == 0);
        assertThat(probe.remaining(target)).as("%s", algorithm).isEqualTo(2);
      }
    }
  }

  @Test
  default void rule01_manyThreadsOneKey_exactlyTheLimitIsAdmitted() throws InterruptedException {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.all()) {
        Probe.Target target = Probe.Target.of("raced " + algorithm, algorithm);
        long admitted =
            Threads.sum(
                4,
                () -> {
                  long mine = 0;
                  for (int i = 0; i < 20; i++) {
                    mine += probe.take(target, 1).amount();
                  }
                  return mine;
                });
        assertThat(admitted).as("%s", algorithm).isEqualTo(10);
      }
    }
  }

  @Test
  default void rule01_manyThreadsCrossingKeys_bothOrNeitherIsCharged() throws InterruptedException {
    try (Probe probe = probe()) {
      Algorithm roomy = new FixedWindow(1_000, Duration.ofHours(1));
      Algorithm tight = new FixedWindow(40, Duration.ofHours(1));
      Probe.Target left = Probe.Target.of("left", roomy);
      Probe.Target right = Probe.Target.of("right", roomy);
      Probe.Target gate = Probe.Target.of("gate", tight);
      long admitted =
          Threads.sum(
              4,
              () -> {
                List<Charge> charges =
                    new ArrayList<>(
                        List.of(
                            probe.taking(left, 1), probe.taking(right, 1), probe.taking(gate, 1)));
                long mine = 0;
                for (int i = 0; i < 50; i++) {
                  Collections.rotate(charges, 1);
                  mine += probe.apply(charges).stream().mapToLong(Verdict::amount).sum() / 3;
                }
                return mine;
              });
      assertThat(admitted).isEqualTo(40);
      assertThat(probe.remaining(left)).isEqualTo(960);
      assertThat(probe.remaining(right)).isEqualTo(960);
      assertThat(probe.remaining(gate)).isZero();
    }
  }

  @Test
  default void rule03_randomTraffic_staysWithinTheBound() {
    for (Algorithm algorithm : Samples.counting()) {
      try (Probe probe = probe()) {
        Probe.Target target = Probe.Target.of("bound " + algorithm, algorithm);
        GrantHistory history = new GrantHistory(algorithm);
        Random random = new Random(3);
        for (int i = 0; i < 300; i++) {
          probe.clock().advanceMicros(random.nextInt(10) == 0 ? random.nextLong(900_000) : 1_700L);
          long amount = probe.take(target, 1 + random.nextInt(3)).amount();
          history.add(probe.now(), amount);
        }
        history.verify();
      }
    }
  }

  @Test
  default void rule04_denial_changesNothing() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.all()) {
        Probe.Target asked = Probe.Target.of("asked " + algorithm, algorithm);
        Probe.Target calm = Probe.Target.of("calm " + algorithm, algorithm);
        probe.take(asked, 10);
        probe.take(calm, 10);
        for (int i = 0; i < 50; i++) {
          probe.clock().advanceMicros(37);
          assertThat(probe.take(asked, 10).outcome()).isEqualTo(Outcome.DENIED);
          assertThat(probe.take(asked, 11).outcome()).isEqualTo(Outcome.TOO_BIG);
          assertThat(probe.peek(asked, 10)).as("%s", algorithm).isEqualTo(probe.peek(calm, 10));
        }
        long reset = probe.peek(calm, 1).resetAfterMicros();
        probe.clock().advanceMicros(reset);
        assertThat(probe.remaining(asked)).as("%s", algorithm).isEqualTo(10);
      }
    }
  }

  @Test
  default void rule05_remaining_isWholeAndNeverNegative() {
    try (Probe probe = probe()) {
      Probe.Target bucket = Probe.Target.of("half", TokenBucket.of(10, Duration.ofSeconds(1)));
      assertThat(probe.take(bucket, 4).remaining()).isEqualTo(6);
      probe.clock().advanceMicros(99_999);
      assertThat(probe.remaining(bucket)).isEqualTo(6);
      probe.clock().advanceMicros(1);
      assertThat(probe.remaining(bucket)).isEqualTo(7);
      for (Algorithm algorithm : Samples.counting()) {
        Probe.Target target = Probe.Target.of("debt " + algorithm, algorithm);
        assertThat(probe.record(target, 15).remaining()).as("%s", algorithm).isZero();
        assertThat(probe.remaining(target)).isZero();
      }
    }
  }

  @Test
  default void rule06_retryAfter_isTheFirstMomentOfAdmission() {
    for (Algorithm algorithm : Samples.counting()) {
      try (Probe probe = probe()) {
        for (int seed = 0; seed < 60; seed++) {
          Random random = new Random(seed);
          Probe.Target target = Probe.Target.of("promise " + seed, algorithm);
          randomly(probe, target, random);
          long cost = 1L + random.nextInt(10);
          Verdict denial = probe.take(target, cost);
          while (!denial.outcome().denies()) {
            denial = probe.take(target, cost);
          }
          assertThat(denial.retryAfterMicros()).as("%s, seed %d", algorithm, seed).isPositive();
          probe.clock().advanceMicros(denial.retryAfterMicros() - 1);
          assertThat(probe.peek(target, cost).outcome())
              .as("%s, seed %d, one tick early", algorithm, seed)
              .isEqualTo(Outcome.DENIED);
          assertThat(probe.take(target, cost).outcome()).isEqualTo(Outcome.DENIED);
          probe.clock().advanceMicros(1);
          assertThat(probe.take(target, cost).outcome())
              .as("%s, seed %d, in time", algorithm, seed)
              .isEqualTo(Outcome.ADMITTED);
        }
      }
    }
  }

  @Test
  default void rule06_sameKeyTwice_theLatestRetryAfterAdmitsBoth() {
    for (Algorithm algorithm : Samples.counting()) {
      try (Probe probe = probe()) {
        for (int seed = 0; seed < 40; seed++) {
          Random random = new Random(seed);
          Probe.Target target = Probe.Target.of("promise " + seed, algorithm);
          randomly(probe, target, random);
          Charge first = probe.taking(target, 1 + random.nextInt(5));
          Charge second = probe.taking(target, 1 + random.nextInt(5));
          List<Verdict> denial = probe.apply(first, second);
          while (denial.stream().noneMatch(verdict -> verdict.outcome().denies())) {
            denial = probe.apply(first, second);
          }
          long retry = denial.stream().mapToLong(Verdict::retryAfterMicros).max().orElseThrow();
          probe.clock().advanceMicros(retry - 1);
          assertThat(probe.apply(first, second))
              .as("%s, seed %d, one tick early", algorithm, seed)
              .anyMatch(verdict -> verdict.outcome().denies());
          probe.clock().advanceMicros(1);
          assertThat(probe.apply(first, second))
              .as("%s, seed %d, in time", algorithm, seed)
              .noneMatch(verdict -> verdict.outcome().denies());
        }
      }
    }
  }

  @Test
  default void rule06_severalLimitsDeny_theLatestRetryAfterAdmits() {
    try (Probe probe = probe()) {
      List<Probe.Target> targets = targets("several", Samples.counting());
      targets.forEach(target -> probe.take(target, 10));
      List<Charge> charges = targets.stream().map(target -> probe.taking(target, 4)).toList();
      List<Verdict> verdicts = probe.apply(charges);
      assertThat(verdicts).allMatch(verdict -> verdict.outcome() == Outcome.DENIED);
      long latest = verdicts.stream().mapToLong(Verdict::retryAfterMicros).max().orElseThrow();
      probe.clock().advanceMicros(latest - 1);
      assertThat(probe.apply(charges)).anyMatch(verdict -> verdict.outcome().denies());
      probe.clock().advanceMicros(1);
      assertThat(probe.apply(charges)).noneMatch(verdict -> verdict.outcome().denies());
    }
  }

  @Test
  default void rule06_concurrency_retryAfterIsAnUpperBound() {
    try (Probe probe = probe()) {
      Probe.Target target = Probe.Target.of("held", new Concurrency(3, Duration.ofSeconds(9)));
      probe.hold(target, "a", 1, 3_000_000);
      probe.hold(target, "b", 1, 1_000_000);
      probe.hold(target, "c", 1, 2_000_000);
      Verdict one = probe.hold(target, "d", 1, 1);
      Verdict two = probe.hold(target, "d", 2, 1);
      assertThat(one.retryAfterMicros()).isEqualTo(1_000_000);
      assertThat(two.retryAfterMicros()).isEqualTo(2_000_000);
      probe.clock().advanceMicros(999_999);
      assertThat(probe.hold(target, "d", 1, 1).outcome()).isEqualTo(Outcome.DENIED);
      probe.clock().advanceMicros(1);
      assertThat(probe.hold(target, "d", 1, 1).outcome()).isEqualTo(Outcome.ADMITTED);
      probe.clock().advanceMicros(1_000_000);
      assertThat(probe.hold(target, "e", 2, 1).outcome()).isEqualTo(Outcome.ADMITTED);
    }
  }

  @Test
  default void rule07_resetAfter_isWhenTheKeyIsAsNeverUsed() {
    for (Algorithm algorithm : Samples.all()) {
      try (Probe probe = probe()) {
        for (int seed = 0; seed < 40; seed++) {
          Random random = new Random(seed);
          Probe.Target target = Probe.Target.of("reset " + seed, algorithm);
          randomly(probe, target, random);
          probe.take(target, 1);
          long reset = probe.peek(target, 1).resetAfterMicros();
          assertThat(reset).as("%s, seed %d", algorithm, seed).isPositive();
          probe.clock().advanceMicros(reset - 1);
          Verdict early = probe.peek(target, 10);
          assertThat(early.resetAfterMicros()).as("%s, seed %d", algorithm, seed).isEqualTo(1);
          probe.clock().advanceMicros(1);
          Verdict used = probe.peek(target, 10);
          Verdict fresh = probe.peek(Probe.Target.of("fresh " + seed, algorithm), 10);
          assertThat(used).as("%s, seed %d", algorithm, seed).isEqualTo(fresh);
          assertThat(used.remaining()).isEqualTo(10);
          assertThat(used.resetAfterMicros()).isZero();
        }
      }
    }
  }

  @Test
  default void rule08_costAboveTheLimit_isTooBigAndNeverRetried() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.all()) {
        Probe.Target target = Probe.Target.of("big " + algorithm, algorithm);
        Verdict verdict = probe.take(target, 11);
        assertThat(verdict.outcome()).as("%s", algorithm).isEqualTo(Outcome.TOO_BIG);
        assertThat(verdict.retryAfterMicros()).isZero();
        assertThat(verdict.remaining()).isEqualTo(10);
        assertThat(probe.take(target, Integer.MAX_VALUE).outcome()).isEqualTo(Outcome.TOO_BIG);
        assertThat(probe.take(target, 10).outcome()).isEqualTo(Outcome.ADMITTED);
      }
    }
  }

  @Test
  default void rule09_earlierReading_countsAsTheStoredTime() {
    try (Probe probe = probe()) {
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
    try (Probe probe = probe()) {
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
    try (Probe probe = probe()) {
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
  default void rule10_peek_changesNothingAndAsksForOneAtLeast() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.all()) {
        Probe.Target target = Probe.Target.of("peeked " + algorithm, algorithm);
        assertThat(probe.peek(target, 0)).isEqualTo(probe.peek(target, 1));
        assertThat(probe.peek(target, 11).outcome()).isEqualTo(Outcome.TOO_BIG);
        probe.take(target, 9);
        assertThat(probe.peek(target, 0).outcome()).isEqualTo(Outcome.ADMITTED);
        probe.take(target, 1);
        assertThat(probe.peek(target, 0).outcome()).as("%s", algorithm).isEqualTo(Outcome.DENIED);
        assertThat(probe.peek(target, 0)).isEqualTo(probe.peek(target, 1));
        assertThat(probe.take(target, 0)).as("%s", algorithm).isEqualTo(probe.peek(target, 1));
      }
    }
  }

  @Test
  default void rule10_costOfZeroBesideTheWholeLimit_findsNoPermitAndDenies() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.all()) {
        Probe.Target target = Probe.Target.of("zero " + algorithm, algorithm);
        List<Verdict> verdicts = probe.apply(probe.taking(target, 10), probe.taking(target, 0));
        assertThat(verdicts).as("%s", algorithm).anyMatch(verdict -> verdict.outcome().denies());
        assertThat(verdicts).allMatch(verdict -> verdict.amount() == 0);
        assertThat(probe.remaining(target)).isEqualTo(10);
        verdicts = probe.apply(probe.taking(target, 9), probe.taking(target, 0));
        assertThat(verdicts).noneMatch(verdict -> verdict.outcome().denies());
        assertThat(probe.remaining(target)).as("%s", algorithm).isEqualTo(1);
      }
    }
  }

  @Test
  default void rule10_refundOfTheNewestCharge_bringsResetAfterForward() {
    try (Probe probe = probe()) {
      Probe.Target target = Probe.Target.of("newest", new SlidingLog(10, Duration.ofSeconds(1)));
      probe.take(target, 1);
      probe.clock().advanceMicros(100_000);
      Verdict newest = probe.take(target, 1);
      assertThat(probe.refund(target, newest).resetAfterMicros()).isEqualTo(900_000);
      probe.clock().advanceMicros(1);
      assertThat(probe.take(target, 2).resetAfterMicros()).isEqualTo(1_000_000);
    }
  }

  @Test
  default void rule10_peekUnderOtherParameters_changesNothing() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.all()) {
        Probe.Target target = Probe.Target.of("guest " + algorithm, algorithm);
        Probe.Target twin = Probe.Target.of("twin " + algorithm, algorithm);
        probe.take(target, 2);
        probe.take(twin, 2);
        for (Algorithm other : Samples.all()) {
          probe.peek(target.with(other.dividedBy(3)), 1);
          probe.one(target.with(other.dividedBy(3)).charge(9, Mode.SHADOW, Operation.PEEK));
          probe.take(target.with(other.dividedBy(3)), 4);
        }
        assertThat(probe.peek(target, 8)).as("%s", algorithm).isEqualTo(probe.peek(twin, 8));
      }
    }
  }

  @Test
  default void rule10_refund_returnsWhatStillCounts() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.counting()) {
        Probe.Target target = Probe.Target.of("refunded " + algorithm, algorithm);
        Verdict first = probe.take(target, 4);
        Verdict second = probe.take(target, 3);
        assertThat(probe.refund(target, first).amount()).as("%s", algorithm).isEqualTo(4);
        assertThat(probe.remaining(target)).isEqualTo(7);
        assertThat(probe.refund(target, second).amount()).isEqualTo(3);
        assertThat(probe.remaining(target)).isEqualTo(10);
        assertThat(probe.refund(target, second).amount()).as("%s", algorithm).isZero();
        assertThat(probe.remaining(target)).isEqualTo(10);
        assertThat(probe.peek(target, 1).resetAfterMicros()).as("%s", algorithm).isZero();
      }
    }
  }

  @Test
  default void rule10_refundAfterReset_givesNothing() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.counting()) {
        Probe.Target target = Probe.Target.of("late " + algorithm, algorithm);
        Verdict taken = probe.take(target, 4);
        probe.clock().advanceMicros(taken.resetAfterMicros());
        assertThat(probe.refund(target, taken).amount()).as("%s", algorithm).isZero();
        if (!(algorithm instanceof TokenBucket)) {
          probe.take(target, 5);
          assertThat(probe.refund(target, taken).amount()).as("%s", algorithm).isZero();
          assertThat(probe.remaining(target)).as("%s", algorithm).isEqualTo(5);
        }
      }
    }
  }

  @Test
  default void rule10_grant_addsUpToFull() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.counting()) {
        Probe.Target target = Probe.Target.of("granted " + algorithm, algorithm);
        probe.take(target, 8);
        assertThat(probe.grant(target, 3).amount()).as("%s", algorithm).isEqualTo(3);
        assertThat(probe.remaining(target)).isEqualTo(5);
        assertThat(probe.grant(target, 30).amount()).isEqualTo(5);
        assertThat(probe.remaining(target)).isEqualTo(10);
        assertThat(probe.takeAll(target)).as("%s", algorithm).isEqualTo(10);
      }
    }
  }

  @Test
  default void rule10_takeRefundedOverAndOver_stateStaysSmall() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.counting()) {
        Probe.Target target = Probe.Target.of("again " + algorithm, algorithm);
        for (int i = 0; i < 3_000; i++) {
          probe.clock().advanceMicros(1);
          probe.refund(target, probe.take(target, 1));
        }
        assertThat(probe.remaining(target)).as("%s", algorithm).isEqualTo(10);
      }
    }
  }

  @Test
  default void rule10_reset_forgetsEverything() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.all()) {
        Probe.Target target = Probe.Target.of("forgotten " + algorithm, algorithm);
        probe.take(target, 10);
        probe.reset(target);
        assertThat(probe.remaining(target)).as("%s", algorithm).isEqualTo(10);
        assertThat(probe.peek(target, 1).resetAfterMicros()).isZero();
      }
    }
  }

  @Test
  default void rule11_shadowThatWouldDeny_takesNothingAndDeniesNobody() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.all()) {
        Probe.Target shadow = Probe.Target.of("shadow " + algorithm, algorithm);
        Probe.Target real = Probe.Target.of("real " + algorithm, algorithm);
        probe.take(shadow, 10);
        List<Verdict> verdicts =
            probe.apply(probe.taking(shadow, 1, Mode.SHADOW), probe.taking(real, 1));
        assertThat(verdicts.get(0).outcome()).as("%s", algorithm).isEqualTo(Outcome.DENIED);
        assertThat(verdicts.get(0).amount()).isZero();
        assertThat(verdicts.get(1).outcome()).isEqualTo(Outcome.ADMITTED);
        assertThat(probe.remaining(real)).isEqualTo(9);
        assertThat(probe.remaining(shadow)).isZero();
      }
    }
  }

  @Test
  default void rule11_shadowWithRoom_isChargedOnlyIfTheCheckPasses() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.all()) {
        Probe.Target shadow = Probe.Target.of("shadow " + algorithm, algorithm);
        Probe.Target real = Probe.Target.of("real " + algorithm, algorithm);
        probe.apply(probe.taking(shadow, 1, Mode.SHADOW), probe.taking(real, 10));
        assertThat(probe.remaining(shadow)).as("%s", algorithm).isEqualTo(9);
        List<Verdict> denied =
            probe.apply(probe.taking(shadow, 1, Mode.SHADOW), probe.taking(real, 1));
        assertThat(denied.get(0).outcome()).isEqualTo(Outcome.ADMITTED);
        assertThat(denied.get(0).amount()).isZero();
        assertThat(probe.remaining(shadow)).as("%s", algorithm).isEqualTo(9);
      }
    }
  }

  @Test
  default void rule11_shadowHoldBesideADenial_saysWhatItWouldDoAndDoesNot() {
    try (Probe probe = probe()) {
      Probe.Target held = Probe.Target.of("held", new Concurrency(2, Duration.ofSeconds(5)));
      Probe.Target full = Probe.Target.of("full", new FixedWindow(1, Duration.ofHours(1)));
      probe.take(full, 1);
      probe.hold(held, "a", 2, 1_000_000);
      Operation again = new Operation.Hold("a", 4_000_000);
      List<Verdict> verdicts =
          probe.apply(held.charge(2, Mode.SHADOW, again), probe.taking(full, 1));
      assertThat(verdicts.getFirst().outcome()).isEqualTo(Outcome.ADMITTED);
      assertThat(verdicts.getFirst().amount()).isZero();
      assertThat(probe.peek(held, 1).resetAfterMicros()).isEqualTo(1_000_000);
    }
  }

  @Test
  default void rule11_quotasOfWhichOneHasRoom_denyNobody() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.all()) {
        Probe.Target full = Probe.Target.of("full " + algorithm, algorithm);
        Probe.Target free = Probe.Target.of("free " + algorithm, algorithm);
        Probe.Target real = Probe.Target.of("real " + algorithm, algorithm);
        probe.take(full, 10);
        List<Verdict> verdicts =
            probe.apply(
                probe.taking(full, 1, Mode.QUOTA),
                probe.taking(free, 1, Mode.QUOTA),
                probe.taking(real, 1));
        assertThat(verdicts.get(0).outcome()).as("%s", algorithm).isEqualTo(Outcome.DENIED);
        assertThat(verdicts.get(0).amount()).isZero();
        assertThat(verdicts.get(1).amount()).isEqualTo(1);
        assertThat(verdicts.get(2).amount()).isEqualTo(1);
        assertThat(probe.remaining(free)).isEqualTo(9);
        assertThat(probe.remaining(real)).isEqualTo(9);
      }
    }
  }

  @Test
  default void rule11_quotasThatAreAllOver_denyTheCheckAndNothingIsCharged() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.all()) {
        Probe.Target one = Probe.Target.of("one " + algorithm, algorithm);
        Probe.Target other = Probe.Target.of("other " + algorithm, algorithm);
        Probe.Target real = Probe.Target.of("real " + algorithm, algorithm);
        Probe.Target shadow = Probe.Target.of("shadow " + algorithm, algorithm);
        probe.take(one, 10);
        probe.take(other, 10);
        List<Verdict> verdicts =
            probe.apply(
                probe.taking(real, 1),
                probe.taking(one, 1, Mode.QUOTA),
                probe.taking(shadow, 1, Mode.SHADOW),
                probe.taking(other, 1, Mode.QUOTA));
        assertThat(verdicts)
            .as("%s", algorithm)
            .extracting(Verdict::outcome)
            .containsExactly(Outcome.ADMITTED, Outcome.DENIED, Outcome.ADMITTED, Outcome.DENIED);
        assertThat(verdicts).extracting(Verdict::amount).containsOnly(0L);
        assertThat(verdicts.getFirst().remaining()).isEqualTo(10);
        assertThat(probe.remaining(real)).isEqualTo(10);
        assertThat(probe.remaining(shadow)).isEqualTo(10);
      }
    }
  }

  @Test
  default void rule11_quotaWithRoomBesideADenial_takesNothing() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.all()) {
        Probe.Target quota = Probe.Target.of("quota " + algorithm, algorithm);
        Probe.Target real = Probe.Target.of("real " + algorithm, algorithm);
        probe.take(real, 10);
        List<Verdict> verdicts =
            probe.apply(probe.taking(quota, 1, Mode.QUOTA), probe.taking(real, 1));
        assertThat(verdicts.getFirst().outcome()).as("%s", algorithm).isEqualTo(Outcome.ADMITTED);
        assertThat(verdicts.getFirst().amount()).isZero();
        assertThat(probe.remaining(quota)).isEqualTo(10);
      }
    }
  }

  @Test
  default void rule08_windowOfNothing_deniesWhatEver() {
    try (Probe probe = probe()) {
      Probe.Target none = Probe.Target.of("none", new FixedWindow(0, Duration.ofMinutes(1)));
      assertThat(probe.take(none, 1).outcome()).isEqualTo(Outcome.TOO_BIG);
      assertThat(probe.take(none, 0).outcome()).isEqualTo(Outcome.TOO_BIG);
      assertThat(probe.remaining(none)).isZero();
      assertThat(probe.peek(none, 1).retryAfterMicros()).isZero();
    }
  }

  @Test
  default void rule11_shadowOnTheKeyOfAnEnforcedLimit_isJudgedLast() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.all()) {
        Probe.Target target = Probe.Target.of("both " + algorithm, algorithm);
        List<Verdict> verdicts =
            probe.apply(probe.taking(target, 6, Mode.SHADOW), probe.taking(target, 6));
        assertThat(verdicts.get(0).outcome()).as("%s", algorithm).isEqualTo(Outcome.DENIED);
        assertThat(verdicts.get(1).outcome()).as("%s", algorithm).isEqualTo(Outcome.ADMITTED);
        assertThat(probe.remaining(target)).isEqualTo(4);
      }
    }
  }

  @Test
  default void rule12_record_isTakenIntoDebtAndClippedAtItsEnd() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.counting()) {
        Probe.Target target = Probe.Target.of("recorded " + algorithm, algorithm);
        Verdict whole = probe.record(target, 14);
        assertThat(whole.outcome()).as("%s", algorithm).isEqualTo(Outcome.ADMITTED);
        assertThat(whole.amount()).isEqualTo(14);
        Verdict clipped = probe.record(target, 14);
        assertThat(clipped.outcome()).as("%s", algorithm).isEqualTo(Outcome.CLIPPED);
        assertThat(clipped.amount()).isEqualTo(6);
        assertThat(probe.record(target, 1).amount()).isZero();
        assertThat(probe.take(target, 1).outcome()).isEqualTo(Outcome.DENIED);
        probe.grant(target, 10);
        assertThat(probe.remaining(target)).as("%s", algorithm).isZero();
        probe.grant(target, 1);
        assertThat(probe.remaining(target)).as("%s", algorithm).isEqualTo(1);
      }
    }
  }

  @Test
  default void rule12_recordAboveTheLimit_isNotTooBig() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.counting()) {
        Probe.Target target = Probe.Target.of("vast " + algorithm, algorithm);
        Verdict verdict = probe.record(target, Integer.MAX_VALUE);
        assertThat(verdict.outcome()).as("%s", algorithm).isEqualTo(Outcome.CLIPPED);
        assertThat(verdict.amount()).isEqualTo(20);
      }
    }
  }

  @Test
  default void rule12_debt_delaysAdmissionExactly() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.counting()) {
        Probe.Target target = Probe.Target.of("owed " + algorithm, algorithm);
        probe.record(target, 20);
        Verdict denied = probe.take(target, 1);
        assertThat(denied.outcome()).isEqualTo(Outcome.DENIED);
        probe.clock().advanceMicros(denied.retryAfterMicros() - 1);
        assertThat(probe.take(target, 1).outcome()).as("%s", algorithm).isEqualTo(Outcome.DENIED);
        probe.clock().advanceMicros(1);
        assertThat(probe.take(target, 1).outcome()).as("%s", algorithm).isEqualTo(Outcome.ADMITTED);
      }
    }
  }

  @Test
  default void rule12_recordBesideADeniedTake_happens() {
    try (Probe probe = probe()) {
      Algorithm algorithm = TokenBucket.of(10, Duration.ofSeconds(1));
      Probe.Target full = Probe.Target.of("full", algorithm);
      Probe.Target work = Probe.Target.of("work", algorithm);
      probe.take(full, 10);
      probe.apply(probe.taking(full, 1), work.charge(3, Mode.ENFORCED, Operation.RECORD));
      assertThat(probe.remaining(work)).isEqualTo(7);
    }
  }

  @Test
  default void rule14_bucket_earnsEachPermitAtItsTick() {
    try (Probe probe = probe()) {
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
    try (Probe probe = probe()) {
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
    try (Probe probe = probe()) {
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
    try (Probe probe = probe()) {
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
    try (Probe probe = probe()) {
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
    try (Probe probe = probe()) {
      // On 29 March 2026 the day in Paris has 23 hours, on 25 October 25.
      assertEndsAt(probe, CalendarPeriod.DAY, paris, "2026-03-28T23:00:00Z", Duration.ofHours(23));
      assertEndsAt(probe, CalendarPeriod.DAY, paris, "2026-10-24T22:00:00Z", Duration.ofHours(25));
    }
  }

  @Test
  default void rule16_calendarUnits_haveTheirOwnLengths() {
    ZoneId utc = ZoneId.of("UTC");
    try (Probe probe = probe()) {
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
  default void rule17_hold_isGivenBackByReleaseOnce() {
    try (Probe probe = probe()) {
      Probe.Target target = Probe.Target.of("held", new Concurrency(10, Duration.ofSeconds(5)));
      probe.hold(target, "a", 3, 5_000_000);
      probe.hold(target, "b", 4, 5_000_000);
      assertThat(probe.remaining(target)).isEqualTo(3);
      assertThat(probe.release(target, "a").amount()).isEqualTo(3);
      assertThat(probe.release(target, "a").amount()).isZero();
      assertThat(probe.release(target, "never").amount()).isZero();
      assertThat(probe.remaining(target)).isEqualTo(6);
    }
  }

  @Test
  default void rule17_holderThatDies_givesBackAtItsExpiry() {
    try (Probe probe = probe()) {
      Probe.Target target = Probe.Target.of("held", new Concurrency(10, Duration.ofSeconds(5)));
      probe.hold(target, "a", 10, 2_000_000);
      probe.clock().advanceMicros(1_999_999);
      assertThat(probe.remaining(target)).isZero();
      probe.clock().advanceMicros(1);
      assertThat(probe.remaining(target)).isEqualTo(10);
      assertThat(probe.renew(target, "a", 1_000_000).outcome()).isEqualTo(Outcome.DENIED);
    }
  }

  @Test
  default void rule17_renew_extendsUpToTheLimitsExpiry() {
    try (Probe probe = probe()) {
      Probe.Target target = Probe.Target.of("held", new Concurrency(10, Duration.ofSeconds(5)));
      probe.hold(target, "a", 10, 2_000_000);
      probe.clock().advanceMicros(1_000_000);
      assertThat(probe.renew(target, "a", 4_000_000).outcome()).isEqualTo(Outcome.ADMITTED);
      probe.clock().advanceMicros(3_999_999);
      assertThat(probe.remaining(target)).isZero();
      assertThat(probe.renew(target, "a", Long.MAX_VALUE).resetAfterMicros()).isEqualTo(5_000_000);
      probe.clock().advanceMicros(5_000_000);
      assertThat(probe.remaining(target)).isEqualTo(10);
    }
  }

  @Test
  default void rule17_sameIdAgain_renewsInsteadOfHoldingTwice() {
    try (Probe probe = probe()) {
      Probe.Target target = Probe.Target.of("held", new Concurrency(10, Duration.ofSeconds(5)));
      probe.hold(target, "a", 3, 1_000_000);
      probe.clock().advanceMicros(500_000);
      probe.hold(target, "a", 3, 1_000_000);
      assertThat(probe.remaining(target)).isEqualTo(7);
      probe.clock().advanceMicros(999_999);
      assertThat(probe.remaining(target)).isEqualTo(7);
      probe.clock().advanceMicros(1);
      assertThat(probe.remaining(target)).isEqualTo(10);
    }
  }

  @Test
  default void rule17_holdOfADeniedCheck_isNotHeld() {
    try (Probe probe = probe()) {
      Probe.Target held = Probe.Target.of("held", new Concurrency(10, Duration.ofSeconds(5)));
      Probe.Target full = Probe.Target.of("full", new FixedWindow(1, Duration.ofHours(1)));
      probe.take(full, 1);
      probe.apply(probe.taking(held, 4), probe.taking(full, 1));
      assertThat(probe.remaining(held)).isEqualTo(10);
    }
  }

  @Test
  default void rule18_differentKeys_neverShareACounter() {
    try (Probe probe = probe()) {
      Algorithm algorithm = new FixedWindow(10, Duration.ofHours(1));
      List<CounterKey> keys = new ArrayList<>();
      String longText = "x".repeat(300);
      String[] values = {
        "",
        "a",
        "A",
        "a ",
        "ab",
        "{a}",
        "}{",
        "a:b",
        "a/b",
        "\0",
        "a\0",
        "ü",
        "u\u0308",
        longText,
        longText + "y",
        "y" + longText
      };
      for (String value : values) {
        keys.add(Probe.keyOf("p", "l", value));
      }
      keys.add(Probe.keyOf("p", "la", ""));
      keys.add(Probe.keyOf("pl", "a", ""));
      keys.add(Probe.keyOf("p/l", "a", ""));
      keys.add(Probe.keyOf("p", "l/a", ""));
      keys.add(CounterKey.of(LimitId.of("p", "l"), new byte[] {-1}));
      keys.add(CounterKey.of(LimitId.of("p", "l"), new byte[] {-1, 0}));
      for (int i = 0; i < keys.size(); i++) {
        long taken = i % 10 + 1L;
        Probe.Target target = new Probe.Target(keys.get(i), algorithm);
        assertThat(probe.take(target, taken).remaining())
            .as("%s", keys.get(i))
            .isEqualTo(10 - taken);
      }
      for (int i = 0; i < keys.size(); i++) {
        Probe.Target target = new Probe.Target(keys.get(i), algorithm);
        assertThat(probe.remaining(target)).as("%s", keys.get(i)).isEqualTo(9L - i % 10);
      }
    }
  }

  @Test
  default void rule19_idleTime_isNoPartOfTheArithmetic() {
    try (Probe probe = probe()) {
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
    try (Probe probe = probe()) {
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
    try (Probe probe = probe()) {
      assumeFalse(probe.clock().monotonic());
      Probe.Target target = Probe.Target.of("year", TokenBucket.of(10, Duration.ofSeconds(1)));
      probe.take(target, 10);
      probe.clock().advance(Duration.ofDays(-365));
      Verdict denied = probe.take(target, 1);
      assertThat(denied.clockStepped()).isTrue();
      assertThat(denied.retryAfterMicros()).isEqualTo(100_000);
    }
  }

  @Test
  default void rule21_lowerLimit_keepsWhatIsSpentOrClipsCredit() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.all()) {
        Probe.Target target = Probe.Target.of("lowered " + algorithm, algorithm);
        Probe.Target lower = target.with(algorithm.dividedBy(2));
        probe.take(target, 3);
        boolean bucket = algorithm instanceof TokenBucket;
        assertThat(probe.remaining(lower)).as("%s", algorithm).isEqualTo(bucket ? 5 : 2);
        probe.take(target, 4);
        assertThat(probe.remaining(lower)).as("%s", algorithm).isEqualTo(bucket ? 3 : 0);
        assertThat(probe.remaining(target)).as("%s", algorithm).isEqualTo(3);
      }
    }
  }

  @Test
  default void rule21_higherLimit_keepsWhatIsSpentOrCredit() {
    try (Probe probe = probe()) {
      for (Algorithm algorithm : Samples.all()) {
        Probe.Target target = Probe.Target.of("raised " + algorithm, algorithm);
        probe.take(target, 7);
        Probe.Target higher = target.with(algorithm.times(3));
        boolean bucket = algorithm instanceof TokenBucket;
        assertThat(probe.take(higher, 1).remaining())
            .as("%s", algorithm)
            .isEqualTo(bucket ? 2 : 22);
      }
    }
  }

  @Test
  default void rule21_anotherAlgorithm_startsFresh() {
    try (Probe probe = probe()) {
      int changes = 0;
      for (Algorithm from : Samples.all()) {
        for (Algorithm to : Samples.all()) {
          if (from.getClass() != to.getClass()) {
            Probe.Target target = Probe.Target.of("change " + changes++, from);
            probe.take(target, 9);
            assertThat(probe.take(target.with(to), 1).remaining())
                .as("%s to %s", from, to)
                .isEqualTo(9);
            assertThat(probe.take(target, 1).remaining()).as("%s to %s", from, to).isEqualTo(9);
          }
        }
      }
    }
  }

  /** How many random traces to compare with the oracle, 80 checks each. */
  default int traces() {
    return Integer.getInteger("weir.traces", 1_400);
  }

  @Test
  default void allRules_randomTraces_agreeWithTheOracle() {
    long first = Long.getLong("weir.trace.seed", 1);
    for (long seed = first; seed < first + traces(); seed++) {
      ManualTimeSource clock = clock();
      try (Store store = create(clock)) {
        RandomTrace.run(seed, store, clock);
      }
    }
  }

  @Test
  default void sizes_chargesOfOneCheck_areBounded() {
    try (Probe probe = probe()) {
      Algorithm algorithm = TokenBucket.of(10, Duration.ofSeconds(1));
      List<Charge> charges = new ArrayList<>();
      for (int i = 0; i < Store.MAX_CHARGES; i++) {
        charges.add(probe.taking(Probe.Target.of("n" + i, algorithm), 1));
      }
      assertThat(probe.apply(charges)).allMatch(verdict -> verdict.amount() == 1);
      charges.add(charges.getFirst());
      assertThatThrownBy(() -> probe.apply(charges))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("charges: 101 (expected: 1..100)");
      assertThatThrownBy(() -> probe.apply(List.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("charges: 0");
    }
  }

  private static List<Probe.Target> targets(String name, List<Algorithm> algorithms) {
    List<Probe.Target> targets = new ArrayList<>();
    for (Algorithm algorithm : algorithms) {
      targets.add(Probe.Target.of(name + ' ' + targets.size(), algorithm));
    }
    return targets;
  }

  /** Brings a key into some state by takes, records and refunds at random times. */
  private static void randomly(Probe probe, Probe.Target target, Random random) {
    for (int i = random.nextInt(12); i >= 0; i--) {
      probe.clock().advanceMicros(random.nextInt(random.nextBoolean() ? 2_000 : 400_000));
      Verdict taken = probe.take(target, 1 + random.nextInt(4));
      if (!target.holds() && random.nextInt(5) == 0) {
        probe.refund(target, taken);
      }
      if (!target.holds() && random.nextInt(5) == 0) {
        probe.record(target, random.nextInt(9));
      }
    }
  }
}
