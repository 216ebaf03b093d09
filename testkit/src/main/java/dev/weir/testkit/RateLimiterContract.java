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
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.Algorithm;
import dev.weir.core.Concurrency;
import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.Reason;
import dev.weir.core.RequestedLimit;
import dev.weir.core.Store;
import dev.weir.core.TokenBucket;
import dev.weir.core.Unlimited;
import dev.weir.core.ValuePattern;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What a rate limiter must do over every store: the rules of {@code docs/semantics.md} that
 * policies and several descriptors have part in.
 *
 * <p>A store's test class implements this interface and with it inherits the tests.
 */
public interface RateLimiterContract extends FailureContract, LeaseContract, DenialContract {

  @Test
  default void rule01_severalPolicies_allAreChargedOrNone() {
    try (Store store = create(clock())) {
      RateLimiter limiter =
          RateLimiter.create(
              store, set(policy("a", tight("x", 5)), policy("b", tight("x", 2), tight("y", 9))));
      assertThat(limiter.check(key("u")).allowed()).isTrue();
      assertThat(limiter.check(key("u")).allowed()).isTrue();
      Decision denied = limiter.check(key("u"));
      assertThat(denied.allowed()).isFalse();
      assertThat(denied.reason()).isEqualTo(Reason.OVER_LIMIT);
      assertThat(denied.deciding().orElseThrow().policy()).isEqualTo("b");
      assertThat(denied.receipts()).isEmpty();
      assertThat(denied.states())
          .extracting(state -> state.verdict().remaining())
          .containsExactly(3L, 0L, 7L);
    }
  }

  @Test
  default void rule01_severalDescriptors_areOneStep() {
    try (Store store = create(clock())) {
      RateLimiter limiter = RateLimiter.create(store, set(policy("p", tight("x", 3))));
      limiter.check(key("full").withCost(3));
      Decision denied = limiter.check(List.of(key("a"), key("full"), key("b")));
      assertThat(denied.allowed()).isFalse();
      assertThat(denied.deciding().orElseThrow().descriptor()).isEqualTo(1);
      assertThat(remaining(limiter, key("a"))).isEqualTo(3);
      Decision allowed = limiter.check(List.of(key("a"), key("b").withCost(2), key("a")));
      assertThat(allowed.allowed()).isTrue();
      assertThat(remaining(limiter, key("a"))).isEqualTo(1);
      assertThat(remaining(limiter, key("b"))).isEqualTo(1);
    }
  }

  @Test
  default void rule06_severalLimitsDeny_theLatestRetryAfterDecides() {
    ManualTimeSource clock = clock();
    try (Store store = create(clock)) {
      Limit quick = Limit.of("quick", TokenBucket.of(1, Duration.ofSeconds(1)));
      Limit slow = Limit.of("slow", TokenBucket.of(1, Duration.ofSeconds(9)));
      RateLimiter limiter = limiter(store, clock, set(policy("p", slow, quick)));
      limiter.check(key("u"));
      Decision denied = limiter.check(key("u"));
      assertThat(denied.retryAfterMicros()).isEqualTo(9_000_000);
      assertThat(denied.deciding().orElseThrow().limit().name()).isEqualTo("slow");
      clock.advanceMicros(8_999_999);
      assertThat(limiter.check(key("u")).allowed()).isFalse();
      clock.advanceMicros(1);
      assertThat(limiter.check(key("u")).allowed()).isTrue();
    }
  }

  @Test
  default void rule08_tooBig_decidesWithoutRetryAfter() {
    try (Store store = create(clock())) {
      RateLimiter limiter =
          RateLimiter.create(store, set(policy("p", tight("x", 3), tight("y", 50))));
      Decision denied = limiter.check(key("u").withCost(4));
      assertThat(denied.reason()).isEqualTo(Reason.TOO_BIG);
      assertThat(denied.retryAfterMicros()).isZero();
      assertThat(limiter.check(key("u").withCost(3)).allowed()).isTrue();
    }
  }

