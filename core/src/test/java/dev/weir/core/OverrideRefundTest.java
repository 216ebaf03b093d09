// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class OverrideRefundTest {

  @Test
  void rule10_refundUnderAnOverride_keepsTheOverridesCredit() {
    Policy policy =
        Policy.named("p")
            .key("user")
            .limit(Limit.of("l", TokenBucket.of(100, Duration.ofDays(1))))
            .override(
                LimitOverride.multiply(
                    List.of(new Condition("user", ValuePattern.exact("alice"))), 10))
            .build();
    RateLimiter limiter = RateLimiter.create(MemoryStore.create(), PolicySet.of(List.of(policy)));
    Descriptor alice = Descriptor.of("default", "user", "alice");

    Decision decision = limiter.check(alice.withCost(300));
    assertThat(decision.remaining()).isEqualTo(700);
    assertThat(limiter.refund(decision.receipts())).isEqualTo(300);

    assertThat(limiter.peek(List.of(alice.withCost(0))).remaining()).isEqualTo(1_000);
  }
}
