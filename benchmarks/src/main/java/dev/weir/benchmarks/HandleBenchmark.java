// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import com.google.common.util.concurrent.RateLimiter;
import dev.weir.core.Handle;
import dev.weir.core.Limit;
import dev.weir.core.TokenBucket;
import io.github.bucket4j.Bucket;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What does one decision on one limit that is known in advance cost, alone and when threads contend
 * for it? Every take is admitted.
 *
 * <p>{@code ./weir bench memory}
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class HandleBenchmark {

  private static final long CAPACITY = 1_000_000_000L;

  private final Handle weir =
      dev.weir.core.RateLimiter.of(
              Limit.of("limit", TokenBucket.of(CAPACITY, Duration.ofSeconds(1))))
          .handle("key");

  private final Bucket bucket4j =
      Bucket.builder()
          .addLimit(l -> l.capacity(CAPACITY).refillGreedy(CAPACITY, Duration.ofSeconds(1)))
          .build();

  private final io.github.resilience4j.ratelimiter.RateLimiter resilience4j =
      io.github.resilience4j.ratelimiter.RateLimiter.of(
          "limit",
          RateLimiterConfig.custom()
              .limitForPeriod((int) CAPACITY)
              .limitRefreshPeriod(Duration.ofSeconds(1))
              .timeoutDuration(Duration.ZERO)
              .build());

  @SuppressWarnings("UnstableApiUsage")
  private final RateLimiter guava = RateLimiter.create(CAPACITY);

  @Benchmark
  public boolean weir() {
    return weir.tryTake();
  }

  @Benchmark
  public boolean bucket4j() {
    return bucket4j.tryConsume(1);
  }

  @Benchmark
  public boolean resilience4j() {
    return resilience4j.acquirePermission();
  }

  @Benchmark
  @SuppressWarnings("UnstableApiUsage")
  public boolean guava() {
    return guava.tryAcquire();
  }
}