  @Test
  default void rule10_peekGrantResetAndRefund_doAsTheySay() {
    try (Store store = create(clock())) {
      RateLimiter limiter =
          RateLimiter.create(store, set(policy("p", tight("x", 10), tight("y", 20))));
      Decision taken = limiter.check(key("u").withCost(6));
      assertThat(taken.receipts()).hasSize(2);
      assertThat(limiter.peek(List.of(key("u").withCost(5))).allowed()).isFalse();
      assertThat(limiter.peek(List.of(key("u").withCost(4))).allowed()).isTrue();
      limiter.grantAsync(List.of(key("u").withCost(1))).toCompletableFuture().join();
      assertThat(remaining(limiter, key("u"))).isEqualTo(5);
      assertThat(limiter.refund(taken.receipts())).isEqualTo(10);
      assertThat(remaining(limiter, key("u"))).isEqualTo(10);
      limiter.check(key("u").withCost(9));
      limiter.resetAsync(List.of(key("u"))).toCompletableFuture().join();
      assertThat(remaining(limiter, key("u"))).isEqualTo(10);
    }
  }

  @Test
  default void rule10_costOfZero_asksAsOneAndTakesNothing() {
    try (Store store = create(clock())) {
      RateLimiter limiter = RateLimiter.create(store, set(policy("p", tight("x", 1))));
      assertThat(limiter.check(key("u").withCost(0)).allowed()).isTrue();
      assertThat(limiter.check(key("u")).allowed()).isTrue();
      assertThat(limiter.check(key("u").withCost(0)).allowed()).isFalse();
    }
  }

  @Test
  default void rule11_shadowLimit_reportsAndDeniesNobody() {
    try (Store store = create(clock())) {
      RateLimiter limiter =
          RateLimiter.create(store, set(policy("p", tight("real", 5), tight("try", 1).shadow())));
      limiter.check(key("u"));
      Decision decision = limiter.check(key("u"));
      assertThat(decision.allowed()).isTrue();
      assertThat(decision.states().get(1).allowed()).isFalse();
      assertThat(decision.deciding().orElseThrow().limit().name()).isEqualTo("real");
      assertThat(decision.receipts()).hasSize(1);
    }
  }

  @Test
  default void rule11_quotaLimits_denyOnlyTogether() {
    ManualTimeSource clock = clock();
    try (Store store = create(clock)) {
      Limit first = Limit.of("first", TokenBucket.of(1, Duration.ofSeconds(9))).quota();
      Limit second = Limit.of("second", TokenBucket.of(2, Duration.ofSeconds(8))).quota();
      RateLimiter limiter =
          limiter(store, clock, set(policy("p", tight("real", 9), first, second)));
      assertThat(limiter.check(key("u")).deciding().orElseThrow().limit().name())
          .isEqualTo("second");
      Decision one = limiter.check(key("u"));
      assertThat(one.allowed()).isTrue();
      assertThat(one.states().get(1).allowed()).isFalse();
      assertThat(one.states().get(2).allowed()).isTrue();
      Decision none = limiter.check(key("u"));
      assertThat(none.allowed()).isFalse();
      assertThat(none.reason()).isEqualTo(Reason.OVER_LIMIT);
      assertThat(none.deciding().orElseThrow().limit().name()).isEqualTo("second");
      assertThat(none.retryAfterMicros()).isEqualTo(4_000_000);
      assertThat(remaining(limiter, "real")).isEqualTo(7);
      clock.advanceMicros(3_999_999);
      assertThat(limiter.check(key("u")).allowed()).isFalse();
      clock.advanceMicros(1);
      assertThat(limiter.check(key("u")).allowed()).isTrue();
    }
  }

  @Test
  default void rule13_policyWithoutLimits_letsPassAndSaysSo() {
    try (Store store = create(clock())) {
      Policy free = Policy.named("free").match("k", ValuePattern.exact("vip")).unlimited().build();
      RateLimiter limiter = RateLimiter.create(store, set(free, policy("p", tight("x", 1))));
      Decision both = limiter.check(List.of(key("u"), key("vip")));
      assertThat(both.reason()).isEqualTo(Reason.WITHIN_LIMIT);
      assertThat(both.unlimited()).containsExactly(new Unlimited("free", 1));
      Decision denied = limiter.check(List.of(key("u"), key("vip")));
      assertThat(denied.allowed()).isFalse();
      assertThat(denied.unlimited()).containsExactly(new Unlimited("free", 1));
      RateLimiter open = RateLimiter.create(store, set(free));
      Decision alone = open.check(key("vip"));
      assertThat(alone.allowed()).isTrue();
      assertThat(alone.reason()).isEqualTo(Reason.UNLIMITED);
      assertThat(alone.states()).isEmpty();
    }
  }

