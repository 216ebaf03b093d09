// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Descriptor;
import dev.weir.core.FailurePolicy;
import dev.weir.core.Lease;
import dev.weir.core.Limit;
import dev.weir.core.LimitState;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.Store;
import dev.weir.core.TokenBucket;
import dev.weir.core.Unswept;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Nodes that lease from one bucket over links that delay, reorder and lose, some of which crash:
 * what they admit together stays within the bounds of R26, whatever the order of things.
 */
final class LeaseModelTest {

  private static final Descriptor HOT = Descriptor.of("default", "k", "hot");
  private static final int NODES = 3;
  private static final long PERMITS = 40;
  private static final Duration LIFETIME = Duration.ofMillis(5);
  private static final long MAX_DELAY = 500;
  private static final SlowLink.Faults SOUND = new SlowLink.Faults(MAX_DELAY, 0, 5_000);

  private final ManualTimeSource clock = ManualTimeSource.steady();
  private final Store store = Unswept.on(clock);
  private final List<Node> nodes = new ArrayList<>();
  private final List<long[]> admissions = new ArrayList<>();
  private final long start = clock.micros();
  private long admitted;
  private long leased;

  /** A node and its link. */
  private final class Node {
    private final SlowLink link;
    private final RateLimiter limiter;
    private boolean alive = true;

    Node(TokenBucket bucket, Random random, SlowLink.Faults faults) {
      this.link = new SlowLink(store, clock, random, faults);
      Limit limit =
          Limit.of("l", bucket)
              .onFailure(FailurePolicy.CLOSED)
              .leased(new Lease(PERMITS, LIFETIME));
      Policy policy = Policy.named("p").key("k").limit(limit).build();
      this.limiter =
          RateLimiter.builder()
              .store(link)
              .policies(PolicySet.of(List.of(policy)))
              .clock(clock)
              .build();
    }

    void check(TokenBucket bucket, long cost) {
      var unused =
          limiter
              .checkAsync(List.of(HOT.withCost(cost)))
              .thenAccept(
                  decision -> {
                    if (alive && decision.allowed()) {
                      admit(bucket, decision.states().getFirst(), cost);
                    }
                  });
    }
  }

  private void admit(TokenBucket bucket, LimitState state, long cost) {
    admitted += cost;
    leased += state.estimated() ? cost : 0;
    admissions.add(new long[] {state.verdict().micros(), cost});
    long periodMicros = bucket.period().toNanos() / 1_000;
    long earned = (clock.micros() - start) * bucket.refill() / periodMicros;
    assertThat(admitted)
        .as("admitted since the beginning")
        .isLessThanOrEqualTo(bucket.capacity() + earned);
  }

  private void run(TokenBucket bucket, Random random, SlowLink.Faults faults, int steps) {
    for (int i = 0; i < NODES; i++) {
      nodes.add(new Node(bucket, new Random(random.nextLong()), faults));
    }
    // Phases in which some nodes are busy and the others keep what they hold until their next.
    int busy = 1;
    long pace = 1;
    for (int i = 0; i < steps; i++) {
      if (random.nextInt(300) == 0) {
        busy = 1 + random.nextInt((1 << NODES) - 1);
        pace = List.of(30L, 200L, 2_000L).get(random.nextInt(3));
        advance(random.nextInt(3) == 0 ? random.nextLong(100_000) : 0);
      }
      advance(random.nextLong(pace));
      int chosen = random.nextInt(NODES);
      if ((busy & 1 << chosen) != 0) {
        nodes.get(chosen).check(bucket, 1 + (random.nextInt(10) == 0 ? random.nextLong(5) : 0));
      }
    }
  }

  private void advance(long micros) {
    long until = clock.micros() + micros;
    for (long next = next(); next <= until; next = next()) {
      clock.setMicros(Math.max(next, clock.micros()));
      nodes.forEach(node -> node.link.run());
    }
    clock.setMicros(until);
  }

  private long next() {
    return nodes.stream().mapToLong(node -> node.link.nextMicros()).min().orElseThrow();
  }

  private long remaining(TokenBucket bucket) {
    Limit limit = Limit.of("l", bucket);
    Policy policy = Policy.named("p").key("k").limit(limit).build();
    return RateLimiter.create(store, PolicySet.of(List.of(policy))).peek(List.of(HOT)).remaining();
  }

  /* For every i ≤ j: admitted(i..j) − refill × (t(j) − t(i)) − capacity, at its largest. */
  private long worst(TokenBucket bucket) {
    admissions.sort(Comparator.comparingLong(admission -> admission[0]));
    long scale = 1_000_000;
    long least = Long.MAX_VALUE;
    long most = Long.MIN_VALUE;
    long sum = 0;
    for (long[] admission : admissions) {
      long earned = (admission[0] - start) * bucket.refill();
      least = Math.min(least, sum - earned);
      sum += admission[1] * scale;
      most = Math.max(most, sum - earned - least);
    }
    return Math.ceilDiv(most - bucket.capacity() * scale, scale);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void rule26_soundLinks_exceedNoIntervalByMoreThanTheBound(long seed) {
    Random random = new Random(seed);
    long perSecond = 500 + random.nextLong(2_500);
    TokenBucket bucket = new TokenBucket(400, perSecond, Duration.ofSeconds(1));
    run(bucket, random, SOUND, 20_000);
    long lifetime = LIFETIME.toNanos() / 1_000;
    long byTime = Math.ceilDiv(perSecond * (lifetime + NODES * MAX_DELAY), 1_000_000);
    long excess = Math.min(byTime + NODES, NODES * PERMITS);
    assertThat(worst(bucket))
        .as("seed %s: admitted beyond the bucket's bound, at worst", seed)
        .isLessThanOrEqualTo(excess);
    assertThat(leased).as("seed %s: permits leased", seed).isGreaterThan(admitted / 10);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void rule26_lossyLinks_neverExceedTheLimitInAll(long seed) {
    Random random = new Random(seed);
    TokenBucket bucket = new TokenBucket(400, 5_000, Duration.ofSeconds(1));
    run(bucket, random, new SlowLink.Faults(4_000, 30, 5_000), 20_000);
    assertThat(leased).as("seed %s: permits leased", seed).isPositive();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void rule29_whoeverCloses_returnsEverythingAndWhoCrashesLosesItsLeaseAtMost(long seed) {
    Random random = new Random(seed);
    TokenBucket bucket = new TokenBucket(30_000, 1, Duration.ofDays(1));
    run(bucket, random, SOUND, 5_000 + random.nextInt(300));
    assertThat(leased).as("seed %s: permits leased", seed).isPositive();
    int crashed = random.nextInt(NODES);
    for (int i = 0; i < crashed; i++) {
      nodes.get(i).alive = false;
    }
    for (int i = crashed; i < NODES; i++) {
      var unused = nodes.get(i).limiter.closeAsync();
    }
    advance(100_000);
    assertThat(bucket.capacity() - admitted - remaining(bucket))
        .as("seed %s: permits lost by %s crashes", seed, crashed)
        .isBetween(0L, crashed * PERMITS);
  }
}
