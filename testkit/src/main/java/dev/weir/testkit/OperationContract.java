// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Algorithm;
import dev.weir.core.Concurrency;
import dev.weir.core.FixedWindow;
import dev.weir.core.Mode;
import dev.weir.core.Operation;
import dev.weir.core.SlidingLog;
import dev.weir.core.TokenBucket;
import dev.weir.core.Verdict;
import dev.weir.core.Verdict.Outcome;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every store must do beside takes: peeks, records, refunds, grants, resets and holds. */
interface OperationContract extends TestedStore {

  @Test
  default void rule10_peek_changesNothingAndAsksForOneAtLeast() {
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
  default void rule12_record_isTakenIntoDebtAndClippedAtItsEnd() {
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
      Algorithm algorithm = TokenBucket.of(10, Duration.ofSeconds(1));
      Probe.Target full = Probe.Target.of("full", algorithm);
      Probe.Target work = Probe.Target.of("work", algorithm);
      probe.take(full, 10);
      probe.apply(probe.taking(full, 1), work.charge(3, Mode.ENFORCED, Operation.RECORD));
      assertThat(probe.remaining(work)).isEqualTo(7);
    }
  }

  @Test
  default void rule17_hold_isGivenBackByReleaseOnce() {
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
      Probe.Target held = Probe.Target.of("held", new Concurrency(10, Duration.ofSeconds(5)));
      Probe.Target full = Probe.Target.of("full", new FixedWindow(1, Duration.ofHours(1)));
      probe.take(full, 1);
      probe.apply(probe.taking(held, 4), probe.taking(full, 1));
      assertThat(probe.remaining(held)).isEqualTo(10);
    }
  }
}
