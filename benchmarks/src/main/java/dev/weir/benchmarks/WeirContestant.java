// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.Reason;
import dev.weir.core.TokenBucket;
import dev.weir.core.ValuePattern;
import dev.weir.redis.RedisOptions;
import dev.weir.redis.RedisStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Weir's front door over its store on Redis, with a token bucket or several on each key. */
final class WeirContestant implements Contestant {

  // The peers have none; with 25 ms a busy machine would answer checks by their failure policy.
  static final Duration PATIENT = Duration.ofSeconds(1);

  private static final String DOMAIN = "bench";
  private static final String ENTRY = "user";

  private final RedisStore store;
  private final RateLimiter limiter;
  private final Descriptor[] descriptors = new Descriptor[KEYS];

  WeirContestant(
      String url, Allowance allowance, int limits, boolean denialMemory, Duration timeout)
      throws InterruptedException {
    store = connect(url, timeout);
    RateLimiter.Builder builder =
        RateLimiter.builder().store(store).policies(policies(allowance, limits));
    limiter = (denialMemory ? builder : builder.denialMemory(0)).build();
    String[] names = Contestant.names();
    for (int i = 0; i < KEYS; i++) {
      descriptors[i] = Descriptor.of(DOMAIN, ENTRY, names[i]);
    }
  }

  static RedisStore connect(String url, Duration timeout) throws InterruptedException {
    RedisStore store = RedisStore.create(RedisOptions.of(url).timeout(timeout));
    if (!store.awaitConnected(Duration.ofSeconds(10))) {
      throw new IllegalStateException("redis: " + store.health());
    }
    return store;
  }

  static PolicySet policies(Allowance allowance, int limits) {
    List<Limit> all = new ArrayList<>();
    for (int i = 0; i < limits; i++) {
      all.add(Limit.of("l" + i, TokenBucket.of(allowance.permits(), Allowance.PERIOD)));
    }
    return PolicySet.of(
        List.of(
            Policy.named("p")
                .domain(DOMAIN)
                .match(ENTRY, ValuePattern.any())
                .key(ENTRY)
                .limits(all)
                .build()));
  }

  @Override
  public CompletionStage<?> check(int key) {
    return limiter.checkAsync(List.of(descriptors[key]));
  }

  @Override
  public boolean admitted(Object answer) {
    return ((Decision) answer).allowed();
  }

  @Override
  public boolean degraded(Object answer) {
    Reason reason = ((Decision) answer).reason();
    return reason != Reason.WITHIN_LIMIT && reason != Reason.OVER_LIMIT;
  }

  @Override
  public void close() {
    store.close();
  }
}
