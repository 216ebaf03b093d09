// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Algorithm;
import dev.weir.core.Concurrency;
import dev.weir.core.FixedWindow;
import dev.weir.core.Mode;
import dev.weir.core.Operation;
import dev.weir.core.Verdict;
import dev.weir.core.Verdict.Outcome;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every store must do with limits in shadow and quota mode. */
interface ModeContract extends TestedStore {

  @Test
  default void rule11_shadowThatWouldDeny_takesNothingAndDeniesNobody() {
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
  default void rule11_shadowOnTheKeyOfAnEnforcedLimit_isJudgedLast() {
    try (Probe probe = Probe.of(this)) {
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
}