  @Test
  default void replacedLimit_takesNoPartWhereTheOtherPolicyMatches() {
    try (Store store = create(clock())) {
      Policy wide =
          Policy.named("wide")
              .match("k", ValuePattern.exact("big"))
              .limit(tight("wide", 5))
              .replaces(List.of("narrow"))
              .build();
      RateLimiter limiter = RateLimiter.create(store, set(policy("p", tight("narrow", 1)), wide));
      Descriptor big = key("big");
      List<Descriptor> request = List.of(key("u"), big);
      assertThat(limiter.check(request).states())
          .extracting(state -> state.limit().name())
          .containsExactly("wide");
      assertThat(limiter.check(request).allowed()).isTrue();
      assertThat(limiter.check(key("u")).allowed()).isTrue();
      assertThat(limiter.check(key("u")).allowed()).isFalse();
      assertThat(limiter.check(request).allowed()).isTrue();
    }
  }

  @Test
  default void rule12_record_goesIntoDebtWhereAPeekIsDenied() {
    try (Store store = create(clock())) {
      RateLimiter limiter = RateLimiter.create(store, set(policy("p", tight("x", 10))));
      assertThat(limiter.record(List.of(key("u").withCost(15))).allowed()).isTrue();
      assertThat(limiter.peek(List.of(key("u"))).allowed()).isFalse();
      assertThat(limiter.record(List.of(key("u").withCost(15))).allowed()).isTrue();
    }
  }

  @Test
  default void rule13_noMatch_isAllowedAndSaysSo() {
    try (Store store = create(clock())) {
      RateLimiter limiter = RateLimiter.create(store, set(policy("p", tight("x", 1))));
      Decision decision = limiter.check(Descriptor.of("elsewhere", "k", "u"));
      assertThat(decision.allowed()).isTrue();
      assertThat(decision.reason()).isEqualTo(Reason.NO_MATCH);
      assertThat(decision.deciding()).isEmpty();
      assertThatThrownBy(() -> PolicySet.of(List.of()))
          .hasMessage("policies: 0 (expected: 1..1000000)");
      RateLimiter open = RateLimiter.create(store, PolicySet.empty());
      assertThat(open.check(key("u")).reason()).isEqualTo(Reason.NO_MATCH);
    }
  }

  @Test
  default void rule17_hold_isReleasedRenewedOrExpires() {
    ManualTimeSource clock = clock();
    try (Store store = create(clock)) {
      Limit held = Limit.of("held", new Concurrency(2, Duration.ofSeconds(10)));
      RateLimiter limiter = limiter(store, clock, set(policy("p", held)));
      List<Descriptor> one = List.of(key("u"));
      assertThat(limiter.hold(one, "a", Duration.ofSeconds(5)).allowed()).isTrue();
      assertThat(limiter.hold(one, "b", Duration.ofSeconds(5)).allowed()).isTrue();
      assertThat(limiter.hold(one, "c", Duration.ofSeconds(5)).allowed()).isFalse();
      limiter.release(one, "a");
      limiter.release(one, "a");
      assertThat(limiter.hold(one, "c", Duration.ofSeconds(9)).allowed()).isTrue();
      clock.advance(Duration.ofSeconds(5));
      assertThat(remaining(limiter, key("u"))).isEqualTo(1);
      Decision taken = limiter.check(key("u"));
      assertThat(taken.allowed()).isTrue();
      assertThat(limiter.refund(taken.receipts())).isEqualTo(1);
      assertThat(remaining(limiter, key("u"))).isEqualTo(1);
    }
  }

