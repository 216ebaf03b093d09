// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.metrics;

import static java.util.Objects.requireNonNull;

import dev.weir.core.CounterKey;
import dev.weir.core.Decision;
import dev.weir.core.DecisionListener;
import dev.weir.core.Descriptor;
import dev.weir.core.LimitState;
import dev.weir.core.PolicySet;
import dev.weir.core.TimeSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys that are denied most and used most, of the last five to ten minutes.
 *
 * <p>Safe for use by any thread, in bounded memory: each of a few groups of threads keeps {@value
 * #CAPACITY} keys. The first {@value #EXACT} decisions of five minutes are counted one by one,
 * after that one in {@value #SAMPLED} for all of them, so that a flood costs nanoseconds. {@link
 * Top#error} bounds what the sketch may have counted too much; sampling adds noise of about eight
 * times the square root of a count.
 */
public final class TopKeys implements DecisionListener {

  /* A thread has its group by its number, so that event loops rarely meet at a lock; that is taken
   * for decisions that are counted only. */

  /** Keys that a group keeps. */
  static final int CAPACITY = 1_000;

  /** Decisions of a group and of five minutes that are counted one by one. */
  static final int EXACT = 8_192;

  /** Afterwards one decision in so many counts for all of them. */
  static final int SAMPLED = 64;

  private static final long HALF_MICROS = 300_000_000;
  private static final int MOST = 1_000;

  /**
   * A key and how often it came.
   *
   * @param policy the policy's name
   * @param limit the name of the limit that decided
   * @param key the entries that the limit counts by; secrets among them as fingerprints (R18)
   * @param count decisions; not fewer than there were, but for the noise of sampling
   * @param error there were at least the count without it
   * @param descriptor one that the limit counts, where the key tells it and holds no secret
   */
  public record Top(
      String policy,
      String limit,
      String key,
      long count,
      long error,
      Optional<Descriptor> descriptor) {}

  /** A counter and the name of its policy. */
  private record Named(String policy, CounterKey key, int hash) {
    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Named named && hash == named.hash && key.equals(named.key);
    }
  }

  /** What is counted of one half of the time. */
  private static final class Half {
    private final SpaceSaving<Named> denied = new SpaceSaving<>(CAPACITY);
    private final SpaceSaving<Named> used = new SpaceSaving<>(CAPACITY);
    private final long began;

    Half(long began) {
      this.began = began;
    }
  }

  private final class Group {
    private final Chance deniedChance = new Chance();
    private final Chance usedChance = new Chance();
    // Guarded by this.
    private @Nullable Half current;
    private @Nullable Half before;

    synchronized void add(Named key, int ofDenied, int ofUsed) {
      Half half = half();
      if (ofDenied > 0) {
        half.denied.add(key, ofDenied);
      }
      if (ofUsed > 0) {
        half.used.add(key, ofUsed);
      }
    }

    private Half half() {
      long now = time.micros();
      Half half = current;
      if (half == null || now - half.began >= HALF_MICROS) {
        before = half == null || now - half.began >= 2 * HALF_MICROS ? null : half;
        half = new Half(now);
        current = half;
        deniedChance.restart();
        usedChance.restart();
      }
      return half;
    }

    /** Hands both halves over, if they are of this time, while nothing changes in them. */
    private synchronized List<Half> halves() {
      long now = time.micros();
      List<Half> halves = new ArrayList<>(2);
      for (Half half : Arrays.asList(before, current)) {
        if (half != null && now - half.began < 2 * HALF_MICROS) {
          halves.add(half);
        }
      }
      return halves;
    }
  }

  /** Whether a decision is counted, and for how many. A race loses a count or two. */
  private static final class Chance {
    private int exact = EXACT;
    private int random = 0x9E3779B9;

    int weight() {
      if (exact > 0) {
        exact--;
        return 1;
      }
      // Marsaglia, "Xorshift RNGs", 2003: not every sixty-fourth, which a rhythm of callers could
      // meet.
      int x = random;
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
      random = x;
      return (x & (SAMPLED - 1)) == 0 ? SAMPLED : 0;
    }

    void restart() {
      exact = EXACT;
    }
  }

  private final TimeSource time;
  private final Supplier<PolicySet> policies;
  private final KeyHasher hasher = new KeyHasher();
  private final Group[] groups;

  /**
   * Nothing counted yet.
   *
   * @param threads how many decide, about
   * @param policies those in force, which tell what keys are made of
   */
  public TopKeys(TimeSource time, int threads, Supplier<PolicySet> policies) {
    this.time = requireNonNull(time, "time");
    this.policies = requireNonNull(policies, "policies");
    groups = new Group[Integer.highestOneBit(Math.clamp(threads, 1, 64) * 2 - 1)];
    Arrays.setAll(groups, i -> new Group());
  }

  @Override
  public void onDecision(List<Descriptor> descriptors, Decision decision) {
    Group group = groups[(int) Thread.currentThread().threadId() & (groups.length - 1)];
    int ofUsed = group.usedChance.weight();
    int ofDenied = decision.allowed() ? 0 : group.deniedChance.weight();
    if (ofUsed + ofDenied > 0) {
      LimitState deciding = decision.deciding().orElse(null);
      if (deciding != null) {
        group.add(named(deciding), ofDenied, ofUsed);
      }
    }
  }

  private Named named(LimitState deciding) {
    CounterKey key = KeyText.bounded(deciding.key());
    return new Named(deciding.policy(), key, hasher.hash(key));
  }

  /**
   * The keys that were denied most, the first before the others.
   *
   * @param n how many at most; 1..1000
   */
  public List<Top> mostDenied(int n) {
    return most(n, half -> half.denied);
  }

  /**
   * The keys that met most decisions, whatever these were, the first before the others.
   *
   * @param n how many at most; 1..1000
   */
  public List<Top> mostUsed(int n) {
    return most(n, half -> half.used);
  }

  private List<Top> most(int n, Function<Half, SpaceSaving<Named>> which) {
    if (n < 1 || n > MOST) {
      throw new IllegalArgumentException("n: " + n + " (expected: 1.." + MOST + ")");
    }
    List<SpaceSaving<Named>> sketches = new ArrayList<>();
    for (Group group : groups) {
      synchronized (group) {
        group.halves().forEach(half -> sketches.add(which.apply(half).copy()));
      }
    }
    KeyText text = new KeyText(policies.get());
    return SpaceSaving.merged(sketches).stream()
        .limit(n)
        .map(
            estimate ->
                new Top(
                    estimate.key().policy,
                    estimate.key().key.limit().limit(),
                    text.of(estimate.key().policy, estimate.key().key),
                    estimate.count(),
                    estimate.error(),
                    text.descriptor(estimate.key().key)))
        .toList();
  }
}
