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

import dev.weir.core.Algorithm;
import dev.weir.core.Concurrency;
import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.Limit;
import dev.weir.core.RateLimiter;
import dev.weir.core.Reason;
import dev.weir.core.TokenBucket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a rate limiter must do with denials that it remembers. */
interface DenialContract extends TestedStore {

  @Test
  default void rule28_denial_standsForEqualAndLargerCostsOnly() {
    ManualTimeSource clock = clock();
    SwitchableStore store = new SwitchableStore(create(clock));
    try (store) {
      Limit limit = limit(new TokenBucket(10, 4, Duration.ofMillis(1_200)));
      RateLimiter limiter = limiter(store, clock, set(policy("p", limit)));
      limiter.check(key("u").withCost(8));
      assertThat(limiter.check(key("u").withCost(4)).retryAfterMicros()).isEqualTo(600_000);
      clock.advanceMicros(100_000);
      long asked = store.calls();
      Decision equal = limiter.check(key("u").withCost(4));
      Decision larger = limiter.check(List.of(key("u").withCost(6)));
      assertThat(store.calls()).isEqualTo(asked);
      assertThat(equal.reason()).isEqualTo(Reason.OVER_LIMIT);
      assertThat(equal.remaining()).isEqualTo(2);
      assertThat(equal.retryAfterMicros()).isEqualTo(500_000);
      assertThat(equal.resetAfterMicros()).isEqualTo(2_300_000);
      assertThat(larger.retryAfterMicros()).isEqualTo(1_100_000);
      assertThat(limiter.check(key("u").withCost(11)).reason()).isEqualTo(Reason.TOO_BIG);
      assertThat(limiter.check(key("v").withCost(10)).allowed()).isTrue();
      assertThat(limiter.check(key("u").withCost(2)).allowed()).isTrue();
      assertThat(store.calls()).isEqualTo(asked + 3);
    }
  }

  @Test
  default void rule28_denial_standsUntilRetryAfterAtMostASecond() {
    for (Algorithm algorithm : Samples.counting()) {
      ManualTimeSource clock = clock();
      SwitchableStore store = new SwitchableStore(create(clock));
      try (store) {
        RateLimiter limiter = limiter(store, clock, set(policy("p", limit(algorithm))));
        limiter.check(key("u").withCost(10));
        long left = limiter.check(key("u").withCost(10)).retryAfterMicros();
        clock.advanceMicros(Math.min(left, 1_000_000) - 1);
        long asked = store.calls();
        assertThat(limiter.check(key("u").withCost(10)).allowed()).as("%s", algorithm).isFalse();
        assertThat(store.calls()).as("%s", algorithm).isEqualTo(asked);
        clock.advanceMicros(1);
        assertThat(limiter.check(key("u").withCost(10)).allowed())
            .as("%s", algorithm)
            .isEqualTo(left <= 1_000_000);
        assertThat(store.calls()).as("%s", algorithm).isEqualTo(asked + 1);
      }
    }
  }

  @Test
  default void rule28_refundGrantResetAndPolicies_makeItForgotten() {
    ManualTimeSource clock = clock();
    SwitchableStore store = new SwitchableStore(create(clock));
    try (store) {
      RateLimiter limiter = limiter(store, clock, set(policy("p", tight("x", 3))));
      Decision taken = limiter.check(key("u").withCost(3));
      assertThat(limiter.check(key("u")).allowed()).isFalse();
      limiter.refund(taken.receipts());
      assertThat(limiter.check(key("u").withCost(3)).allowed()).isTrue();
      assertThat(limiter.check(key("u")).allowed()).isFalse();
      limiter.grantAsync(List.of(key("u").withCost(2))).toCompletableFuture().join();
      assertThat(limiter.check(key("u").withCost(2)).allowed()).isTrue();
      assertThat(limiter.check(key("u")).allowed()).isFalse();
      limiter.resetAsync(List.of(key("u"))).toCompletableFuture().join();
      assertThat(limiter.check(key("u").withCost(3)).allowed()).isTrue();
      assertThat(limiter.check(key("u")).allowed()).isFalse();
      RateLimiter wider = limiter.withPolicies(set(policy("p", tight("x", 4))));
      assertThat(wider.check(key("u")).allowed()).isTrue();
    }
  }

