// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.Store;
import dev.weir.core.TokenBucket;
import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.testkit.ManualTimeSource;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What becomes of the values of keys when limits come and go (R21). */
final class ChangedPolicyTest {

  private static final Limit SECOND = Limit.of("second", TokenBucket.of(5, Duration.ofSeconds(1)));
  private static final Limit MINUTE = Limit.of("minute", TokenBucket.of(60, Duration.ofMinutes(1)));
  private static final int STATE_BYTES = 20;

  private static RedisProcess redis;
  private static SharedStore shared;

  @BeforeAll
  static void start() {
    redis = RedisProcess.start();
    shared = new SharedStore(redis.url(), List.of(redis));
  }

  @AfterAll
  static void stop() {
    shared.close();
    redis.close();
  }

  private static PolicySet policies(Limit... limits) {
    return PolicySet.of(
        List.of(Policy.named("p").domain("d").key("user").limits(List.of(limits)).build()));
  }

  private static Decision check(RateLimiter limiter) {
    return limiter.check(Descriptor.of("d", "user", "u"));
  }

  private static long bytes() {
    return Long.parseLong(redis.cli("STRLEN", "weir:{d/p:u}").toString());
  }

  @Test
  void rule21_limitThatIsAdded_joinsTheValue() {
    Store store = shared.on(ManualTimeSource.create());
    RateLimiter before = RateLimiter.create(store, policies(MINUTE));
    assertThat(check(before).remaining()).isEqualTo(59);
    assertThat(bytes()).isEqualTo(STATE_BYTES);
    RateLimiter after = before.withPolicies(policies(MINUTE, SECOND));
    assertThat(check(after).remaining()).isEqualTo(4);
    assertThat(bytes()).isEqualTo(2 * STATE_BYTES);
    assertThat(check(before).remaining()).as("a node that knows one of them").isEqualTo(57);
    assertThat(check(after).remaining()).isEqualTo(3);
  }

  @Test
  void rule21_limitThatIsRemoved_staysCountedForNodesThatKnowIt() {
    Store store = shared.on(ManualTimeSource.create());
    RateLimiter before = RateLimiter.create(store, policies(MINUTE, SECOND));
    assertThat(check(before).remaining()).isEqualTo(4);
    RateLimiter after = before.withPolicies(policies(MINUTE));
    assertThat(check(after).remaining()).isEqualTo(58);
    assertThat(bytes()).isEqualTo(2 * STATE_BYTES);
    assertThat(check(before).remaining()).isEqualTo(3);
  }
}
