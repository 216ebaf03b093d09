// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import static dev.weir.testkit.ContractPolicies.key;
import static dev.weir.testkit.ContractPolicies.limit;
import static dev.weir.testkit.ContractPolicies.limiter;
import static dev.weir.testkit.ContractPolicies.policy;
import static dev.weir.testkit.ContractPolicies.remaining;
import static dev.weir.testkit.ContractPolicies.set;
import static dev.weir.testkit.ContractPolicies.tight;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Decision;
import dev.weir.core.Lease;
import dev.weir.core.Limit;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.Reason;
import dev.weir.core.TokenBucket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a rate limiter must do with permits that it bought in advance. */
interface LeaseContract extends TestedStore {

  /* Whatever was asked for ahead is answered before this is. */
  private static void settle(RateLimiter limiter) {
    limiter.peek(List.of(key("hot")));
  }

  private static RateLimiter leasing(SwitchableStore store, ManualTimeSource clock) {
    TokenBucket bucket = new TokenBucket(1_000, 1, Duration.ofDays(1));
    Limit leased = limit(bucket).leased(new Lease(100, Duration.ofMillis(50)));
    return limiter(store, clock, set(policy("p", leased)));
  }

  @Test
  default void rule27_onlyHotKeys_areLeased() {
    ManualTimeSource clock = clock();
    SwitchableStore store = new SwitchableStore(create(clock));
    try (store) {
      RateLimiter limiter = leasing(store, clock);
      for (int i = 0; i < 40; i++) {
        clock.advanceMicros(100_000);
        assertThat(limiter.check(key("cold")).states().getFirst().estimated()).isFalse();
      }
      assertThat(store.calls()).isEqualTo(40);
      for (int i = 0; i < 400; i++) {
        assertThat(limiter.check(key("hot")).allowed()).isTrue();
      }
      assertThat(store.calls()).isLessThan(40 + 60);
      Decision leased = limiter.check(key("hot"));
      assertThat(leased.states().getFirst().estimated()).isTrue();
      assertThat(leased.reason()).isEqualTo(Reason.WITHIN_LIMIT);
      assertThat(leased.remaining()).isBetween(499L, 599L);
    }
  }

  @Test
  default void rule27_nearExhaustion_nothingIsLostAndNothingIsTooMuch() {
    ManualTimeSource clock = clock();
    SwitchableStore store = new SwitchableStore(create(clock));
    try (store) {
      RateLimiter one = leasing(store, clock);
      RateLimiter other = leasing(store, clock);
      int admitted = 0;
      for (int i = 0; i < 600; i++) {
        admitted += one.check(key("hot")).allowed() ? 1 : 0;
        admitted += other.check(key("hot")).allowed() ? 1 : 0;
      }
      assertThat(admitted).isBetween(900, 1_000);
      one.close();
      other.close();
      assertThat(remaining(one, key("hot"))).isEqualTo(1_000 - admitted);
    }
  }

  @Test
  default void rule26_leasedPermits_expire() {
    ManualTimeSource clock = clock();
    SwitchableStore store = new SwitchableStore(create(clock));
    try (store) {
      RateLimiter limiter = leasing(store, clock);
      for (int i = 0; i < 20; i++) {
        limiter.check(key("hot"));
      }
      settle(limiter);
      store.cutOff();
      assertThat(limiter.check(key("hot")).states().getFirst().estimated()).isTrue();
      clock.advanceMicros(50_000);
      assertThat(limiter.check(key("hot")).reason()).isEqualTo(Reason.FAILURE_OPEN);
    }
  }

  @Test
  default void rule26_checksOfALeasedLimitAndAnother_areExact() {
    ManualTimeSource clock = clock();
    SwitchableStore store = new SwitchableStore(create(clock));
    try (store) {
      TokenBucket bucket = new TokenBucket(1_000, 1, Duration.ofDays(1));
      RateLimiter limiter =
          limiter(store, clock, set(policy("p", limit(bucket).leased(), tight("x", 1_000))));
      for (int i = 0; i < 50; i++) {
        assertThat(limiter.check(key("hot")).remaining()).isEqualTo(999 - i);
      }
      assertThat(store.calls()).isEqualTo(50);
    }
  }

