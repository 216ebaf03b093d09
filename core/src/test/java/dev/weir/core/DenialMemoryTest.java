// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class DenialMemoryTest {

  private static final Limit LIMIT = Limit.of("l", TokenBucket.of(2, Duration.ofHours(1)));

  private final AtomicLong clock = new AtomicLong(1_000_000_000);
  private final AtomicInteger asked = new AtomicInteger();

  /** A store that is elsewhere. */
  private final class Elsewhere implements Store {
    private final MemoryStore store = MemoryStore.unswept(clock::get, 1_000);

    @Override
    public CompletionStage<List<Verdict>> apply(List<Charge> charges) {
      asked.incrementAndGet();
      return store.apply(charges);
    }

    @Override
    public void close() {
      store.close();
    }
  }

  private RateLimiter.Builder over(Limit limit) {
    return RateLimiter.builder()
        .store(new Elsewhere())
        .policies(RateLimiter.of(limit).policies())
        .clock(clock::get);
  }

  @Test
  void everyWayToCheck_knowsTheDenial() {
    RateLimiter limiter = over(LIMIT).build();
    byte[] utf8 = "key".getBytes(StandardCharsets.UTF_8);
    Handle handle = limiter.handle("key");
    Descriptor descriptor = Descriptor.of("default", "key", "key");
    for (int i = 0; i < 3; i++) {
      limiter.check("key");
    }
    assertThat(asked).hasValue(3);
    assertThat(limiter.tryTake("key")).isFalse();
    assertThat(limiter.tryTake(utf8, 0, utf8.length)).isFalse();
    assertThat(limiter.check("key").allowed()).isFalse();
    assertThat(limiter.check(utf8, 0, utf8.length).allowed()).isFalse();
    assertThat(limiter.check(descriptor).allowed()).isFalse();
    assertThat(limiter.check(List.of(descriptor, descriptor)).allowed()).isFalse();
    assertThat(handle.tryTake()).isFalse();
    assertThat(handle.check().allowed()).isFalse();
    assertThat(limiter.checkAsync(List.of(descriptor)).toCompletableFuture().join().allowed())
        .isFalse();
    assertThat(asked).hasValue(3);
    assertThat(handle.tryTake(0)).isFalse();
    assertThat(limiter.check("another").allowed()).isTrue();
  }

  @Test
  void handle_isHeard() {
    int[] heard = {0, 0};
    RateLimiter limiter =
        over(LIMIT).listener((d, decision) -> heard[decision.allowed() ? 0 : 1]++).build();
    Handle handle = limiter.handle("key");
    for (int i = 0; i < 10; i++) {
      handle.tryTake();
    }
    assertThat(heard).containsExactly(2, 8);
    assertThat(asked).hasValue(3);
  }

  @Test
  void clockSetBack_forgets() {
    RateLimiter limiter = over(LIMIT).build();
    for (int i = 0; i < 3; i++) {
      limiter.check("key");
    }
    clock.addAndGet(-1);
    limiter.check("key");
    assertThat(asked).hasValue(4);
  }

  @Test
  void moreKeysThanItHolds_areAskedForAgain() {
    RateLimiter limiter = over(LIMIT).denialMemory(16).build();
    for (int round = 0; round < 3; round++) {
      for (int key = 0; key < 500; key++) {
        limiter.check("key" + key);
      }
    }
    int before = asked.get();
    for (int key = 0; key < 500; key++) {
      assertThat(limiter.check("key" + key).allowed()).isFalse();
    }
    assertThat(asked.get() - before).isBetween(500 - 16, 499);
  }

  @Test
  void anotherTierOfTheKey_isNotConcerned() {
    Policy policy =
        Policy.named("p")
            .key("k")
            .limit(LIMIT)
            .override(
                LimitOverride.multiply(
                    List.of(new Condition("tier", ValuePattern.exact("pro"))), 10))
            .build();
    RateLimiter limiter = over(LIMIT).policies(PolicySet.of(List.of(policy))).build();
    Descriptor plain = Descriptor.of("default", "k", "v");
    for (int i = 0; i < 3; i++) {
      limiter.check(plain);
    }
    limiter.check(Descriptor.of("default", "k", "v", "tier", "pro"));
    assertThat(asked).hasValue(4);
  }
}
