// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ShedTest {

  private static final Limit TEN = Limit.of("ten", new FixedWindow(10, Duration.ofDays(1)));
  private static final PriorityRule BY_ENTRY = PriorityRule.from("priority", Priority.NORMAL);

  private static Policy.Builder policy(String name) {
    return Policy.named(name).key("user").limit(TEN);
  }

  private static RateLimiter limiter(Policy... policies) {
    return RateLimiter.create(MemoryStore.create(), PolicySet.of(List.of(policies)));
  }

  private static Descriptor of(Priority priority) {
    return Descriptor.of("default", "user", "u", "priority", priority.word());
  }

  private static Descriptor plain() {
    return Descriptor.of("default", "user", "u");
  }

  @Test
  void check_ofShedPriority_isDeniedAndChargesNothing() {
    RateLimiter limiter = limiter(policy("p").priority(BY_ENTRY).shed(Priority.NORMAL).build());

    Decision low = limiter.check(of(Priority.LOW));
    assertThat(low.allowed()).isFalse();
    assertThat(low.reason()).isEqualTo(Reason.SHED);
    assertThat(low.reason().word()).isEqualTo("shed");
    assertThat(low.retryAfterMicros()).isEqualTo(Decision.SHED_RETRY_MICROS);
    assertThat(limiter.check(plain()).reason()).isEqualTo(Reason.SHED);
    assertThat(limiter.check(Descriptor.of("default", "user", "u", "priority", "Critical")))
        .extracting(Decision::reason)
        .isEqualTo(Reason.SHED);
    assertThat(limiter.check(of(Priority.HIGH)).remaining()).isEqualTo(9);
  }

  @Test
  void check_moreIsShed_neverAdmitsMoreAndNeverShedsCritical() {
    Set<Priority> before = EnumSet.noneOf(Priority.class);
    for (Priority highest : List.of(Priority.LOW, Priority.NORMAL, Priority.HIGH)) {
      RateLimiter limiter = limiter(policy("p").priority(BY_ENTRY).shed(highest).build());
      Set<Priority> shed = EnumSet.noneOf(Priority.class);
      for (Priority priority : Priority.values()) {
        if (limiter.check(of(priority)).reason() == Reason.SHED) {
          shed.add(priority);
        }
      }
      assertThat(shed).containsAll(before).contains(highest).doesNotContain(Priority.CRITICAL);
      before = shed;
    }
    assertThatThrownBy(() -> policy("p").shed(Priority.CRITICAL).build())
        .hasMessage("shed: critical (expected: low, normal or high)");
  }

  @Test
  void check_severalPolicies_theMostImportantOneSaysHowMuchItMatters() {
    Policy everybody = policy("everybody").shed(Priority.HIGH).build();
    Policy payments =
        policy("payments")
            .match("path", ValuePattern.prefix("/pay"))
            .priority(PriorityRule.of(Priority.CRITICAL))
            .shed(Priority.HIGH)
            .build();
    RateLimiter limiter = limiter(everybody, payments);
    Descriptor payment = Descriptor.of("default", "user", "u", "path", "/pay/1");

    assertThat(limiter.check(payment).allowed()).isTrue();
    assertThat(limiter.check(List.of(plain(), payment)).allowed()).isTrue();
    assertThat(limiter.check(plain()).reason()).isEqualTo(Reason.SHED);
  }

  @Test
  void otherCalls_whileShedding_goOn() {
    Policy calm =
        policy("p").limit(Limit.of("held", new Concurrency(5, Duration.ofHours(1)))).build();
    RateLimiter before = limiter(calm);
    List<Descriptor> one = List.of(plain());
    Decision held = before.hold(one, "id", Duration.ofMinutes(1));
    RateLimiter limiter =
        before.withPolicies(
            before.policies().next(List.of(calm.with(calm.limits(), List.of(), shedHigh()))));

    assertThat(limiter.peek(one).reason()).isEqualTo(Reason.SHED);
    assertThat(limiter.hold(one, "other", Duration.ofMinutes(1)).reason()).isEqualTo(Reason.SHED);
    assertThat(limiter.record(one).allowed()).isTrue();
    assertThat(limiter.renewAsync(one, "id", Duration.ofMinutes(1)).toCompletableFuture().join())
        .matches(Decision::allowed);
    assertThat(limiter.release(one, "id").allowed()).isTrue();
    assertThat(limiter.refund(held.receipts())).isEqualTo(1);
  }

  private static Optional<Priority> shedHigh() {
    return Optional.of(Priority.HIGH);
  }

  @Test
  void check_listsAndShadow_goBeforeShedding() {
    Condition inside = new Condition("ip", ValuePattern.cidr("10.0.0.0/8"));
    Condition mallory = new Condition("user", ValuePattern.exact("mallory"));
    RateLimiter listed =
        limiter(policy("p").allow(inside).deny(mallory).shed(Priority.HIGH).build());
    RateLimiter shadow = limiter(policy("p").mode(Mode.SHADOW).shed(Priority.HIGH).build());

    assertThat(listed.check(Descriptor.of("default", "user", "u", "ip", "10.1.1.1")).reason())
        .isEqualTo(Reason.ALLOW_LIST);
    assertThat(listed.check(Descriptor.of("default", "user", "mallory")).reason())
        .isEqualTo(Reason.DENY_LIST);
    assertThat(shadow.check(plain()).allowed()).isTrue();
  }

  @Test
  void keyOfTheDefaultDomain_shed_isDeniedOnEveryWay() {
    Policy policy =
        Policy.named("p")
            .match(RateLimiter.DEFAULT_KEY, ValuePattern.any())
            .key(RateLimiter.DEFAULT_KEY)
            .limit(TEN)
            .shed(Priority.NORMAL)
            .build();
    RateLimiter limiter = limiter(policy);

    assertThat(limiter.check("k").reason()).isEqualTo(Reason.SHED);
    assertThat(limiter.tryTake("k")).isFalse();
    assertThatThrownBy(() -> limiter.handle("k")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void explain_shedPolicy_saysSo() {
    Policy policy = policy("p").priority(BY_ENTRY).shed(Priority.LOW).build();
    PolicySet set = PolicySet.of(List.of(policy));

    assertThat(set.explain(of(Priority.LOW)))
        .containsExactly(new PolicyExplanation.Listed(policy, Reason.SHED));
    assertThat(set.explain(of(Priority.NORMAL)).getFirst())
        .isInstanceOf(PolicyExplanation.Matched.class);
  }
}