  @Test
  default void rule26_checksOfSeveralLeasedLimits_takeFromAllOrNone() {
    ManualTimeSource clock = clock();
    SwitchableStore store = new SwitchableStore(create(clock));
    try (store) {
      Lease lease = new Lease(50, Duration.ofMillis(50));
      Limit wide = Limit.of("wide", new TokenBucket(2_000, 1, Duration.ofDays(1))).leased(lease);
      Limit small = Limit.of("small", new TokenBucket(500, 1, Duration.ofDays(1))).leased(lease);
      RateLimiter limiter = limiter(store, clock, set(policy("p", wide, small)));
      int admitted = 0;
      int estimated = 0;
      for (int i = 0; i < 700; i++) {
        Decision decision = limiter.check(key("u"));
        admitted += decision.allowed() ? 1 : 0;
        estimated += decision.states().getFirst().estimated() ? 1 : 0;
      }
      assertThat(admitted).isBetween(400, 500);
      assertThat(estimated).isPositive();
      limiter.close();
      assertThat(remaining(limiter, "wide")).isEqualTo(2_000 - admitted);
      assertThat(remaining(limiter, "small")).isEqualTo(500 - admitted);
    }
  }

  @Test
  default void rule29_close_returnsWhatIsUnusedAndLeasesNoMore() {
    ManualTimeSource clock = clock();
    SwitchableStore store = new SwitchableStore(create(clock));
    try (store) {
      RateLimiter limiter = leasing(store, clock);
      for (int i = 0; i < 77; i++) {
        limiter.check(key("hot"));
      }
      assertThat(remaining(limiter, key("hot"))).isLessThan(923);
      limiter.close();
      assertThat(remaining(limiter, key("hot"))).isEqualTo(923);
      for (int i = 0; i < 50; i++) {
        assertThat(limiter.check(key("hot")).remaining()).isEqualTo(922 - i);
      }
    }
  }

  @Test
  default void rule29_otherPolicies_returnWhatIsUnused() {
    ManualTimeSource clock = clock();
    SwitchableStore store = new SwitchableStore(create(clock));
    try (store) {
      RateLimiter limiter = leasing(store, clock);
      for (int i = 0; i < 77; i++) {
        limiter.check(key("hot"));
      }
      PolicySet same = limiter.policies().next(limiter.policies().policies());
      assertThat(remaining(limiter.withPolicies(same), key("hot"))).isEqualTo(923);
    }
  }

  @Test
  default void rule30_waitersForAHotKey_shareOneRequest() {
    ManualTimeSource clock = clock();
    SwitchableStore store = new SwitchableStore(create(clock));
    try (store) {
      RateLimiter limiter = leasing(store, clock);
      for (int i = 0; i < 20; i++) {
        limiter.check(key("hot"));
      }
      settle(limiter);
      store.keepAnswers();
      long asked = store.calls();
      List<CompletableFuture<Decision>> answers = new ArrayList<>();
      // What is here is spent, then one request is sent, and who comes too late asks alone.
      while (store.calls() <= asked + 1 && answers.size() < 500) {
        answers.add(limiter.checkAsync(List.of(key("hot"))).toCompletableFuture());
      }
      answers.removeLast();
      List<CompletableFuture<Decision>> waiting =
          answers.stream().filter(answer -> !answer.isDone()).toList();
      assertThat(waiting).hasSizeGreaterThan(10);
      store.deliver();
      List<Long> remaining = waiting.stream().map(answer -> answer.join().remaining()).toList();
      assertThat(remaining).isSortedAccordingTo(Comparator.reverseOrder()).doesNotHaveDuplicates();
    }
  }

  @Test
  default void rule30_waitersWhoseRequestFails_areJudgedByTheirFailurePolicy() {
    ManualTimeSource clock = clock();
    SwitchableStore store = new SwitchableStore(create(clock));
    try (store) {
      RateLimiter limiter = leasing(store, clock);
      for (int i = 0; i < 20; i++) {
        limiter.check(key("hot"));
      }
      settle(limiter);
      clock.advanceMicros(50_000);
      store.delayAnswers();
      assertThat(limiter.check(key("hot")).reason()).isEqualTo(Reason.FAILURE_OPEN);
      store.restore();
      store.deliver();
      limiter.close();
      assertThat(remaining(limiter, key("hot"))).isEqualTo(980);
    }
  }
}
