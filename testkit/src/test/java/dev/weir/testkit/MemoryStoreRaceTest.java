// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Algorithm;
import dev.weir.core.CalendarPeriod;
import dev.weir.core.CalendarQuota;
import dev.weir.core.Charge;
import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.FixedWindow;
import dev.weir.core.Handle;
import dev.weir.core.Limit;
import dev.weir.core.MemoryStore;
import dev.weir.core.Mode;
import dev.weir.core.Operation;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.StoreException;
import dev.weir.core.TimeSource;
import dev.weir.core.TokenBucket;
import dev.weir.core.Verdict;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Threads on one store in memory: no charge is lost, none is made up (R1, R3, R25). */
final class MemoryStoreRaceTest {

  private static final int THREADS = 4;
  private static final long LIMIT = 5_000;

  /** Limits that earn nothing within the test. */
  private static List<Algorithm> still() {
    return List.of(
        new TokenBucket(LIMIT, 1, Duration.ofHours(1)),
        new FixedWindow(LIMIT, Duration.ofDays(10_000)),
        new SlidingWindow(LIMIT, Duration.ofDays(10_000)),
        new SlidingLog(LIMIT, Duration.ofDays(1)),
        new CalendarQuota(LIMIT, CalendarPeriod.YEAR, ZoneId.of("UTC")));
  }

  private static RateLimiter limiter(MemoryStore store, Algorithm algorithm) {
    Policy policy = Policy.named("p").key("k").limit(Limit.of("l", algorithm)).build();
    return RateLimiter.create(store, PolicySet.of(List.of(policy)));
  }

  private static Descriptor key(String value) {
    return Descriptor.of("default", "k", value);
  }

  @Test
  void hotKey_quickAndLockedPathsTogether_admitExactlyTheLimit() throws InterruptedException {
    for (Algorithm algorithm : still()) {
      try (MemoryStore store = MemoryStore.create(TimeSource.system(), 1_000)) {
        RateLimiter limiter = limiter(store, algorithm);
        Handle handle = limiter.handle(key("hot"));
        Callable<Long> byHandle = () -> count(() -> handle.tryTake());
        Callable<Long> byDescriptor = () -> count(() -> limiter.check(key("hot")).allowed());
        Charge charge =
            new Charge(handle.key(), algorithm.kernel(), 1, Mode.ENFORCED, Operation.TAKE);
        Callable<Long> locked =
            () ->
                count(
                    () ->
                        !store
                            .apply(List.of(charge))
                            .toCompletableFuture()
                            .join()
                            .getFirst()
                            .outcome()
                            .denies());
        List<Long> admitted = Threads.run(List.of(byHandle, byDescriptor, locked, byHandle));
        assertThat(admitted.stream().mapToLong(Long::longValue).sum())
            .as("%s", algorithm)
            .isEqualTo(LIMIT);
      }
    }
  }

  private static long count(Callable<Boolean> attempt) throws Exception {
    long admitted = 0;
    for (int i = 0; i < LIMIT; i++) {
      admitted += attempt.call() ? 1 : 0;
    }
    return admitted;
  }

