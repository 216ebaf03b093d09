// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.weir.core.Charge;
import dev.weir.core.CounterKey;
import dev.weir.core.Descriptor;
import dev.weir.core.FailurePolicy;
import dev.weir.core.FixedWindow;
import dev.weir.core.Limit;
import dev.weir.core.LimitId;
import dev.weir.core.Mode;
import dev.weir.core.Operation;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.StoreException;
import dev.weir.core.StoreException.Category;
import dev.weir.core.Verdict;
import dev.weir.redis.fixtures.FaultProxy;
import dev.weir.redis.fixtures.RedisProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the store answers while its Redis fails, and afterwards. */
@Timeout(300)
final class RedisFailureTest {
  private static final FixedWindow LIMIT = new FixedWindow(1_000, Duration.ofDays(30_000));

  private RedisProcess redis;

  @BeforeEach
  void start() {
    redis = RedisProcess.start();
  }

  @AfterEach
  void end() {
    redis.close();
  }

  private RedisOptions options() {
    return RedisOptions.of(redis.url()).timeout(Duration.ofMillis(1_000));
  }

  private RedisStore store() {
    return TestStores.connected(options());
  }

  private static Charge take(String key) {
    CounterKey counter = CounterKey.of(LimitId.of("fault", "limit"), key.getBytes(UTF_8));
    return new Charge(counter, LIMIT.kernel(), 1, Mode.ENFORCED, Operation.TAKE);
  }

  private static CompletableFuture<List<Verdict>> ask(RedisStore store, String key) {
    return store.apply(List.of(take(key))).toCompletableFuture();
  }

  private static long remaining(RedisStore store, String key) {
    return ask(store, key).join().getFirst().remaining();
  }

  private static Category failure(CompletableFuture<List<Verdict>> answer) {
    try {
      answer.join();
      throw new AssertionError("judged");
    } catch (CompletionException e) {
      return ((StoreException) e.getCause()).category();
    }
  }

  /** Asks until the store judges again, and answers what is then left. */
  private static long remainingOnceBack(RedisStore store, String key) {
    AtomicLong left = new AtomicLong();
    eventually(
        () -> {
          try {
            left.set(remaining(store, key));
            return true;
          } catch (CompletionException e) {
            assertThat(e).hasCauseInstanceOf(StoreException.class);
            return false;
          }
        });
    return left.get();
  }

