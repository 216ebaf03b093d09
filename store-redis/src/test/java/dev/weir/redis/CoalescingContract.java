// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Algorithm;
import dev.weir.core.CalendarPeriod;
import dev.weir.core.CalendarQuota;
import dev.weir.core.Charge;
import dev.weir.core.CounterKey;
import dev.weir.core.FixedWindow;
import dev.weir.core.LimitId;
import dev.weir.core.MemoryStore;
import dev.weir.core.Mode;
import dev.weir.core.Operation;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.Store;
import dev.weir.core.TokenBucket;
import dev.weir.core.Verdict;
import dev.weir.testkit.ManualTimeSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/**
 * Checks that share a call, or a charge, are answered as if they came one after the other (R30).
 */
interface CoalescingContract {

  List<Algorithm> ALGORITHMS =
      List.of(
          TokenBucket.of(10, Duration.ofSeconds(1)),
          new TokenBucket(10, 3, Duration.ofMillis(7)),
          new FixedWindow(10, Duration.ofSeconds(1)),
          new SlidingWindow(10, Duration.ofSeconds(1)),
          new SlidingLog(10, Duration.ofSeconds(1)),
          new CalendarQuota(10, CalendarPeriod.HOUR, ZoneId.of("Europe/Paris")));

  /** The store with nothing in it, on a clock. */
  Store on(ManualTimeSource clock);

  static Charge take(Algorithm algorithm, String key, long cost) {
    CounterKey counter =
        CounterKey.of(
            LimitId.of("coalescing", algorithm.toString()), key.getBytes(StandardCharsets.UTF_8));
    return new Charge(counter, algorithm.kernel(), cost, Mode.ENFORCED, Operation.TAKE);
  }

  /** Asks all at once: what does not fit into the first two calls waits and is gathered. */
  static List<List<Verdict>> together(Store store, List<List<Charge>> checks) {
    List<CompletionStage<List<Verdict>>> answers = new ArrayList<>();
    checks.forEach(check -> answers.add(store.apply(check)));
    return answers.stream().map(answer -> answer.toCompletableFuture().join()).toList();
  }

  @Test
  default void rule30_equalChecksOfOneKey_areAnsweredInOrder() {
    for (Algorithm algorithm : ALGORITHMS) {
      for (long cost = 1; cost <= 3; cost++) {
        ManualTimeSource clock = ManualTimeSource.create();
        Store store = on(clock);
        // The first check of a limit waits for its tag, and may be overtaken.
        store.apply(List.of(take(algorithm, "other", 1))).toCompletableFuture().join();
        try (MemoryStore memory = MemoryStore.create(clock, 100)) {
          for (int burst = 0; burst < 5; burst++) {
            List<List<Charge>> checks = new ArrayList<>();
            List<List<Verdict>> expected = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
              List<Charge> check = List.of(take(algorithm, "k", cost));
              checks.add(check);
              expected.add(memory.apply(check).toCompletableFuture().join());
            }
            assertThat(together(store, checks)).as("%s", algorithm).isEqualTo(expected);
            clock.advanceMicros(burst % 2 == 0 ? 137_001 : 61_000_000);
          }
        }
      }
    }
  }

  @Test
  default void rule30_mixedChecks_areAnsweredInSomeOrder() {
    for (int seed = 0; seed < 30; seed++) {
      Random random = new Random(seed);
      ManualTimeSource clock = ManualTimeSource.create();
      Store store = on(clock);
      List<Algorithm> algorithms = ALGORITHMS;
      long[] admitted = new long[algorithms.size() * 3];
      List<List<Charge>> checks = new ArrayList<>();
      List<int[]> counters = new ArrayList<>();
      for (int i = 0; i < 120; i++) {
        int first = random.nextInt(algorithms.size());
        int second = random.nextInt(algorithms.size());
        int key = random.nextInt(3);
        boolean two = random.nextInt(4) == 0 && first != second;
        long cost = 1 + random.nextInt(2);
        List<Charge> check = new ArrayList<>();
        check.add(take(algorithms.get(first), "k" + key, cost));
        if (two) {
          check.add(take(algorithms.get(second), "k" + key, cost));
        }
        checks.add(check);
        counters.add(
            two ? new int[] {first * 3 + key, second * 3 + key} : new int[] {first * 3 + key});
      }
      List<List<Verdict>> answers = together(store, checks);
      for (int i = 0; i < answers.size(); i++) {
        List<Verdict> answer = answers.get(i);
        boolean denied = answer.stream().anyMatch(verdict -> verdict.outcome().denies());
        for (int charge = 0; charge < answer.size(); charge++) {
          long amount = answer.get(charge).amount();
          assertThat(amount)
              .as("all or nothing, seed %s", seed)
              .isEqualTo(denied ? 0 : checks.get(i).get(charge).cost());
          admitted[counters.get(i)[charge]] += amount;
        }
      }
      for (int counter = 0; counter < admitted.length; counter++) {
        Charge peek = take(algorithms.get(counter / 3), "k" + counter % 3, 0);
        long left = store.apply(List.of(peek)).toCompletableFuture().join().getFirst().remaining();
        assertThat(left)
            .as("counter %s, seed %s", counter, seed)
            .isEqualTo(peek.kernel().limit() - admitted[counter]);
      }
    }
  }
}
