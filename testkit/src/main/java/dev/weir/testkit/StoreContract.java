// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.Algorithm;
import dev.weir.core.Charge;
import dev.weir.core.Concurrency;
import dev.weir.core.CounterKey;
import dev.weir.core.FixedWindow;
import dev.weir.core.LimitId;
import dev.weir.core.Store;
import dev.weir.core.TokenBucket;
import dev.weir.core.Verdict;
import dev.weir.core.Verdict.Outcome;
import java.time.Duration;
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
public interface StoreContract extends OperationContract, ModeContract, TimeContract {

  @Test
  default void vectors_replayed_areAnsweredAsWritten() {
    ManualTimeSource clock = ManualTimeSource.create();
    try (Probe probe = new Probe(create(clock), clock)) {
      assertThat(Vectors.replay(probe)).isEqualTo(Vectors.text());
    }
  }

  @Test
  default void rule01_everyLimitHasRoom_allAreCharged() {
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
      try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
      try (Probe probe = Probe.of(this)) {
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
      try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
      try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
  default void rule08_windowOfNothing_deniesWhatEver() {
    try (Probe probe = Probe.of(this)) {
      Probe.Target none = Probe.Target.of("none", new FixedWindow(0, Duration.ofMinutes(1)));
      assertThat(probe.take(none, 1).outcome()).isEqualTo(Outcome.TOO_BIG);
      assertThat(probe.take(none, 0).outcome()).isEqualTo(Outcome.TOO_BIG);
      assertThat(probe.remaining(none)).isZero();
      assertThat(probe.peek(none, 1).retryAfterMicros()).isZero();
    }
  }

  @Test
  default void rule18_differentKeys_neverShareACounter() {
    try (Probe probe = Probe.of(this)) {
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
  default void rule21_lowerLimit_keepsWhatIsSpentOrClipsCredit() {
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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
    try (Probe probe = Probe.of(this)) {
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

  private static List<Probe.Target> targets(String name, List<Algorithm> algorithms) {
    List<Probe.Target> targets = new ArrayList<>();
    for (Algorithm algorithm : algorithms) {
      targets.add(Probe.Target.of(name + ' ' + targets.size(), algorithm));
    }
    return targets;
  }
}
