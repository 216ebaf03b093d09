// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.Reason;
import dev.weir.core.ValuePattern;
import dev.weir.redis.RedisOptions;
import dev.weir.redis.RedisStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Weir's front door over its store on Redis, with a token bucket or several on each key. A
 * descriptor is made for each check, as a caller who has a user's name does.
 */
final class WeirContestant implements Contestant {

  // The peers have none; with 25 ms a busy machine would answer checks by their failure policy.
  static final Duration PATIENT = Duration.ofSeconds(1);

  private static final String POLICY = "p";
  private static final String DOMAIN = "bench";
  private static final String ENTRY = "user";

  private final RedisStore store;
  private final RateLimiter limiter;
  private final String[] names = Contestant.names();

  private WeirContestant(RedisStore store, RateLimiter limiter) {
    this.store = store;
    this.limiter = limiter;
  }

  /** Exact: without leases and without a memory of denials. */
  static WeirContestant exact(String url, Allowance allowance, int limits, Duration timeout)
      throws InterruptedException {
    List<Limit> all = new ArrayList<>();
    for (int i = 0; i < limits; i++) {
      all.add(Limit.of("l" + i, allowance.bucket()));
    }
    RedisStore store = connect(url, timeout);
    return new WeirContestant(
        store, RateLimiter.builder().store(store).policies(policies(all)).denialMemory(0).build());
  }

  /** With a memory of denials. */
  static WeirContestant remembering(String url, Allowance allowance) throws InterruptedException {
    return usual(url, Limit.of("l0", allowance.bucket()));
  }

  /** With leases of the usual size. */
  static WeirContestant leasing(String url, Allowance allowance) throws InterruptedException {
    return usual(url, Limit.of("l0", allowance.bucket()).leased());
  }

  private static WeirContestant usual(String url, Limit limit) throws InterruptedException {
    RedisStore store = connect(url, PATIENT);
    return new WeirContestant(store, RateLimiter.create(store, policies(List.of(limit))));
  }

  static RedisStore connect(String url, Duration timeout) throws InterruptedException {
    RedisStore store = RedisStore.create(RedisOptions.of(url).timeout(timeout));
    if (!store.awaitConnected(Duration.ofSeconds(10))) {
      throw new IllegalStateException("redis: " + store.health());
    }
    return store;
  }

  private static PolicySet policies(List<Limit> limits) {
    return PolicySet.of(
        List.of(
            Policy.named(POLICY)
                .domain(DOMAIN)
                .match(ENTRY, ValuePattern.any())
                .key(ENTRY)
                .limits(limits)
                .build()));
  }

  Descriptor descriptor(int key) {
    return Descriptor.of(DOMAIN, ENTRY, names[key]);
  }

  CompletionStage<?> check(List<Descriptor> check) {
    return limiter.checkAsync(check);
  }

  /** What decides a key's slot: the policy and the entry's value. */
  static String hashTag(String name) {
    return "{" + POLICY + ":" + name + "}";
  }

  /** Permits that a key has left in Redis. */
  long remaining(int key) {
    return limiter.peek(List.of(descriptor(key))).remaining();
  }

  @Override
  public CompletionStage<?> check(int key) {
    return limiter.checkAsync(List.of(descriptor(key)));
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
    limiter.close();
    store.close();
  }
}
