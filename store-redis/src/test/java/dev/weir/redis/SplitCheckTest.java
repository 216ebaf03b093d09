// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Charge;
import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.FailurePolicy;
import dev.weir.core.FixedWindow;
import dev.weir.core.Limit;
import dev.weir.core.MemoryStore;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.Store;
import dev.weir.core.Verdict;
import dev.weir.testkit.ManualTimeSource;
import dev.weir.testkit.SwitchableStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** A check in several places of which one answers too late. */
final class SplitCheckTest {

  /** Two places: keys of the policy "here" are in one, all others in the other. */
  private record Places(Store here, Store there) implements Store {

    @Override
    public CompletionStage<List<Verdict>> apply(List<Charge> charges) {
      RedisKey[] keys =
          charges.stream()
              .map(c -> RedisKey.of(RedisKey.Naming.of("", c.key().limit()), c.key()))
              .toArray(RedisKey[]::new);
      return new SplitCheck(this::part, charges, keys, (a, b) -> isHere(a) == isHere(b)).apply();
    }

    private CompletionStage<List<Verdict>> part(List<Charge> charges) {
      boolean one = charges.getFirst().key().limit().policy().equals("d/here");
      return (one ? here : there).apply(charges);
    }

    private static boolean isHere(RedisKey key) {
      return key.toString().startsWith("{d/here:");
    }

    @Override
    public void close() {
      here.close();
      there.close();
    }
  }

  private static Policy policy(String name) {
    Limit limit =
        Limit.of("hour", new FixedWindow(9, Duration.ofHours(1))).onFailure(FailurePolicy.CLOSED);
    return Policy.named(name).domain("d").key("user").limit(limit).build();
  }

  private static Descriptor cost(long cost) {
    return Descriptor.of("d", "user", "u").withCost(cost);
  }

  @Test
  void rule22_partThatAnswersTooLate_isGivenBackAndNothingElseIs() {
    ManualTimeSource clock = ManualTimeSource.create();
    SwitchableStore there = new SwitchableStore(MemoryStore.create(clock, 100));
    try (Store places = new Places(MemoryStore.create(clock, 100), there)) {
      RateLimiter limiter =
          RateLimiter.create(places, PolicySet.of(List.of(policy("here"), policy("there"))));
      assertThat(limiter.check(cost(3)).allowed()).isTrue();
      there.delayAnswers();
      assertThat(limiter.check(cost(4)).allowed()).isFalse();
      there.restore();
      there.deliver();
      Decision left = limiter.peek(List.of(cost(0)));
      assertThat(left.states())
          .extracting(state -> state.verdict().remaining())
          .containsExactly(6L, 6L);
    }
  }
}
