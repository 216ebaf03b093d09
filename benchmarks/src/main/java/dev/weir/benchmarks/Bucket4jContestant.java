// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.AsyncBucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.AsyncProxyManager;
import io.github.bucket4j.distributed.proxy.RemoteAsyncBucketBuilder;
import io.github.bucket4j.distributed.proxy.optimization.Optimizations;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.lettuce.core.RedisClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** bucket4j on Lettuce, as its documentation sets it up; one proxy per key, made in advance. */
final class Bucket4jContestant implements Contestant {

  private final RedisClient client;
  private final AsyncBucketProxy[] buckets = new AsyncBucketProxy[KEYS];

  Bucket4jContestant(String url, Allowance allowance, boolean batching) {
    client = RedisClient.create(url);
    AsyncProxyManager<byte[]> manager =
        Bucket4jLettuce.casBasedBuilder(client)
            .expirationAfterWrite(
                ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(
                    Duration.ofSeconds(10)))
            .build()
            .asAsync();
    BucketConfiguration configuration =
        BucketConfiguration.builder()
            .addLimit(
                limit ->
                    limit
                        .capacity(allowance.permits())
                        .refillGreedy(allowance.refill(), allowance.period()))
            .build();
    String[] names = Contestant.names();
    for (int i = 0; i < KEYS; i++) {
      RemoteAsyncBucketBuilder<byte[]> builder = manager.builder();
      if (batching) {
        builder = builder.withOptimization(Optimizations.batching());
      }
      buckets[i] =
          builder.build(
              names[i].getBytes(StandardCharsets.UTF_8),
              () -> CompletableFuture.completedFuture(configuration));
    }
  }

  @Override
  public CompletionStage<?> check(int key) {
    return buckets[key].tryConsume(1);
  }

  @Override
  public boolean admitted(Object answer) {
    return (Boolean) answer;
  }

  @Override
  public void close() {
    client.shutdown();
  }
}
