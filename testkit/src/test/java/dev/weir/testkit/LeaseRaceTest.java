// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Charge;
import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.Lease;
import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.Store;
import dev.weir.core.TimeSource;
import dev.weir.core.TokenBucket;
import dev.weir.core.Unswept;
import dev.weir.core.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Threads of two nodes that spend, wait for, give back and close leases: no permit is lost. */
final class LeaseRaceTest {

  private static final int THREADS = 4;
  private static final int CHECKS = 40_000;
  private static final long CAPACITY = 500_000;

  private final AtomicLong leased = new AtomicLong();

  /** A store that answers on threads of its own, in any order. */
  private record Elsewhere(Store store, ExecutorService threads) implements Store {
    @Override
    public CompletionStage<List<Verdict>> apply(List<Charge> charges) {
      return CompletableFuture.supplyAsync(() -> charges, threads).thenCompose(store::apply);
    }

    @Override
    public void close() {}
  }

  private static RateLimiter node(Store store, PolicySet policies) {
    return RateLimiter.builder().store(store).policies(policies).build();
  }

  private static Limit limit(String name, long permits) {
    return Limit.of(name, new TokenBucket(CAPACITY, 1, Duration.ofDays(1)))
        .leased(new Lease(permits, Duration.ofMillis(2)));
  }

  private long run(RateLimiter limiter, int seed) {
    long admitted = 0;
    List<CompletableFuture<Decision>> open = new ArrayList<>();
    for (int i = 0; i < CHECKS; i++) {
      Descriptor descriptor =
          Descriptor.of("default", "k", "hot").withCost(1 + (i + seed) % 7 / 6 * 3);
      open.add(limiter.checkAsync(List.of(descriptor)).toCompletableFuture());
      if (open.size() == 32) {
        admitted += admitted(open);
      }
    }
    return admitted + admitted(open);
  }

  private long admitted(List<CompletableFuture<Decision>> open) {
    long sum = 0;
    for (CompletableFuture<Decision> answer : open) {
      Decision decision = answer.join();
      leased.addAndGet(decision.states().getFirst().estimated() ? 1 : 0);
      sum += decision.allowed() ? decision.states().getFirst().verdict().amount() : 0;
    }
    open.clear();
    return sum;
  }

  private void race(PolicySet policies) throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (Store store = Unswept.on(TimeSource.system())) {
      Store elsewhere = new Elsewhere(store, threads);
      List<RateLimiter> nodes = List.of(node(elsewhere, policies), node(elsewhere, policies));
      AtomicLong admitted = new AtomicLong();
      List<Thread> racers = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int seed = i;
        racers.add(
            Thread.startVirtualThread(
                () -> admitted.addAndGet(run(nodes.get(seed % nodes.size()), seed))));
      }
      racers.getFirst().join();
      nodes.getFirst().close();
      for (Thread racer : racers) {
        racer.join();
      }
      nodes.getLast().close();
      // Everything that was sent has arrived then.
      threads.shutdown();
      assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
      Descriptor hot = Descriptor.of("default", "k", "hot");
      assertThat(CAPACITY - RateLimiter.create(store, policies).peek(List.of(hot)).remaining())
          .isEqualTo(admitted.get());
      assertThat(leased.get()).isPositive();
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void oneLimit_whatIsTakenIsAdmittedOrComesBack() throws InterruptedException {
    race(PolicySet.of(List.of(Policy.named("p").key("k").limit(limit("l", 300)).build())));
  }

  @Test
  void severalLimits_whatIsTakenIsAdmittedOrComesBack() throws InterruptedException {
    race(
        PolicySet.of(
            List.of(
                Policy.named("p")
                    .key("k")
                    .limits(List.of(limit("l", 300), limit("m", 200)))
                    .build())));
  }
}
