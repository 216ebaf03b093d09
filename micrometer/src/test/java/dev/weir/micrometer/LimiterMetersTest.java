// SPDX-License-Identifier: Apache-2.0
package dev.weir.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Descriptor;
import dev.weir.core.FailurePolicy;
import dev.weir.core.Lease;
import dev.weir.core.Limit;
import dev.weir.core.MemoryStore;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.TokenBucket;
import dev.weir.core.ValuePattern;
import dev.weir.testkit.ManualTimeSource;
import dev.weir.testkit.SwitchableStore;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LimiterMetersTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ManualTimeSource time = ManualTimeSource.create();
  private final SwitchableStore store = new SwitchableStore(MemoryStore.create(time, 1_000));

  private RateLimiter limiter(Limit limit) {
    Policy policy =
        Policy.named("p")
            .domain("d")
            .match("user", ValuePattern.any())
            .key("user")
            .limit(limit)
            .build();
    RateLimiter limiter =
        RateLimiter.builder()
            .store(store)
            .clock(time)
            .policies(PolicySet.of(List.of(policy)))
            .build();
    new LimiterMeters(limiter).bindTo(registry);
    return limiter;
  }

  private static boolean check(RateLimiter limiter) {
    return limiter.check(Descriptor.of("d", "user", "7")).allowed();
  }

  private double value(String name, String... tags) {
    Meter meter = registry.get(name).tags(tags).meter();
    return meter.measure().iterator().next().getValue();
  }

  @Test
  void denials_remembered_areToldWithTheirAnswers() {
    RateLimiter limiter = limiter(Limit.of("one", TokenBucket.of(1, Duration.ofDays(1))));
    assertThat(check(limiter)).isTrue();
    assertThat(value("weir.denials.remembered")).isZero();

    for (int i = 0; i < 4; i++) {
      assertThat(check(limiter)).isFalse();
    }

    assertThat(value("weir.denials.remembered")).isEqualTo(1);
    assertThat(value("weir.denials.answered")).isEqualTo(3);

    time.advance(Duration.ofSeconds(2));

    assertThat(value("weir.denials.remembered")).isZero();
  }

  @Test
  void leases_boughtAndReturned_areTold() {
    Limit bucket = Limit.of("many", TokenBucket.of(10_000, Duration.ofHours(1)));
    RateLimiter limiter = limiter(bucket.leased(new Lease(100, Duration.ofMillis(500))));

    for (int i = 0; i < 50; i++) {
      assertThat(check(limiter)).isTrue();
    }
    double bought = value("weir.leases.permits.bought");
    double here = value("weir.leases.permits");
    assertThat(value("weir.leases.keys")).isEqualTo(1);
    assertThat(bought).isPositive();
    assertThat(here).isBetween(1.0, bought);

    limiter.close();

    assertThat(value("weir.leases.permits")).isZero();
    assertThat(value("weir.leases.permits.returned")).isEqualTo(here);
  }

  @Test
  void failures_ofTheStore_countByCategory() {
    RateLimiter limiter =
        limiter(
            Limit.of("one", TokenBucket.of(9, Duration.ofDays(1))).onFailure(FailurePolicy.OPEN));
    store.cutOff();

    assertThat(check(limiter)).isTrue();
    assertThat(check(limiter)).isTrue();

    assertThat(value("weir.store.failures", "category", "unavailable")).isEqualTo(2);
    assertThat(value("weir.store.failures", "category", "timeout")).isZero();
  }
}
