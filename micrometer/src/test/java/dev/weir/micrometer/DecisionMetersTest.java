// SPDX-License-Identifier: Apache-2.0
package dev.weir.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.Descriptor;
import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.TokenBucket;
import dev.weir.core.ValuePattern;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

final class DecisionMetersTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private static Policy policy(String name, String domain) {
    return Policy.named(name)
        .domain(domain)
        .match("user", ValuePattern.any())
        .key("user")
        .limit(Limit.of("burst", TokenBucket.of(2, Duration.ofDays(1))))
        .build();
  }

  private static RateLimiter limiter(DecisionMeters meters, Policy... policies) {
    return RateLimiter.builder().policies(PolicySet.of(List.of(policies))).listener(meters).build();
  }

  private static void check(RateLimiter limiter, String domain, int times) {
    for (int i = 0; i < times; i++) {
      var unused = limiter.check(Descriptor.of(domain, "user", "7"));
    }
  }

  private double count(String policy, String limit, String outcome, String reason) {
    FunctionCounter counter =
        registry
            .find("weir.decisions")
            .tags("policy", policy, "limit", limit, "outcome", outcome, "reason", reason)
            .functionCounter();
    return counter == null ? -1 : counter.count();
  }

  @Test
  void decisions_ofALimit_countByOutcomeAndReason() {
    DecisionMeters meters = new DecisionMeters();
    meters.bindTo(registry);

    check(limiter(meters, policy("per-user", "api")), "api", 5);

    assertThat(count("per-user", "burst", "allowed", "within_limit")).isEqualTo(2);
    assertThat(count("per-user", "burst", "denied", "over_limit")).isEqualTo(3);
    assertThat(registry.getMeters()).hasSize(2);
  }

  @Test
  void decisions_withoutALimit_countAsNone() {
    DecisionMeters meters = new DecisionMeters();
    meters.bindTo(registry);

    check(limiter(meters, policy("per-user", "api")), "elsewhere", 3);

    assertThat(count("none", "none", "allowed", "no_match")).isEqualTo(3);
  }

  @Test
  void decisions_byALimitOfTheRequest_countUnderAPolicyThatNoFileCanName() {
    DecisionMeters meters = new DecisionMeters();
    meters.bindTo(registry);
    Limit brought = Limit.of("per-call", TokenBucket.of(2, Duration.ofDays(1)));

    RateLimiter limiter = limiter(meters, policy("per-user", "elsewhere"));
    for (int i = 0; i < 3; i++) {
      var unused = limiter.check(Descriptor.of("api", "user", "7").withLimit(brought));
    }

    assertThat(count("(request)", "per-call", "allowed", "within_limit")).isEqualTo(2);
    assertThat(count("(request)", "per-call", "denied", "over_limit")).isEqualTo(1);
  }

  @Test
  void registry_boundLate_learnsWhatWasCountedBefore() {
    DecisionMeters meters = new DecisionMeters();
    RateLimiter limiter = limiter(meters, policy("per-user", "api"));
    check(limiter, "api", 1);

    meters.bindTo(registry);
    check(limiter, "api", 2);

    assertThat(count("per-user", "burst", "allowed", "within_limit")).isEqualTo(2);
    assertThat(count("per-user", "burst", "denied", "over_limit")).isEqualTo(1);
  }

  @Test
  void policies_ofOneNameInTwoDomains_countTogether() {
    DecisionMeters meters = new DecisionMeters();
    meters.bindTo(registry);
    RateLimiter one = limiter(meters, policy("per-user", "api"));
    RateLimiter other = limiter(meters, policy("per-user", "jobs"));

    check(one, "api", 1);
    check(other, "jobs", 1);
    check(one, "api", 1);

    assertThat(count("per-user", "burst", "allowed", "within_limit")).isEqualTo(3);
  }

  @Test
  void limits_beyondTheBound_countAsOther() {
    DecisionMeters meters = new DecisionMeters(2);
    meters.bindTo(registry);
    List<Policy> policies = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      policies.add(policy("p" + i, "d" + i));
    }
    RateLimiter limiter = limiter(meters, policies.toArray(Policy[]::new));

    for (int i = 0; i < 5; i++) {
      check(limiter, "d" + i, 2);
    }
    check(limiter, "d0", 1);

    assertThat(count("p0", "burst", "allowed", "within_limit")).isEqualTo(2);
    assertThat(count("p0", "burst", "denied", "over_limit")).isEqualTo(1);
    assertThat(count("p1", "burst", "allowed", "within_limit")).isEqualTo(2);
    assertThat(count("p2", "burst", "allowed", "within_limit")).isEqualTo(-1);
    assertThat(count("other", "other", "allowed", "within_limit")).isEqualTo(6);
  }

  @Test
  void decisions_ofSeveralThreads_areAllCounted() throws InterruptedException {
    DecisionMeters meters = new DecisionMeters();
    meters.bindTo(registry);
    RateLimiter limiter = limiter(meters, policy("per-user", "api"), policy("per-job", "jobs"));
    CountDownLatch start = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  start.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                for (int n = 0; n < 1_000; n++) {
                  check(limiter, n % 2 == 0 ? "api" : "jobs", 1);
                }
              });
      thread.start();
      threads.add(thread);
    }
    start.countDown();
    for (Thread thread : threads) {
      thread.join();
    }

    for (String policy : List.of("per-user", "per-job")) {
      assertThat(
              count(policy, "burst", "allowed", "within_limit")
                  + count(policy, "burst", "denied", "over_limit"))
          .isEqualTo(2_000);
    }
  }

  @Test
  void meters_withANegativeBound_areRefused() {
    assertThatThrownBy(() -> new DecisionMeters(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxLimits: -1 (expected: 0 or more)");
  }
}
