// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class LocalShareTest {

  private static RateLimiter.Builder with(Limit... limits) {
    Policy policy = Policy.named("p").limits(List.of(limits)).build();
    return RateLimiter.builder().policies(PolicySet.of(List.of(policy)));
  }

  @Test
  void localLimit_withoutNodes_isRefused() {
    Limit local =
        Limit.of("l", TokenBucket.of(1, Duration.ofSeconds(1))).onFailure(FailurePolicy.LOCAL);
    assertThatThrownBy(() -> with(local).build())
        .hasMessageContaining("limit p/l: failure policy local");
  }

  @Test
  void localLimit_ofAnOverrideWithoutNodes_isRefused() {
    Limit limit = Limit.of("l", TokenBucket.of(1, Duration.ofSeconds(1)));
    LimitOverride override =
        LimitOverride.replace(
            List.of(new Condition("k", ValuePattern.any())),
            List.of(limit.onFailure(FailurePolicy.LOCAL)));
    Policy policy = Policy.named("p").limit(limit).override(override).build();
    assertThatThrownBy(() -> RateLimiter.builder().policies(PolicySet.of(List.of(policy))).build())
        .hasMessageContaining("limit p/l: failure policy local");
  }

  @Test
  void localLimit_whoseShareCannotBeCounted_isRefused() {
    Limit slow =
        Limit.of("l", TokenBucket.of(1, Duration.ofDays(36_500))).onFailure(FailurePolicy.LOCAL);
    assertThatThrownBy(() -> with(slow).nodes(3).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("limit p/l")
        .hasMessageContaining("share of 3 nodes");
  }

  @Test
  void localShare_ofMoreNodesThanCanBeCounted_isStillGivenOut() {
    AtomicInteger nodes = new AtomicInteger(1);
    Limit slow =
        Limit.of("l", TokenBucket.of(4, Duration.ofDays(36_500))).onFailure(FailurePolicy.LOCAL);
    RateLimiter limiter = with(slow).nodes(nodes::get).store(new Unreachable()).build();
    nodes.set(3);
    Decision decision = limiter.check(Descriptor.of("default", List.of()));
    assertThat(decision.reason()).isEqualTo(Reason.FAILURE_LOCAL);
    assertThat(decision.allowed()).isTrue();
  }

  private static final class Unreachable implements Store {
    @Override
    public CompletionStage<List<Verdict>> apply(List<Charge> charges) {
      return CompletableFuture.failedFuture(
          new StoreException(StoreException.Category.UNAVAILABLE, "away"));
    }

    @Override
    public void close() {}
  }
}
