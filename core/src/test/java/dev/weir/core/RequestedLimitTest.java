// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestedLimitTest {

  private static final Limit TEN = Limit.of("ten", TokenBucket.of(10, Duration.ofMinutes(1)));
  private static final byte[] KEY = "k".getBytes(StandardCharsets.UTF_8);

  private final RateLimiter limiter = RateLimiter.create(MemoryStore.create(), PolicySet.empty());

  @Test
  void requested_ofAConcurrencyLimit_isRefused() {
    Limit holding = Limit.of("c", new Concurrency(1, Duration.ofSeconds(1)));

    assertThatThrownBy(() -> limiter.requested("d", holding))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no concurrency");
  }

  @Test
  void check_outOfRange_isRefusedWithExpectation() {
    RequestedLimit requested = limiter.requested("d", TEN);

    assertThatThrownBy(() -> requested.check(new byte[5_000], 0, 5_000, 1))
        .hasMessageContaining("bytes of the key: 5000 (expected: 0..4092)");
    assertThatThrownBy(() -> requested.check(KEY, 0, 1, -1)).hasMessageContaining("cost: -1");
    assertThatThrownBy(() -> requested.check(KEY, 1, 1, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void check_underOtherPolicies_goesOnCounting() {
    RequestedLimit requested = limiter.requested("d", TEN);
    requested.check(KEY, 0, 1, 4);
    RateLimiter changed =
        limiter.withPolicies(
            PolicySet.of(List.of(Policy.named("p").key("user").limit(TEN).build())));

    assertThat(changed.requested("d", TEN).check(KEY, 0, 1, 1).remaining()).isEqualTo(5);
    assertThat(requested.check(KEY, 0, 1, 1).remaining()).isEqualTo(4);
    assertThat(limiter.requested("other", TEN).check(KEY, 0, 1, 1).remaining()).isEqualTo(9);
  }

  @Test
  void kernelIds_ofRequests_endWithTheirBudget() {
    KernelIds.Budget budget = new KernelIds.Budget(2);
    int known = KernelIds.of(kernel(1_000_001));

    assertThat(KernelIds.of(kernel(1_000_001), budget)).isEqualTo(known);
    KernelIds.of(kernel(1_000_002), budget);
    KernelIds.of(kernel(1_000_003), budget);
    assertThatThrownBy(() -> KernelIds.of(kernel(1_000_004), budget))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 2 different ones by requests");
    assertThatCode(() -> KernelIds.of(kernel(1_000_003), budget)).doesNotThrowAnyException();
    assertThatCode(() -> KernelIds.of(kernel(1_000_004))).doesNotThrowAnyException();
  }

  private static Kernel kernel(long capacity) {
    return TokenBucket.of(capacity, Duration.ofMinutes(1)).kernel();
  }
}
