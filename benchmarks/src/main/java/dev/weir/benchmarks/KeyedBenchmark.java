// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.core.Limit;
import dev.weir.core.RateLimiter;
import dev.weir.core.TokenBucket;
import io.github.bucket4j.Bucket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What does a decision cost when the key is one of 100 000: as a text that the caller has, and as
 * bytes that have just come off the wire? Keys come in a random order; every take is admitted.
 *
 * <p>{@code ./weir bench memory}
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class KeyedBenchmark {

  private static final int KEYS = 100_000;
  private static final int SEQUENCE = 1 << 20;
  private static final long CAPACITY = 1_000_000_000L;

  /** Where a thread is in the sequence of keys. */
  @State(Scope.Thread)
  public static class Cursor {
    private int position = (int) (Thread.currentThread().threadId() * 7_919);

    int next() {
      return position = (position + 1) & (SEQUENCE - 1);
    }
  }

  private final String[] texts = new String[SEQUENCE];
  private final byte[][] wire = new byte[SEQUENCE][];
  private final RateLimiter weir =
      RateLimiter.of(Limit.of("limit", TokenBucket.of(CAPACITY, Duration.ofSeconds(1))));
  private final ConcurrentHashMap<String, Bucket> buckets = new ConcurrentHashMap<>();

  @Setup
  public void fill() {
    SplittableRandom random = new SplittableRandom(42);
    String[] keys = new String[KEYS];
    for (int i = 0; i < KEYS; i++) {
      keys[i] = "user-%07d".formatted(i);
      weir.check(keys[i]);
      bucket4j(keys[i]);
    }
    for (int i = 0; i < SEQUENCE; i++) {
      texts[i] = keys[random.nextInt(KEYS)];
      wire[i] = texts[i].getBytes(StandardCharsets.UTF_8);
    }
    // Who allocates has its keys moved together by the collector in passing; who does not must not
    // be measured on keys that lie scattered among the garbage of this method.
    System.gc();
  }

  @Benchmark
  public boolean textWeir(Cursor cursor) {
    return weir.tryTake(texts[cursor.next()]);
  }

  @Benchmark
  public boolean textBucket4j(Cursor cursor) {
    return bucket4j(texts[cursor.next()]);
  }

  @Benchmark
  public boolean wireWeir(Cursor cursor) {
    byte[] key = wire[cursor.next()];
    return weir.tryTake(key, 0, key.length);
  }

  @Benchmark
  public boolean wireBucket4j(Cursor cursor) {
    return bucket4j(new String(wire[cursor.next()], StandardCharsets.UTF_8));
  }

  private boolean bucket4j(String key) {
    Bucket bucket = buckets.get(key);
    if (bucket == null) {
      bucket = buckets.computeIfAbsent(key, k -> newBucket());
    }
    return bucket.tryConsume(1);
  }

  private static Bucket newBucket() {
    return Bucket.builder()
        .addLimit(l -> l.capacity(CAPACITY).refillGreedy(CAPACITY, Duration.ofSeconds(1)))
        .build();
  }
}
