// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import static dev.weir.testkit.ContractPolicies.key;
import static dev.weir.testkit.ContractPolicies.policy;
import static dev.weir.testkit.ContractPolicies.remaining;
import static dev.weir.testkit.ContractPolicies.set;
import static dev.weir.testkit.ContractPolicies.tight;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Concurrency;
import dev.weir.core.CounterKey;
import dev.weir.core.Decision;
import dev.weir.core.FailurePolicy;
import dev.weir.core.Limit;
import dev.weir.core.RateLimiter;
import dev.weir.core.Reason;
import dev.weir.core.SlidingLog;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a rate limiter must do while its store cannot answer, or answers late. */
interface FailureContract extends TestedStore {

  @Test
  default void rule22_lateAdmissionOfADeniedCheck_isRefundedOnce() {
    SwitchableStore store = new SwitchableStore(create(clock()));
    try (store) {
      Limit closed = tight("closed", 9).onFailure(FailurePolicy.CLOSED);
      RateLimiter limiter =
          RateLimiter.create(
              store,
              set(
                  policy("p", closed, tight("open", 9), tight("seen", 9).shadow()),
                  policy("q", tight("q", 9))));
      store.delayAnswers();
      Decision denied = limiter.check(key("u").withCost(4));
      assertThat(denied.reason()).isEqualTo(Reason.FAILURE_CLOSED);
      assertThat(denied.receipts()).isEmpty();
      store.restore();
      assertThat(remaining(limiter, "closed")).as("counts as made").isEqualTo(5);
      store.deliver();
      for (String limit : List.of("closed", "open", "seen", "q")) {
        assertThat(remaining(limiter, limit)).as(limit).isEqualTo(9);
      }
      limiter.check(key("u").withCost(4));
      store.deliver();
      assertThat(remaining(limiter, "closed")).isEqualTo(5);
    }
  }

  @Test
  default void rule22_lateRefundWhoseAnswerIsLost_isNotRepeated() {
    SwitchableStore store = new SwitchableStore(create(clock()));
    try (store) {
      Limit closed = tight("closed", 9).onFailure(FailurePolicy.CLOSED);
      RateLimiter limiter = RateLimiter.create(store, set(policy("p", closed)));
      limiter.check(key("u").withCost(5));
      store.delayAnswers();
      limiter.check(key("u").withCost(2));
      store.deliver();
      store.restore();
      assertThat(remaining(limiter, "closed")).isEqualTo(4);
      store.deliver();
      assertThat(remaining(limiter, "closed")).isEqualTo(4);
    }
  }

  @Test
  default void rule22_lateAdmissionOfAnAllowedCheck_staysCharged() {
    SwitchableStore store = new SwitchableStore(create(clock()));
    try (store) {
      RateLimiter limiter = RateLimiter.create(store, set(policy("p", tight("open", 9))));
      store.delayAnswers();
      assertThat(limiter.check(key("u").withCost(4)).allowed()).isTrue();
      store.restore();
      store.deliver();
      assertThat(remaining(limiter, "open")).isEqualTo(5);
    }
  }

  @Test
  default void rule22_lateDenial_refundsNothing() {
    SwitchableStore store = new SwitchableStore(create(clock()));
    try (store) {
      Limit closed = tight("closed", 9).onFailure(FailurePolicy.CLOSED);
      RateLimiter limiter = RateLimiter.create(store, set(policy("p", closed, tight("full", 2))));
      limiter.check(key("u").withCost(2));
      store.delayAnswers();
      assertThat(limiter.check(key("u")).allowed()).isFalse();
      store.restore();
      store.deliver();
      assertThat(remaining(limiter, "closed")).isEqualTo(7);
      assertThat(remaining(limiter, "full")).isZero();
    }
  }

  @Test
  default void rule22_lateRecord_staysCharged() {
    SwitchableStore store = new SwitchableStore(create(clock()));
    try (store) {
      Limit closed = tight("closed", 9).onFailure(FailurePolicy.CLOSED);
      RateLimiter limiter = RateLimiter.create(store, set(policy("p", closed)));
      store.delayAnswers();
      limiter.record(List.of(key("u").withCost(4)));
      store.restore();
      store.deliver();
      assertThat(remaining(limiter, "closed")).isEqualTo(5);
    }
  }

