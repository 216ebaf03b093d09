// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class LeasesTest {

  private static final long CAPACITY = 10_000;
  private static final TokenBucket BUCKET = new TokenBucket(CAPACITY, 1, Duration.ofDays(1));
  private static final Limit LIMIT = Limit.of("l", BUCKET).leased(Lease.of(500));

  private final AtomicLong clock = new AtomicLong(1_000_000_000);
  private final AtomicInteger asked = new AtomicInteger();
  private final MemoryStore behind = MemoryStore.unswept(clock::get, 100_000);
  private boolean broken;

  /** A store that is elsewhere. */
  private final class Elsewhere implements Store {
    @Override
    public CompletionStage<List<Verdict>> apply(List<Charge> charges) {
      asked.incrementAndGet();
      if (broken) {
        throw new IllegalStateException("broken");
      }
      return behind.apply(charges);
    }

    @Override
    public void close() {}
  }

  private RateLimiter over(Limit limit) {
    return RateLimiter.builder()
        .store(new Elsewhere())
        .policies(RateLimiter.of(limit).policies())
        .clock(clock::get)
        .build();
  }

  private static void heat(RateLimiter limiter) {
    for (int i = 0; i < 10; i++) {
      assertThat(limiter.check("key").allowed()).isTrue();
    }
  }

  private long remaining(Limit limit) {
    Descriptor key = Descriptor.of("default", "key", "key");
    return RateLimiter.create(behind, RateLimiter.of(limit).policies())
        .peek(List.of(key))
        .remaining();
  }

  @Test
  void everyWayToCheck_spendsTheLease() {
    RateLimiter limiter = over(LIMIT);
    byte[] utf8 = "key".getBytes(StandardCharsets.UTF_8);
    Handle handle = limiter.handle("key");
    Descriptor descriptor = Descriptor.of("default", "key", "key");
    heat(limiter);
    int before = asked.get();
    for (int i = 0; i < 20; i++) {
      assertThat(limiter.tryTake("key")).isTrue();
      assertThat(limiter.tryTake(utf8, 0, utf8.length)).isTrue();
      assertThat(limiter.check("key").states().getFirst().estimated()).isTrue();
      assertThat(limiter.check(utf8, 0, utf8.length).allowed()).isTrue();
      assertThat(limiter.check(descriptor).allowed()).isTrue();
      assertThat(limiter.check(List.of(descriptor)).allowed()).isTrue();
      assertThat(handle.tryTake()).isTrue();
      assertThat(handle.tryTake(2)).isTrue();
      assertThat(handle.check(3).states().getFirst().estimated()).isTrue();
    }
    assertThat(asked.get() - before).isLessThan(10);
    limiter.close();
    assertThat(remaining(LIMIT)).isEqualTo(CAPACITY - 10 - 20 * 12);
  }

  @Test
  void handle_isHeard() {
    int[] heard = {0};
    RateLimiter limiter =
        RateLimiter.builder()
            .store(new Elsewhere())
            .policies(RateLimiter.of(LIMIT).policies())
            .clock(clock::get)
            .listener((descriptors, decision) -> heard[0]++)
            .build();
    Handle handle = limiter.handle("key");
    for (int i = 0; i < 100; i++) {
      assertThat(handle.tryTake()).isTrue();
    }
    assertThat(heard).containsExactly(100);
    assertThat(asked.get()).isLessThan(30);
  }

  @Test
  void refundOfALeasedAdmission_comesBackToTheStore() {
    RateLimiter limiter = over(LIMIT);
    heat(limiter);
    Decision leased = limiter.check("key");
    assertThat(leased.states().getFirst().estimated()).isTrue();
    assertThat(limiter.refund(leased.receipts())).isEqualTo(1);
    limiter.close();
    assertThat(remaining(LIMIT)).isEqualTo(CAPACITY - 10);
  }

  @Test
  void shadowLimitAndCostsBeyondTheLease_askEveryTime() {
    RateLimiter shadow = over(LIMIT.shadow());
    RateLimiter limiter = over(LIMIT);
    for (int i = 0; i < 10; i++) {
      shadow.check("key");
      limiter.handle("other").check(600);
    }
    assertThat(asked).hasValue(20);
  }

  @Test
  void clockSetBack_endsTheLease() {
    RateLimiter limiter = over(LIMIT);
    heat(limiter);
    clock.addAndGet(-1);
    broken = true;
    assertThatThrownBy(() -> limiter.check("key")).hasMessage("broken");
  }

  @Test
  void storeThatThrows_leavesNobodyWaiting() {
    RateLimiter limiter = over(LIMIT);
    heat(limiter);
    clock.addAndGet(200_000);
    broken = true;
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> limiter.check("key")).hasMessage("broken");
    }
    broken = false;
    heat(limiter);
  }

  @Test
  void changedParameters_endTheLeaseAndReturnNothing() {
    RateLimiter limiter = over(LIMIT);
    heat(limiter);
    long before = remaining(LIMIT);
    Limit wider = LIMIT.with(new TokenBucket(2 * CAPACITY, 1, Duration.ofDays(1)));
    RateLimiter changed = limiter.withPolicies(RateLimiter.of(wider).policies());
    assertThat(remaining(LIMIT)).isEqualTo(before);
    Decision exact = changed.check("key");
    assertThat(exact.states().getFirst().estimated()).isFalse();
  }

  @Test
  void keyThatCooledDown_givesBackWhatItHasAndMakesRoom() {
    RateLimiter limiter = over(Limit.of("l", BUCKET).leased(new Lease(500, Duration.ofMinutes(1))));
    heat(limiter);
    assertThat(remaining(LIMIT)).isLessThan(CAPACITY - 10);
    clock.addAndGet(10_000_000);
    // Others' requests look at every place in turn.
    for (int i = 0; i < 5_000; i++) {
      for (int j = 0; j < 7; j++) {
        limiter.check("other" + i);
      }
      clock.addAndGet(1_000);
    }
    assertThat(remaining(LIMIT)).isEqualTo(CAPACITY - 10);
  }

  @Test
  void parametersOutOfRange_areRefused() {
    assertThatThrownBy(() -> Lease.of(0)).hasMessage("lease permits: 0 (expected: 1..2147483647)");
    assertThatThrownBy(() -> new Lease(1, Duration.ofNanos(999_000)))
        .hasMessage("lease lifetime: PT0.000999S (expected: PT0.001S..PT1M)");
    assertThatThrownBy(() -> LIMIT.leased(Lease.of(CAPACITY + 1)))
        .hasMessage("lease permits: 10001 (expected: 1..10000)");
    assertThatThrownBy(() -> Limit.of("l", new FixedWindow(5, Duration.ofSeconds(1))).leased())
        .hasMessageContaining("expected: a token bucket");
    assertThat(LIMIT.with(TokenBucket.of(10, Duration.ofSeconds(1))).lease()).isEmpty();
    assertThat(Lease.of(TokenBucket.of(10, Duration.ofSeconds(1))).permits()).isEqualTo(1);
  }
}
