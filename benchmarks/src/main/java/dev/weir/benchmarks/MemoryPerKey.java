// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.core.Limit;
import dev.weir.core.RateLimiter;
import dev.weir.core.TokenBucket;
import io.github.bucket4j.Bucket;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * How many bytes of heap does a key take, the key itself included, with a million of them?
 *
 * <p>{@code ./weir bench memory}
 */
final class MemoryPerKey {

  private static final int KEYS = 1_000_000;

  private MemoryPerKey() {}

  static void run() {
    RateLimiter weir = RateLimiter.of(Limit.of("limit", TokenBucket.of(100, Duration.ofHours(1))));
    double ours = perKey(weir::check);
    ConcurrentHashMap<String, Bucket> buckets = new ConcurrentHashMap<>();
    double theirs =
        perKey(
            key ->
                buckets
                    .computeIfAbsent(
                        key,
                        k ->
                            Bucket.builder()
                                .addLimit(
                                    l -> l.capacity(100).refillGreedy(100, Duration.ofHours(1)))
                                .build())
                    .tryConsume(1));
    System.out.printf(
        "bytes per key, 1 000 000 keys: weir %.0f, bucket4j in a ConcurrentHashMap %.0f (%.1f x)%n",
        ours, theirs, theirs / ours);
    // Both are still needed here, so that neither was collected while it was measured.
    if (!weir.check("end").allowed() || buckets.isEmpty()) {
      throw new IllegalStateException("not counted");
    }
  }

  private static double perKey(Consumer<String> use) {
    long before = used();
    for (int i = 0; i < KEYS; i++) {
      use.accept("user-%07d".formatted(i));
    }
    return (double) (used() - before) / KEYS;
  }

  private static long used() {
    for (int i = 0; i < 4; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
