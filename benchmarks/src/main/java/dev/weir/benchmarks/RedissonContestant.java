// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletionStage;
import org.redisson.Redisson;
import org.redisson.api.RFuture;
import org.redisson.api.RRateLimiter;
import org.redisson.api.RateType;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/**
 * Redisson's RRateLimiter with its default settings; one limiter per key, made in advance. It keeps
 * an entry for every permit of the last interval, which is a second here: an hour's would only
 * grow.
 */
final class RedissonContestant implements Contestant {

  private static final int AT_ONCE = 1_000;

  private final RedissonClient client;
  private final RRateLimiter[] limiters = new RRateLimiter[KEYS];
  private final Allowance allowance;

  RedissonContestant(String url, Allowance allowance) {
    this.allowance = allowance;
    Config config = new Config();
    config.useSingleServer().setAddress(url);
    client = Redisson.create(config);
    String[] names = Contestant.names();
    for (int i = 0; i < KEYS; i++) {
      limiters[i] = client.getRateLimiter(names[i]);
    }
  }

  @Override
  public void prepare(int keys) {
    Duration interval = allowance == Allowance.PLENTY ? Duration.ofSeconds(1) : allowance.period();
    ArrayDeque<RFuture<Boolean>> answers = new ArrayDeque<>();
    for (int i = 0; i < keys; i++) {
      answers.add(limiters[i].trySetRateAsync(RateType.OVERALL, allowance.permits(), interval));
      if (answers.size() == AT_ONCE) {
        answers.remove().toCompletableFuture().join();
      }
    }
    answers.forEach(answer -> answer.toCompletableFuture().join());
  }

  @Override
  public CompletionStage<?> check(int key) {
    return limiters[key].tryAcquireAsync(1);
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