  @Test
  default void rule22_holdWhoseAnswerIsLost_isReleasedAtOnce() {
    SwitchableStore store = new SwitchableStore(create(clock()));
    try (store) {
      Limit held = Limit.of("held", new Concurrency(2, Duration.ofSeconds(10)));
      RateLimiter limiter = RateLimiter.create(store, set(policy("p", held, tight("open", 9))));
      store.delayAnswers();
      assertThat(limiter.check(key("u")).reason()).isEqualTo(Reason.FAILURE_OPEN);
      limiter.hold(List.of(key("u")), "id", Duration.ofSeconds(5));
      store.restore();
      assertThat(remaining(limiter, "held")).isEqualTo(2);
      store.deliver();
      assertThat(remaining(limiter, "held")).isEqualTo(2);
      assertThat(remaining(limiter, "open")).isEqualTo(7);
    }
  }

  @Test
  default void rule23_unreachableStore_eachLimitByItsFailurePolicy() {
    SwitchableStore store = new SwitchableStore(create(clock()));
    try (store) {
      Limit limit = tight("x", 5);
      RateLimiter open = RateLimiter.create(store, set(policy("open", limit)));
      RateLimiter closed =
          RateLimiter.create(store, set(policy("closed", limit.onFailure(FailurePolicy.CLOSED))));
      RateLimiter both =
          RateLimiter.create(
              store,
              set(policy("open", limit), policy("closed", limit.onFailure(FailurePolicy.CLOSED))));
      store.cutOff();
      assertThat(open.check(key("u")).reason()).isEqualTo(Reason.FAILURE_OPEN);
      assertThat(open.check(key("u")).allowed()).isTrue();
      assertThat(closed.check(key("u")).allowed()).isFalse();
      assertThat(closed.check(key("u")).reason()).isEqualTo(Reason.FAILURE_CLOSED);
      assertThat(both.check(key("u")).reason()).isEqualTo(Reason.FAILURE_CLOSED);
      store.restore();
      assertThat(open.check(key("u")).reason()).isEqualTo(Reason.WITHIN_LIMIT);
      assertThat(remaining(open, key("u"))).isEqualTo(4);
    }
  }

  @Test
  default void rule23_localShare_isLimitByNodesStartsFullAndIsForgotten() {
    SwitchableStore store = new SwitchableStore(create(clock()));
    try (store) {
      Limit local =
          Limit.of("l", new SlidingLog(10, Duration.ofDays(1))).onFailure(FailurePolicy.LOCAL);
      RateLimiter limiter =
          RateLimiter.builder().store(store).policies(set(policy("p", local))).nodes(3).build();
      for (int outage = 0; outage < 2; outage++) {
        store.cutOff();
        int admitted = 0;
        for (int i = 0; i < 20; i++) {
          Decision decision = limiter.check(key("u"));
          assertThat(decision.reason()).isEqualTo(Reason.FAILURE_LOCAL);
          admitted += decision.allowed() ? 1 : 0;
        }
        assertThat(admitted).isEqualTo(3);
        store.restore();
        assertThat(limiter.check(key("u")).reason()).isEqualTo(Reason.WITHIN_LIMIT);
      }
      assertThat(remaining(limiter, key("u"))).isEqualTo(8);
    }
  }

  @Test
  default void rule23_localShare_isKeptWhileOnlyOtherKeysAreAnswered() {
    SwitchableStore store = new SwitchableStore(create(clock()));
    try (store) {
      Limit local =
          Limit.of("l", new SlidingLog(10, Duration.ofDays(1))).onFailure(FailurePolicy.LOCAL);
      RateLimiter limiter =
          RateLimiter.builder().store(store).policies(set(policy("p", local))).nodes(5).build();
      limiter.check(key("away"));
      CounterKey away = limiter.check(key("away")).states().getFirst().key();
      store.cutOff(charge -> charge.key().equals(away));
      int admitted = 0;
      for (int i = 0; i < 9; i++) {
        assertThat(limiter.check(key("there")).reason()).isEqualTo(Reason.WITHIN_LIMIT);
        admitted += limiter.check(key("away")).allowed() ? 1 : 0;
      }
      assertThat(admitted).isEqualTo(2);
    }
  }

  @Test
  default void rule23_nodesThatAreCounted_shareByTheirNumberNow() {
    SwitchableStore store = new SwitchableStore(create(clock()));
    try (store) {
      Limit local = tight("l", 12).onFailure(FailurePolicy.LOCAL);
      AtomicInteger nodes = new AtomicInteger();
      RateLimiter limiter =
          RateLimiter.builder()
              .store(store)
              .policies(set(policy("p", local)))
              .nodes(nodes::get)
              .build();
      store.cutOff();
      assertThat(limiter.check(key("u")).remaining()).isEqualTo(11);
      nodes.set(4);
      assertThat(limiter.check(key("v")).remaining()).isEqualTo(2);
      assertThat(limiter.check(key("u")).remaining()).isEqualTo(1);
      nodes.set(100);
      assertThat(limiter.check(key("w")).remaining()).isZero();
    }
  }
}
