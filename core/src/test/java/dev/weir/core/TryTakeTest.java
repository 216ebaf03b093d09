// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TryTakeTest {

  private static final Limit SIX = Limit.of("six", new TokenBucket(6, 1, Duration.ofDays(1_000)));

  @Test
  void tryTake_textBytesCheckAndHandle_countTogether() {
    RateLimiter limiter = RateLimiter.of(SIX);
    String key = "j\u00fcrgen \ud83d\ude00";
    byte[] bytes = ("##" + key).getBytes(StandardCharsets.UTF_8);
    assertThat(limiter.tryTake(key)).isTrue();
    assertThat(limiter.tryTake(key)).isTrue();
    assertThat(limiter.tryTake(bytes, 2, bytes.length - 2)).isTrue();
    assertThat(limiter.check(bytes, 2, bytes.length - 2).remaining()).isEqualTo(2);
    assertThat(limiter.check(key).remaining()).isEqualTo(1);
    assertThat(limiter.handle(key).tryTake()).isTrue();
    assertThat(limiter.tryTake(key)).isFalse();
    assertThat(limiter.tryTake(bytes, 2, bytes.length - 2)).isFalse();
    assertThat(limiter.tryTake("another")).isTrue();
  }

  @Test
  void tryTake_withAListener_isHeard() {
    int[] heard = {0, 0};
    RateLimiter limiter =
        RateLimiter.builder()
            .policies(RateLimiter.of(SIX).policies())
            .listener((descriptors, decision) -> heard[decision.allowed() ? 0 : 1]++)
            .build();
    for (int i = 0; i < 10; i++) {
      limiter.tryTake("key");
    }
    assertThat(heard).containsExactly(6, 4);
    assertThatThrownBy(() -> limiter.tryTake(new byte[] {(byte) 0xC0}, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("UTF-8");
  }

  @Test
  void handle_whoseCostIsInAnEntry_takesThatCostHoweverOftenItIsAsked() {
    Policy policy =
        Policy.named("p")
            .key("k")
            .cost("tokens")
            .limit(Limit.of("l", TokenBucket.of(10, Duration.ofHours(1))))
            .build();
    RateLimiter limiter =
        RateLimiter.create(
            MemoryStore.create(TimeSource.system(), 10), PolicySet.of(List.of(policy)));
    Handle handle = limiter.handle(Descriptor.of("default", "k", "v", "tokens", "3"));
    assertThat(handle.tryTake()).isTrue();
    assertThat(handle.tryTake()).isTrue();
    assertThat(handle.check().remaining()).isEqualTo(1);
  }
}
