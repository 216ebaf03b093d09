// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import dev.weir.core.Limit;
import dev.weir.core.Mode;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.TokenBucket;
import dev.weir.policy.DurationWords;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes policies of observed demand.
 *
 * <p>A bucket of {@code n} that earns {@code n} in a window has room for whoever asks for at most
 * {@code n} in every window of that length. Of several windows those are kept that can deny
 * anything: a shorter one only if it holds less than the longer, a longer one only if it earns less
 * than the shorter.
 */
final class Proposal {

  private static final long MOST = 1L << 31;

  private Proposal() {}

  /**
   * The same policies with limits by what was asked for; those nobody met keep what they have.
   *
   * @throws IllegalArgumentException if nobody met any
   */
  static PolicySet of(PolicySet policies, List<Demand> demands, SuggestionWish wish) {
    List<Policy> proposed = new ArrayList<>();
    boolean met = false;
    for (Policy policy : policies.policies()) {
      List<Limit> limits = limits(policy, demands, wish);
      met |= !limits.isEmpty();
      proposed.add(limits.isEmpty() ? policy : with(policy, limits));
    }
    if (!met) {
      throw new IllegalArgumentException("requests: none met a policy (expected: at least one)");
    }
    return PolicySet.of(proposed);
  }

  /** The policy without anything that is about its limits, and with others. */
  static Policy with(Policy policy, List<Limit> limits) {
    return new Policy(
        policy.name(),
        policy.domain(),
        policy.conditions(),
        policy.entries(),
        policy.key(),
        limits,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        policy.cost(),
        policy.partition(),
        Mode.ENFORCED,
        policy.priority(),
        Optional.empty());
  }

  private static List<Limit> limits(Policy policy, List<Demand> demands, SuggestionWish wish) {
    List<Limit> kept = new ArrayList<>();
    List<Duration> windows = new ArrayList<>();
    for (Demand demand : demands) {
      if (demand.policy().equals(policy.fullName()) && demand.windows() > 0) {
        long room = room(demand.percentile(), wish.headroomPercent());
        while (!kept.isEmpty() && capacity(kept.getLast()) >= room) {
          kept.removeLast();
          windows.removeLast();
        }
        boolean binds = kept.isEmpty() || earnsLess(room, demand.window(), kept, windows);
        if (binds) {
          kept.add(Limit.of(name(demand.window()), TokenBucket.of(room, demand.window())));
          windows.add(demand.window());
        }
      }
    }
    return kept;
  }

  private static boolean earnsLess(
      long room, Duration window, List<Limit> kept, List<Duration> windows) {
    double shorter = (double) capacity(kept.getLast()) / windows.getLast().toNanos();
    return (double) room / window.toNanos() < shorter;
  }

  private static long capacity(Limit limit) {
    return limit.algorithm() instanceof TokenBucket bucket ? bucket.capacity() : Long.MAX_VALUE;
  }

  /** The demand and its headroom, rounded up to two digits. */
  static long room(long demand, double headroomPercent) {
    long wanted = (long) Math.ceil(Math.max(1, demand) * (100 + headroomPercent) / 100);
    long step = 1;
    while (wanted / step >= 100) {
      step *= 10;
    }
    return Math.min(MOST, Math.ceilDiv(wanted, step) * step);
  }

  private static String name(Duration window) {
    if (window.equals(Duration.ofSeconds(1))) {
      return "per-second";
    }
    if (window.equals(Duration.ofMinutes(1))) {
      return "per-minute";
    }
    if (window.equals(Duration.ofHours(1))) {
      return "per-hour";
    }
    return window.equals(Duration.ofDays(1)) ? "per-day" : "per-" + DurationWords.format(window);
  }
}