  @Test
  default void rule18_descriptors_neverShareACounter() {
    try (Store store = create(clock())) {
      Policy byTwo = Policy.named("two").key("a", "b").limit(tight("x", 1)).build();
      Policy byOne = Policy.named("one").key("a").limit(tight("x", 1)).build();
      RateLimiter limiter = RateLimiter.create(store, set(byTwo, byOne));
      String[][] pairs = {
        {"x", "yz"},
        {"xy", "z"},
        {"xyz", ""},
        {"", "xyz"},
        {"x:", "y"},
        {"x", ":y"},
        {"x\0", "y"},
        {"\uD800", "y"},
        {"\uDC00", "y"},
        {"?", "y"},
        {"\uFFFD", "y"}
      };
      List<String> seen = new ArrayList<>();
      for (String[] pair : pairs) {
        Descriptor descriptor = Descriptor.of("default", "a", pair[0], "b", pair[1]);
        boolean fresh = !seen.contains(pair[0]);
        assertThat(limiter.check(descriptor).allowed()).as("%s", descriptor).isEqualTo(fresh);
        seen.add(pair[0]);
      }
      Limit own = tight("x", 1);
      Descriptor brought = Descriptor.of("default", "a", "x").withLimit(own);
      assertThat(limiter.check(brought).allowed()).isTrue();
      assertThat(limiter.check(brought).allowed()).isFalse();
    }
  }

  @Test
  default void requestedLimit_countsWhereADescriptorsOwnLimitDoes() {
    byte[] key = "user-1".getBytes(StandardCharsets.UTF_8);
    ManualTimeSource clock = clock();
    try (Store store = create(clock)) {
      List<String> heard = new ArrayList<>();
      RateLimiter limiter =
          RateLimiter.builder()
              .store(store)
              .policies(PolicySet.empty())
              .clock(clock)
              .listener((asked, decision) -> heard.add(asked + " " + decision.allowed()))
              .build();
      int sample = 0;
      for (Algorithm algorithm : Samples.counting()) {
        Limit own = Limit.of("own-" + sample++, algorithm);
        RequestedLimit requested = limiter.requested("ask", own);
        Descriptor same = Descriptor.of("ask", "key", "user-1").withLimit(own);
        heard.clear();

        assertThat(requested.check(key, 0, key.length, 4).remaining()).isEqualTo(6);
        assertThat(limiter.check(same.withCost(3)).remaining()).as("%s", algorithm).isEqualTo(3);
        assertThat(requested.check(key, 0, key.length, 4).allowed()).isFalse();
        assertThat(requested.check(key, 0, key.length, 11).reason()).isEqualTo(Reason.TOO_BIG);
        assertThat(requested.check(key, 0, key.length, 0).remaining()).isEqualTo(3);
        assertThat(requested.check(key, 0, key.length, 3).remaining()).isZero();
        Decision denied = requested.checkAsync(key, 0, key.length, 1).toCompletableFuture().join();
        assertThat(denied).isEqualTo(limiter.check(same));
        assertThat(heard)
            .containsExactly(
                "[ask{key=user-1}] true",
                "[ask{key=user-1}] true",
                "[ask{key=user-1}] false",
                "[ask{key=user-1}] false",
                "[ask{key=user-1}] true",
                "[ask{key=user-1}] true",
                "[ask{key=user-1}] false",
                "[ask{key=user-1}] false");
      }
      Limit shadow = tight("shadow", 1).shadow();
      RequestedLimit watching = limiter.requested("ask", shadow);
      assertThat(watching.check(key, 0, key.length, 1).allowed()).isTrue();
      assertThat(watching.check(key, 0, key.length, 1).allowed()).isTrue();
    }
  }

  @Test
  default void rule21_lowerAndHigherAgain_keepsWhatIsSpent() {
    for (Algorithm algorithm : Samples.counting()) {
      try (Store store = create(clock())) {
        RateLimiter normal = RateLimiter.create(store, set(policy("p", limit(algorithm))));
        RateLimiter degraded = normal.withPolicies(set(policy("p", limit(algorithm.dividedBy(2)))));
        normal.check(key("u").withCost(6));
        boolean bucket = algorithm instanceof TokenBucket;
        assertThat(remaining(degraded, key("u"))).as("%s", algorithm).isEqualTo(bucket ? 4 : 0);
        assertThat(degraded.check(key("u")).allowed()).as("%s", algorithm).isEqualTo(bucket);
        assertThat(remaining(normal, key("u"))).as("%s", algorithm).isEqualTo(bucket ? 3 : 4);
      }
    }
  }

  @Test
  default void rule21_anotherAlgorithm_startsFresh() {
    try (Store store = create(clock())) {
      for (Algorithm from : Samples.counting()) {
        for (Algorithm to : Samples.counting()) {
          if (from.getClass() != to.getClass()) {
            RateLimiter before = RateLimiter.create(store, set(policy("p", limit(from))));
            Descriptor user = key(from + " to " + to);
            before.check(user.withCost(9));
            RateLimiter after = before.withPolicies(set(policy("p", limit(to))));
            assertThat(after.check(user).remaining()).as("%s", user).isEqualTo(9);
          }
        }
      }
    }
  }

