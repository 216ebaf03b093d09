// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class TokenBucketKernelTest {

  private static final long NOW = 1_767_225_600_000_003L;

  @Test
  void compile_commonRates_countsInMicroseconds() {
    assertThat(TokenBucketKernel.compile(100, 100, Duration.ofMinutes(1)))
        .isEqualTo(new TokenBucketKernel(100, 600_000, 1, 1));
    assertThat(TokenBucketKernel.compile(5_000, 3_000_000, Duration.ofSeconds(1)))
        .isEqualTo(new TokenBucketKernel(5_000, 1, 3, 1));
    assertThat(TokenBucketKernel.compile(10, 999_983, Duration.ofSeconds(1)))
        .isEqualTo(new TokenBucketKernel(10, 1_000_000, 999_983, 1));
  }

  @Test
  void compile_slowRates_takesACoarserTick() {
    assertThat(TokenBucketKernel.compile(1_000, 1, Duration.ofDays(1)).tickMicros()).isEqualTo(100);
    assertThat(TokenBucketKernel.compile(1, 1, Duration.ofDays(36_500)).tickMicros())
        .isEqualTo(1_000);
    // 2^32 permits per second gain 2^28 units in 62.5 ms at most: 4294967.296 per microsecond.
    assertThat(TokenBucketKernel.compile(10, 1L << 32, Duration.ofSeconds(1)).tickMicros())
        .isEqualTo(1);
  }

  @Test
  void compile_whatCannotBeCounted_isRefusedWithTheReason() {
    assertThatThrownBy(() -> new TokenBucket(1L << 40, 1, Duration.ofNanos(7_000_001_000L)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("token bucket: capacity 1099511627776, refill 1 per PT7.000001S")
        .hasMessageContaining("expected: values whose exact count stays below 2^53");
    assertThatThrownBy(() -> TokenBucket.of(0, Duration.ofSeconds(1)))
        .hasMessage("capacity: 0 (expected: 1..9007199254740991)");
    assertThatThrownBy(() -> TokenBucket.of(1, Duration.ofNanos(1)))
        .hasMessageContaining("period: PT0.000000001S (expected: whole microseconds");
    assertThatThrownBy(() -> TokenBucket.of(1, Duration.ZERO)).hasMessageContaining("period: PT0S");
  }

  @Test
  void adopt_betweenTicks_neverInventsCredit() {
    TokenBucketKernel fine = TokenBucketKernel.compile(1L << 20, 3, Duration.ofNanos(10_000));
    TokenBucketKernel coarse = TokenBucketKernel.compile(1L << 43, 3, Duration.ofNanos(10_000));
    assertThat(coarse.tickMicros()).isEqualTo(10);
    long now = NOW - Math.floorMod(NOW, 10);
    TokenBucketKernel.Bucket bucket = new TokenBucketKernel.Bucket(0, now);
    for (int i = 0; i < 1_000; i++) {
      now += 9;
      bucket = coarse.adopt(bucket, fine, now);
      now++;
      bucket = fine.adopt(bucket, coarse, now);
    }
    assertThat(fine.balance(fine.settle(bucket, now), now)).isLessThanOrEqualTo(3_000);
  }

  @Test
  void adopt_onAnEarlierReading_keepsTheStoredTime() {
    TokenBucketKernel old = TokenBucketKernel.compile(10, 10, Duration.ofSeconds(1));
    TokenBucketKernel changed = TokenBucketKernel.compile(20, 20, Duration.ofSeconds(1));
    TokenBucketKernel.Bucket empty = new TokenBucketKernel.Bucket(0, NOW);
    TokenBucketKernel.Bucket adopted = changed.adopt(empty, old, NOW - 500_000);
    assertThat(changed.balance(changed.settle(adopted, NOW), NOW)).isZero();
  }

  @Test
  void adopt_fractions_areCarriedOverByFloor() {
    TokenBucketKernel old = TokenBucketKernel.compile(10, 1, Duration.ofNanos(7_000));
    TokenBucketKernel changed = TokenBucketKernel.compile(10, 1, Duration.ofNanos(3_000));
    // 2 + 6/7 permits are 8 + 4/7 of 3 units.
    TokenBucketKernel.Bucket adopted =
        changed.adopt(new TokenBucketKernel.Bucket(20, NOW), old, NOW);
    assertThat(adopted.credit()).isEqualTo(8);
    TokenBucketKernel.Bucket owed = changed.adopt(new TokenBucketKernel.Bucket(-20, NOW), old, NOW);
    // −3 + 1/7.
    assertThat(owed.credit()).isEqualTo(-9);
  }
}