  @Test
  void hotBucket_refilling_staysWithinItsBoundInEveryInterval() throws InterruptedException {
    TokenBucket bucket = new TokenBucket(50, 200, Duration.ofMillis(1));
    try (MemoryStore store = MemoryStore.create(TimeSource.system(), 1_000)) {
      RateLimiter limiter = limiter(store, bucket);
      List<Callable<List<Verdict>>> works = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        works.add(
            () -> {
              List<Verdict> admitted = new ArrayList<>();
              for (int n = 0; n < 20_000; n++) {
                Decision decision = limiter.check(key("hot"));
                if (decision.allowed()) {
                  admitted.add(decision.states().getFirst().verdict());
                }
              }
              return admitted;
            });
      }
      GrantHistory history = new GrantHistory(bucket);
      Threads.run(works)
          .forEach(
              admitted ->
                  admitted.forEach(verdict -> history.add(verdict.micros(), verdict.amount())));
      history.verify();
      assertThat(history.total()).isGreaterThanOrEqualTo(50);
    }
  }

  @Test
  void transfers_betweenKeys_keepTheirSum() throws InterruptedException {
    Algorithm account = new FixedWindow(1_000_000, Duration.ofDays(10_000));
    try (MemoryStore store = MemoryStore.create(TimeSource.system(), 1_000)) {
      List<Probe.Target> targets = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        targets.add(Probe.Target.of("account " + i, account));
      }
      List<Callable<Long>> works = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        Random random = new Random(thread);
        works.add(
            () -> {
              long mine = 0;
              for (int i = 0; i < 5_000; i++) {
                Probe.Target one = targets.get(random.nextInt(6));
                Probe.Target other = targets.get(random.nextInt(6));
                List<Verdict> verdicts =
                    store
                        .apply(
                            List.of(
                                one.charge(2, Mode.ENFORCED, Operation.TAKE),
                                other.charge(3, Mode.ENFORCED, Operation.TAKE)))
                        .toCompletableFuture()
                        .join();
                mine += verdicts.stream().mapToLong(Verdict::amount).sum();
              }
              return mine;
            });
      }
      long taken = Threads.run(works).stream().mapToLong(Long::longValue).sum();
      long left = 0;
      for (Probe.Target target : targets) {
        left += new Probe(store, ManualTimeSource.create()).remaining(target);
      }
      assertThat(taken).isEqualTo(THREADS * 5_000 * 5L);
      assertThat(left + taken).isEqualTo(6_000_000L);
    }
  }

  @Test
  void hotKey_whileTheTableSplits_losesNoChargeAndMakesUpNone() throws InterruptedException {
    for (Algorithm algorithm : still()) {
      try (MemoryStore store = MemoryStore.create(TimeSource.system(), 1_000_000)) {
        RateLimiter limiter = limiter(store, algorithm);
        AtomicLong number = new AtomicLong();
        AtomicBoolean done = new AtomicBoolean();
        Callable<Long> fill =
            () -> {
              while (!done.get() && number.get() < 900_000) {
                limiter.check(key("cold " + number.incrementAndGet()));
              }
              return 0L;
            };
        Callable<Long> charge =
            () -> {
              Handle handle = limiter.handle(key("hot"));
              long admitted = 0;
              for (int i = 0; i < LIMIT; i++) {
                admitted += handle.tryTake() ? 1 : 0;
              }
              done.set(true);
              return admitted;
            };
        long admitted =
            Threads.run(List.of(fill, charge, charge)).stream().mapToLong(Long::longValue).sum();
        assertThat(admitted).as("%s", algorithm).isEqualTo(LIMIT);
        assertThat(store.keys()).isEqualTo(number.get() + 1);
      }
    }
  }

  @Test
  void tableAtItsBound_idleKeysComeAndGo_hotKeyIsExact() throws InterruptedException {
    TokenBucket quick = new TokenBucket(1, 1, Duration.ofNanos(1_000));
    TokenBucket slow = new TokenBucket(LIMIT, 1, Duration.ofHours(1));
    try (MemoryStore store = MemoryStore.create(TimeSource.system(), 300)) {
      Probe probe = new Probe(store, ManualTimeSource.create());
      Probe.Target hot = Probe.Target.of("hot", slow);
      Callable<Long> churn =
          () -> {
            for (int i = 0; i < 20_000; i++) {
              try {
                probe.take(
                    Probe.Target.of("cold " + Thread.currentThread().threadId() + i, quick), 1);
              } catch (StoreException full) {
                assertThat(full.category()).isEqualTo(StoreException.Category.FULL);
              }
            }
            return 0L;
          };
      Callable<Long> charge =
          () -> {
            long admitted = 0;
            for (int i = 0; i < LIMIT; i++) {
              admitted += probe.take(hot, 1).amount();
            }
            return admitted;
          };
      probe.take(hot, 1);
      long admitted =
          Threads.run(List.of(churn, charge, churn, charge)).stream()
              .mapToLong(Long::longValue)
              .sum();
      assertThat(admitted).isEqualTo(LIMIT - 1);
      assertThat(store.keys()).isLessThanOrEqualTo(300 + THREADS);
    }
  }
}