  @Test
  default void rule21_fractionsOfAPermit_areRoundedDown() {
    ManualTimeSource clock = clock();
    try (Store store = create(clock)) {
      Limit thirds = limit(new TokenBucket(10, 3, Duration.ofMillis(10)));
      Limit sevenths = limit(new TokenBucket(10, 7, Duration.ofMillis(10)));
      RateLimiter three = limiter(store, clock, set(policy("p", thirds)));
      RateLimiter seven = three.withPolicies(set(policy("p", sevenths)));
      three.check(key("u").withCost(10));
      long earned = 0;
      for (int i = 1; i <= 300; i++) {
        clock.advanceMicros(1_111);
        RateLimiter limiter = i % 2 == 0 ? three : seven;
        earned += limiter.check(key("u")).allowed() ? 1 : 0;
        // Never more than the faster of the two would have earned in this time.
        assertThat(earned).isLessThanOrEqualTo(i * 1_111L * 7 / 10_000);
      }
    }
  }

  @Test
  default void listener_hearsEveryDecisionAndCannotSpoilIt() {
    try (Store store = create(clock())) {
      List<Decision> heard = Collections.synchronizedList(new ArrayList<>());
      RateLimiter limiter =
          RateLimiter.builder()
              .store(store)
              .policies(set(policy("p", tight("x", 1))))
              .listener(
                  (descriptors, decision) -> {
                    heard.add(decision);
                    throw new IllegalStateException("listener at fault");
                  })
              .build();
      List<Decision> made = new ArrayList<>();
      made.add(limiter.check(key("u")));
      made.add(limiter.check(key("u")));
      made.add(limiter.peek(List.of(key("u"))));
      made.add(limiter.check(Descriptor.of("elsewhere", "k", "u")));
      assertThat(heard).isEqualTo(made);
    }
  }

  @Test
  default void sizes_beyondTheirBounds_areRefusedClearly() {
    List<Descriptor.Entry> entries = new ArrayList<>();
    for (int i = 0; i <= 32; i++) {
      entries.add(new Descriptor.Entry("k" + i, "v"));
    }
    assertThatThrownBy(() -> Descriptor.of("d", entries))
        .hasMessage("entries: 33 (expected: 0..32)");
    assertThatThrownBy(() -> Descriptor.of("d", "k", "x".repeat(4_096)))
        .hasMessageContaining("4098 characters (expected: 0..4096)");
    assertThatThrownBy(() -> key("u").withCost(1L << 31))
        .hasMessage("cost: 2147483648 (expected: 0..2147483647)");
    assertThatThrownBy(() -> key("u").withCost(-1)).hasMessageContaining("cost: -1");
    try (Store store = create(clock())) {
      RateLimiter limiter =
          RateLimiter.create(store, set(policy("p", tight("x", 1), tight("y", 1))));
      List<Descriptor> many = new ArrayList<>();
      for (int i = 0; i < 51; i++) {
        many.add(key("u" + i));
      }
      assertThatThrownBy(() -> limiter.check(many))
          .hasMessage("charges of one check: 102 (expected: 0..100)");
      assertThatThrownBy(() -> limiter.check(List.of())).hasMessageContaining("descriptors: 0");
      assertThatCode(() -> limiter.check(many.subList(0, 50))).doesNotThrowAnyException();
    }
  }

  @Test
  default void policies_matchByCondition() {
    try (Store store = create(clock())) {
      Policy some =
          Policy.named("some")
              .match("tier", ValuePattern.exact("free"))
              .key("k")
              .limit(tight("x", 1))
              .build();
      RateLimiter limiter = RateLimiter.create(store, set(some));
      Descriptor free = Descriptor.of("default", "k", "u", "tier", "free");
      Descriptor paid = Descriptor.of("default", "k", "u", "tier", "paid");
      assertThat(limiter.check(free).allowed()).isTrue();
      assertThat(limiter.check(free).allowed()).isFalse();
      assertThat(limiter.check(paid).reason()).isEqualTo(Reason.NO_MATCH);
    }
  }
}