  /** Asks again and again: what another process does has no event to wait for. */
  private static void eventually(BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - start).as("nanoseconds").isLessThan(10_000_000_000L);
      Thread.onSpinWait();
    }
  }

  @Test
  void rule24_startWithoutRedis_checksFailUntilItIsThere() throws InterruptedException {
    redis.kill();
    try (RedisStore store = RedisStore.create(options())) {
      assertThat(failure(ask(store, "a"))).isEqualTo(Category.UNAVAILABLE);
      assertThat(store.health().connected()).isFalse();
      assertThat(store.health().error()).isPresent();
      redis.restart();
      assertThat(remainingOnceBack(store, "a")).isEqualTo(999);
      assertThat(store.awaitConnected(Duration.ZERO)).isTrue();
      assertThat(store.health().connected()).isTrue();
      assertThat(store.health().error()).isEmpty();
      assertThat(store.health().version()).hasValue(redis.version());
    }
  }

  @Test
  void rule22_serverPaused_checksEndAtTheirDeadlineAndLaterOnesAtOnce() {
    try (RedisStore store = store()) {
      assertThat(remaining(store, "a")).isEqualTo(999);
      redis.pause();
      assertThat(failure(ask(store, "a"))).isEqualTo(Category.TIMEOUT);
      eventually(() -> failure(ask(store, "a")) == Category.UNAVAILABLE);
      redis.resume();
      assertThat(remainingOnceBack(store, "b")).isEqualTo(999);
    }
  }

  @Test
  void rule22_answerLate_isThereForWhoeverWasDenied() {
    try (FaultProxy proxy = FaultProxy.to(redis.port());
        RedisStore store = through(proxy, Duration.ofMillis(1_000))) {
      assertThat(remaining(store, "a")).isEqualTo(999);
      proxy.delayAnswers(Duration.ofMillis(2_500));
      StoreException lost = null;
      try {
        ask(store, "a").join();
      } catch (CompletionException e) {
        lost = (StoreException) e.getCause();
      }
      assertThat(lost).isNotNull();
      assertThat(lost.category()).isEqualTo(Category.TIMEOUT);
      List<Verdict> late = lost.late().orElseThrow().toCompletableFuture().join();
      assertThat(late.getFirst().remaining()).isEqualTo(998);
    }
  }

  @Test
  void rule22_connectionLostUnderACheck_mayHaveHappened() {
    try (FaultProxy proxy = FaultProxy.to(redis.port());
        RedisStore store = through(proxy, Duration.ofSeconds(10))) {
      assertThat(remaining(store, "a")).isEqualTo(999);
      proxy.delayAnswers(Duration.ofHours(1));
      CompletableFuture<List<Verdict>> asked = ask(store, "counted");
      eventually(() -> !redis.cli("KEYS", "*counted*").list().isEmpty());
      proxy.cut();
      assertThat(failure(asked)).isEqualTo(Category.TIMEOUT);
    }
  }

  @Test
  void rule22_admittedAfterTheCallerWasDenied_isGivenBack() {
    try (FaultProxy proxy = FaultProxy.to(redis.port());
        RedisStore direct = store();
        RedisStore store = through(proxy, Duration.ofMillis(1_000))) {
      Limit limit = Limit.of("limit", LIMIT).onFailure(FailurePolicy.CLOSED);
      Policy policy = Policy.named("fault").key("k").limit(limit).build();
      Descriptor descriptor = Descriptor.of("default", "k", "a");
      RateLimiter limiter = RateLimiter.create(store, PolicySet.of(List.of(policy)));
      RateLimiter reader = RateLimiter.create(direct, PolicySet.of(List.of(policy)));
      assertThat(limiter.check(descriptor).remaining()).isEqualTo(999);
      proxy.delayAnswers(Duration.ofHours(1));
      assertThat(limiter.check(descriptor).allowed()).isFalse();
      eventually(() -> failure(ask(store, "b")) == Category.UNAVAILABLE);
      assertThat(left(reader, descriptor)).isEqualTo(998);
      assertThat(limiter.statistics().takesGivenBack()).isZero();
      proxy.clear();
      eventually(() -> left(reader, descriptor) == 999);
      assertThat(limiter.statistics().takesGivenBack()).isEqualTo(1);
    }
  }

  private static long left(RateLimiter limiter, Descriptor descriptor) {
    return limiter.peek(List.of(descriptor.withCost(0))).remaining();
  }

  private static RedisStore through(FaultProxy proxy, Duration timeout) {
    return TestStores.connected(
        RedisOptions.of("redis://127.0.0.1:" + proxy.port()).timeout(timeout));
  }

  @Test
  void reconnect_killedAndRestarted_countsGoOn() {
    redis.close();
    redis = RedisProcess.builder().appendOnly().start();
    try (RedisStore store = store()) {
      assertThat(remaining(store, "a")).isEqualTo(999);
      redis.kill();
      redis.restart();
      assertThat(remainingOnceBack(store, "a")).isEqualTo(998);
    }
  }

  @Test
  void reconnect_connectionsKilled_areOpenedAgain() {
    try (RedisStore store = store()) {
      assertThat(remaining(store, "a")).isEqualTo(999);
      redis.cli("CLIENT", "KILL", "TYPE", "normal");
      assertThat(remainingOnceBack(store, "a")).isEqualTo(998);
    }
  }

  @Test
  void scripts_flushed_noCheckFails() {
    try (RedisStore store = store()) {
      for (int i = 1; i <= 20; i++) {
        redis.cli("SCRIPT", "FLUSH", "SYNC");
        assertThat(remaining(store, "a")).isEqualTo(1_000 - i);
      }
    }
  }

  @Test
  void memoryFull_always_failsTheCheckAndNotTheNextOne() {
    try (RedisStore store = store()) {
      assertThat(remaining(store, "a")).isEqualTo(999);
      redis.cli("CONFIG", "SET", "maxmemory", "1");
      assertThat(failure(ask(store, "a"))).isIn(Category.UNAVAILABLE, Category.FULL);
      redis.cli("CONFIG", "SET", "maxmemory", "0");
      assertThat(remainingOnceBack(store, "a")).isEqualTo(998);
    }
  }

  @Test
  void wrongType_oneKeyAmongMany_failsAlone() {
    try (RedisStore store = store()) {
      ask(store, "victim").join();
      String name = keyThatHolds("victim");
      redis.cli("DEL", name);
      redis.cli("RPUSH", name, "no", "state");
      List<CompletableFuture<List<Verdict>>> others = new ArrayList<>();
      List<CompletableFuture<List<Verdict>>> victims = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        others.add(ask(store, "other" + i));
        victims.add(ask(store, "victim"));
      }
      assertThat(others)
          .allSatisfy(each -> assertThat(each.join().getFirst().remaining()).isEqualTo(999));
      assertThat(victims).allSatisfy(each -> assertThat(failure(each)).isEqualTo(Category.CORRUPT));
      redis.cli("DEL", name);
      assertThat(remaining(store, "victim")).isEqualTo(999);
    }
  }

  @Test
  void notAState_oneKeyAmongMany_failsAlone() {
    try (RedisStore store = store()) {
      ask(store, "victim").join();
      redis.cli("SET", keyThatHolds("victim"), "garbage");
      CompletableFuture<List<Verdict>> victim = ask(store, "victim");
      CompletableFuture<List<Verdict>> other = ask(store, "other");
      assertThat(failure(victim)).isEqualTo(Category.CORRUPT);
      assertThat(other.join().getFirst().remaining()).isEqualTo(999);
    }
  }

  private String keyThatHolds(String text) {
    return redis.cli("KEYS", "*" + text + "*").list().getFirst().text();
  }

  @Test
  void eviction_ofCounters_isWarnedOf() {
    redis.cli("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    try (RedisStore store = store()) {
      assertThat(store.health().warnings())
          .singleElement()
          .asString()
          .contains("allkeys-lru", "noeviction");
    }
    redis.cli("CONFIG", "SET", "maxmemory-policy", "noeviction");
    try (RedisStore store = store()) {
      assertThat(store.health().warnings()).isEmpty();
    }
  }

  @Test
  void password_asked_isGivenAndNeverShown() {
    redis.close();
    redis = RedisProcess.builder().password("correct-horse").start();
    try (RedisStore store = store()) {
      assertThat(remaining(store, "a")).isEqualTo(999);
      assertThat(options().toString()).doesNotContain("correct-horse");
      assertThat(store.health().toString()).doesNotContain("correct-horse");
    }
  }

  @Test
  void close_checksUnderWay_allEnd() {
    RedisStore store = store();
    redis.pause();
    CompletableFuture<List<Verdict>> asked = ask(store, "a");
    store.close();
    assertThat(failure(asked)).isIn(Category.TIMEOUT, Category.UNAVAILABLE);
    assertThatCode(store::close).doesNotThrowAnyException();
  }
}
