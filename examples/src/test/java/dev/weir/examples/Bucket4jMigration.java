// SPDX-License-Identifier: Apache-2.0
package dev.weir.examples;

import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.Limit;
import dev.weir.core.MemoryStore;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.TimeSource;
import dev.weir.core.TokenBucket;
import dev.weir.core.ValuePattern;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.TokensInheritanceStrategy;
import java.time.Duration;
import java.util.List;

/** The same in bucket4j and in Weir, as the page about moving from it shows. */
final class Bucket4jMigration {

  /** What a call told, in words that both libraries have. */
  record Told(boolean allowed, long remaining, long waitMicros) {}

  /** What of a limiter is compared. */
  interface Counting {
    boolean take(String key, long cost);

    Told takeAndTell(String key, long cost);

    Told look(String key, long cost);

    long left(String key);

    void giveBack(String key, long permits);

    void recordAnyway(String key, long cost);

    void reset(String key);

    void replaceLimits();
  }

  private Bucket4jMigration() {}

  /** One bucket per key, which the service keeps in a map. */
  static final class Before implements Counting {
    private final java.util.Map<String, Bucket> buckets =
        new java.util.concurrent.ConcurrentHashMap<>();
    private final TimeMeter clock;

    Before(TimeMeter clock) {
      this.clock = clock;
    }

    private Bucket bucket(String user) {
      return buckets.computeIfAbsent(
          user,
          key ->
              Bucket.builder()
                  .withCustomTimePrecision(clock)
                  .addLimit(
                      limit ->
                          limit.capacity(50).refillGreedy(10, Duration.ofSeconds(1)).id("burst"))
                  .addLimit(
                      limit ->
                          limit
                              .capacity(1_000)
                              .refillGreedy(1_000, Duration.ofHours(1))
                              .id("hourly"))
                  .build());
    }

    @Override
    public boolean take(String user, long cost) {
      return bucket(user).tryConsume(cost);
    }

    @Override
    public Told takeAndTell(String user, long cost) {
      ConsumptionProbe probe = bucket(user).tryConsumeAndReturnRemaining(cost);
      return new Told(
          probe.isConsumed(),
          probe.getRemainingTokens(),
          Math.ceilDiv(probe.getNanosToWaitForRefill(), 1_000L));
    }

    @Override
    public Told look(String user, long cost) {
      var probe = bucket(user).estimateAbilityToConsume(cost);
      return new Told(
          probe.canBeConsumed(),
          probe.getRemainingTokens(),
          Math.ceilDiv(probe.getNanosToWaitForRefill(), 1_000L));
    }

    @Override
    public long left(String user) {
      return bucket(user).getAvailableTokens();
    }

    @Override
    public void giveBack(String user, long permits) {
      bucket(user).addTokens(permits);
    }

    @Override
    public void recordAnyway(String user, long cost) {
      bucket(user).consumeIgnoringRateLimits(cost);
    }

    @Override
    public void reset(String user) {
      bucket(user).reset();
    }

    @Override
    public void replaceLimits() {
      BucketConfiguration smaller =
          BucketConfiguration.builder()
              .addLimit(
                  limit -> limit.capacity(5).refillGreedy(10, Duration.ofSeconds(1)).id("burst"))
              .addLimit(
                  limit ->
                      limit.capacity(1_000).refillGreedy(1_000, Duration.ofHours(1)).id("hourly"))
              .build();
      buckets
          .values()
          .forEach(bucket -> bucket.replaceConfiguration(smaller, TokensInheritanceStrategy.AS_IS));
    }
  }

  /** One limiter for all keys. */
  static final class After implements Counting {
    private RateLimiter limiter;

    After(TimeSource clock) {
      Policy perUser =
          Policy.named("per-user")
              .domain("api")
              .match("user", ValuePattern.any())
              .key("user")
              .limit(Limit.of("burst", new TokenBucket(50, 10, Duration.ofSeconds(1))))
              .limit(Limit.of("hourly", TokenBucket.of(1_000, Duration.ofHours(1))))
              .build();
      limiter =
          RateLimiter.create(
              MemoryStore.create(clock, MemoryStore.DEFAULT_MAX_KEYS),
              PolicySet.of(List.of(perUser)));
    }

    private static Descriptor user(String user) {
      return Descriptor.of("api", "user", user);
    }

    @Override
    public boolean take(String user, long cost) {
      return limiter.check(user(user).withCost(cost)).allowed();
    }

    @Override
    public Told takeAndTell(String user, long cost) {
      Decision decision = limiter.check(user(user).withCost(cost));
      return new Told(decision.allowed(), decision.remaining(), decision.retryAfterMicros());
    }

    @Override
    public Told look(String user, long cost) {
      Decision decision = limiter.peek(List.of(user(user).withCost(cost)));
      return new Told(decision.allowed(), decision.remaining(), decision.retryAfterMicros());
    }

    @Override
    public long left(String user) {
      return limiter.peek(List.of(user(user))).remaining();
    }

    @Override
    public void giveBack(String user, long permits) {
      limiter.grantAsync(List.of(user(user).withCost(permits))).toCompletableFuture().join();
    }

    @Override
    public void recordAnyway(String user, long cost) {
      limiter.record(List.of(user(user).withCost(cost)));
    }

    @Override
    public void reset(String user) {
      limiter.resetAsync(List.of(user(user))).toCompletableFuture().join();
    }

    @Override
    public void replaceLimits() {
      Policy smaller =
          Policy.named("per-user")
              .domain("api")
              .match("user", ValuePattern.any())
              .key("user")
              .limit(Limit.of("burst", new TokenBucket(5, 10, Duration.ofSeconds(1))))
              .limit(Limit.of("hourly", TokenBucket.of(1_000, Duration.ofHours(1))))
              .build();
      limiter = limiter.withPolicies(PolicySet.of(List.of(smaller)));
    }
  }
}