  @Test
  default void rule28_answerThatOvertakesARefund_isNotRemembered() {
    ManualTimeSource clock = clock();
    SwitchableStore store = new SwitchableStore(create(clock));
    try (store) {
      RateLimiter limiter = limiter(store, clock, set(policy("p", tight("x", 3))));
      Decision taken = limiter.check(key("u").withCost(3));
      store.keepAnswers();
      var denied = limiter.checkAsync(List.of(key("u")));
      store.restore();
      limiter.refund(taken.receipts());
      store.deliver();
      assertThat(denied.toCompletableFuture().join().allowed()).isFalse();
      assertThat(limiter.check(key("u")).allowed()).isTrue();
    }
  }

  @Test
  default void rule28_answerThatTookLong_isRememberedFromBeforeItsRequestLeft() {
    ManualTimeSource clock = clock();
    SwitchableStore store = new SwitchableStore(create(clock));
    try (store) {
      RateLimiter limiter = limiter(store, clock, set(policy("p", tight("x", 3))));
      limiter.check(key("u").withCost(3));
      store.keepAnswers();
      var denied = limiter.checkAsync(List.of(key("u")));
      clock.advanceMicros(400_000);
      store.deliver();
      store.restore();
      long retry = denied.toCompletableFuture().join().retryAfterMicros();
      long asked = store.calls();
      clock.advanceMicros(599_999);
      assertThat(limiter.check(key("u")).retryAfterMicros()).isEqualTo(retry - 599_999);
      assertThat(store.calls()).isEqualTo(asked);
      clock.advanceMicros(1);
      limiter.check(key("u"));
      assertThat(store.calls()).isEqualTo(asked + 1);
    }
  }

  @Test
  default void rule28_checkOfSeveralLimits_isDeniedWithoutAChargeIfOneIsKnownToDeny() {
    ManualTimeSource clock = clock();
    SwitchableStore store = new SwitchableStore(create(clock));
    try (store) {
      RateLimiter limiter =
          limiter(
              store,
              clock,
              set(policy("p", tight("wide", 9), tight("x", 3), tight("seen", 1).shadow())));
      limiter.check(key("u").withCost(3));
      limiter.check(key("u"));
      long asked = store.calls();
      Decision denied = limiter.check(key("u"));
      assertThat(store.calls()).isEqualTo(asked);
      assertThat(denied.allowed()).isFalse();
      assertThat(denied.deciding().orElseThrow().limit().name()).isEqualTo("x");
      assertThat(denied.receipts()).isEmpty();
      Decision both = limiter.check(List.of(key("v"), key("u")));
      assertThat(both.deciding().orElseThrow().descriptor()).isEqualTo(1);
      assertThat(store.calls()).isEqualTo(asked);
      assertThat(remaining(limiter, "wide")).isEqualTo(6);
      assertThat(limiter.check(key("v")).allowed()).isTrue();
    }
  }

  @Test
  default void rule28_denialOfAKeyThatIsChargedTwice_isNotRemembered() {
    ManualTimeSource clock = clock();
    SwitchableStore store = new SwitchableStore(create(clock));
    try (store) {
      RateLimiter limiter = limiter(store, clock, set(policy("p", tight("x", 3))));
      List<Descriptor> twice = List.of(key("u").withCost(2), key("u").withCost(2));
      assertThat(limiter.check(twice).allowed()).isFalse();
      assertThat(limiter.check(key("u").withCost(3)).allowed()).isTrue();
    }
  }

  @Test
  default void rule28_concurrencyAndShadow_areNeverRemembered() {
    ManualTimeSource clock = clock();
    SwitchableStore store = new SwitchableStore(create(clock));
    try (store) {
      Limit held = Limit.of("held", new Concurrency(1, Duration.ofSeconds(10)));
      RateLimiter limiter =
          limiter(store, clock, set(policy("p", held), policy("q", tight("s", 1).shadow())));
      for (int i = 0; i < 3; i++) {
        limiter.check(key("u"));
      }
      assertThat(store.calls()).isEqualTo(3);
    }
  }

  @Test
  default void rule28_memoryOff_asksEveryTime() {
    ManualTimeSource clock = clock();
    SwitchableStore store = new SwitchableStore(create(clock));
    try (store) {
      RateLimiter limiter =
          RateLimiter.builder()
              .store(store)
              .policies(set(policy("p", tight("x", 1))))
              .clock(clock)
              .denialMemory(0)
              .build();
      for (int i = 0; i < 3; i++) {
        limiter.check(key("u"));
      }
      assertThat(store.calls()).isEqualTo(3);
    }
  }
}
