// SPDX-License-Identifier: Apache-2.0
package dev.weir.faults;

import dev.weir.core.Algorithm;
import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.FailurePolicy;
import dev.weir.core.FixedWindow;
import dev.weir.core.Limit;
import dev.weir.core.LimitState;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.Reason;
import dev.weir.core.Store;
import dev.weir.core.ValuePattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * Checks at a steady rate, whether answers come or not, on keys drawn by a seed: limits with each
 * failure policy, wide ones that are never reached and tight ones that are.
 */
final class Load implements AutoCloseable {
  private static final List<FailurePolicy> POLICIES = List.of(FailurePolicy.values());
  private static final String DOMAIN = "faults";
  private static final int WIDE_KEYS = 40;
  private static final int TIGHT_KEYS = 10;
  private static final long WIDE_LIMIT = 1_000_000_000;
  /* So long that no run meets its end: the next is in the year 2052. */
  private static final Duration WINDOW = Duration.ofDays(30_000);

  /** What tight keys are limited by, unless a fault needs another kind of limit. */
  static final Algorithm TIGHT = new FixedWindow(Checker.LIMIT, WINDOW);

  private final RateLimiter limiter;
  private final Random random;
  private final long periodNanos;
  private final Queue<Told> told = new ConcurrentLinkedQueue<>();
  private final Thread thread = new Thread(this::run, "load");
  private volatile boolean ended;
  private volatile long lastJudgedAsked = Long.MIN_VALUE;
  // Written by the load's thread, read when that has ended.
  private long asked;

  Load(Store store, Algorithm tightLimit, long seed, int perSecond) {
    this.limiter = limiter(new WatchedStore(store), tightLimit);
    this.random = new Random(seed);
    this.periodNanos = 1_000_000_000L / perSecond;
    thread.setDaemon(true);
  }

  /** The limits of all keys over a store. */
  static RateLimiter limiter(Store store, Algorithm tightLimit) {
    List<Policy> policies = new ArrayList<>();
    for (FailurePolicy onFailure : POLICIES) {
      for (boolean tight : new boolean[] {false, true}) {
        String entry = new Told.Key(onFailure, tight, 0).entry();
        Algorithm algorithm = tight ? tightLimit : new FixedWindow(WIDE_LIMIT, WINDOW);
        policies.add(
            Policy.named(entry)
                .domain(DOMAIN)
                .match(entry, ValuePattern.any())
                .key(entry)
                .limit(Limit.of("first", algorithm).onFailure(onFailure))
                .limit(Limit.of("second", algorithm).onFailure(onFailure))
                .build());
      }
    }
    return RateLimiter.builder()
        .store(store)
        .policies(PolicySet.of(policies))
        .nodes(Checker.NODES)
        .build();
  }

  void start() {
    thread.start();
  }

  private void run() {
    long next = System.nanoTime();
    while (!ended) {
      long wait = next - System.nanoTime();
      if (wait > 0) {
        LockSupport.parkNanos(wait);
      } else {
        ask(randomKey());
        asked++;
        next += periodNanos;
      }
    }
  }

  private Told.Key randomKey() {
    FailurePolicy onFailure = POLICIES.get(random.nextInt(POLICIES.size()));
    boolean tight = random.nextInt(4) == 0;
    return new Told.Key(onFailure, tight, random.nextInt(tight ? TIGHT_KEYS : WIDE_KEYS));
  }

  private void ask(Told.Key key) {
    WatchedStore.Watch watch = new WatchedStore.Watch();
    long start = System.nanoTime();
    WatchedStore.watch(watch);
    var unused =
        limiter
            .checkAsync(List.of(descriptor(key)))
            .thenAccept(
                decision ->
                    tell(new Told(key, start, System.nanoTime(), decision.allowed(), watch.fate)));
    WatchedStore.watch(null);
  }

  private void tell(Told one) {
    told.add(one);
    if (one.judged()) {
      // Whichever of two at a time comes last: both are recent.
      lastJudgedAsked = one.askedNanos();
    }
  }

  private static Descriptor descriptor(Told.Key key) {
    return Descriptor.of(DOMAIN, key.entry(), key.value());
  }

  static List<Told.Key> keys() {
    List<Told.Key> keys = new ArrayList<>();
    for (FailurePolicy onFailure : POLICIES) {
      for (int i = 0; i < WIDE_KEYS; i++) {
        keys.add(new Told.Key(onFailure, false, i));
      }
      for (int i = 0; i < TIGHT_KEYS; i++) {
        keys.add(new Told.Key(onFailure, true, i));
      }
    }
    return keys;
  }

  /** Whether a check that was asked after this time was judged by the store. */
  boolean judgedAfter(long nanos) {
    return lastJudgedAsked > nanos;
  }

  /** Whether every check so far has been answered. */
  boolean allTold() {
    return told.size() == asked;
  }

  long asked() {
    return asked;
  }

  List<Told> told() {
    return List.copyOf(told);
  }

  /**
   * What a store holds for a key.
   *
   * @throws IllegalStateException if the store does not answer
   */
  static Counted counted(RateLimiter limiter, Told.Key key) {
    Decision peeked = limiter.peek(List.of(descriptor(key).withCost(0)));
    if (peeked.reason() != Reason.WITHIN_LIMIT && peeked.reason() != Reason.OVER_LIMIT) {
      throw new IllegalStateException(key + " cannot be read: " + peeked.reason());
    }
    List<LimitState> states = peeked.states();
    return new Counted(used(states.get(0)), used(states.get(1)));
  }

  private static long used(LimitState state) {
    return state.limit().algorithm().limit() - state.verdict().remaining();
  }

  /** Stops asking; answers may still come. */
  @Override
  public void close() {
    ended = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
