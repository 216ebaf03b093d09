// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.Algorithm;
import dev.weir.core.Concurrency;
import dev.weir.core.CounterKey;
import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.FailurePolicy;
import dev.weir.core.FixedWindow;
import dev.weir.core.Lease;
import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.Reason;
import dev.weir.core.RequestedLimit;
import dev.weir.core.SlidingLog;
import dev.weir.core.Store;
import dev.weir.core.TokenBucket;
import dev.weir.core.Unlimited;
import dev.weir.core.ValuePattern;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * What a rate limiter must do over every store: the rules of {@code docs/semantics.md} that
 * policies and several descriptors have part in.
 *
 * <p>A store's test class implements this interface and with it inherits the tests.
 */
public interface RateLimiterContract {

  /** A new store that judges by the clock and holds nothing, or at least no key of this test. */
  Store create(ManualTimeSource clock);

  /** A new clock of the kind that the tests shall use. */
  default ManualTimeSource clock() {
    return ManualTimeSource.create();
  }

  private static Policy policy(String name, Limit... limits) {
    return Policy.named(name).key("k").limits(List.of(limits)).build();
  }

  private static PolicySet set(Policy... policies) {
    return PolicySet.of(List.of(policies));
  }

  private static Descriptor key(String value) {
    return Descriptor.of("default", "k", value);
  }

  private static Limit limit(Algorithm algorithm) {
    return Limit.of("limit", algorithm);
  }

  private static Limit tight(String name, long permits) {
    return Limit.of(name, new FixedWindow(permits, Duration.ofHours(1)));
  }

  private static long remaining(RateLimiter limiter, Descriptor descriptor) {
    return limiter.peek(List.of(descriptor.withCost(0))).remaining();
  }

  /** A limiter that remembers by the clock that its store judges by. */
  private static RateLimiter limiter(Store store, ManualTimeSource clock, PolicySet policies) {
    return RateLimiter.builder().store(store).policies(policies).clock(clock).build();
  }

  /** Remaining at one limit of the key "u". */
  private static long remaining(RateLimiter limiter, String limit) {
    return limiter.peek(List.of(key("u").withCost(0))).states().stream()
        .filter(state -> state.limit().name().equals(limit))
        .findFirst()
        .orElseThrow()
        .verdict()
        .remaining();
  }

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
