// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * Permits of a token bucket that each node may buy from a shared store in advance, for its hottest
 * keys, and spend without asking again.
 *
 * <p>Permits are taken from the store before they are spent, so all nodes together never admit more
 * than the bucket has given out since the beginning. They may be spent up to a lifetime later, so
 * within one stretch of time a bucket that earns r per second and is shared by N nodes may admit
 * min(r × lifetime, N × permits) more than its bound; where permits come back to the store by
 * receipt while others are being spent, r × lifetime grows by what is earned while they are under
 * way. At most permits of each node and key are stranded: with a node that dies, all of them, and
 * with one that finds no use for them, what the bucket could have earned in their place (R26, R29).
 *
 * <p>What remains is then an estimate and {@linkplain LimitState#estimated says so}. Near
 * exhaustion checks go to the store one by one (R27), as do always peeks, records and checks in
 * which a limit without leases has part: they do not see what is leased.
 *
 * <p>The bounds follow from when permits leave and reach the bucket: {@code docs/semantics.md}
 * under R26 has them, and the testkit's model test searches for an order of things that breaks
 * them.
 *
 * @param permits most permits of one key that a node holds and has asked for; 1..2<sup>31</sup> −
 *     1, and much less than the capacity
 * @param lifetime how long permits may be spent, from before they were asked for; 1 ms..60 s
 */
public record Lease(long permits, Duration lifetime) {

  /** Lifetime unless told otherwise. */
  public static final Duration DEFAULT_LIFETIME = Duration.ofMillis(100);

  private static final long DEFAULT_MAX_PERMITS = 10_000;
  private static final long MIN_LIFETIME_MICROS = 1_000;
  private static final long MAX_LIFETIME_MICROS = 60_000_000;

  /**
   * Checks the parameters.
   *
   * @throws IllegalArgumentException if a value is out of range
   */
  public Lease {
    Require.within("lease permits", permits, 1, Descriptor.MAX_COST);
    long micros = Require.micros("lease lifetime", requireNonNull(lifetime, "lifetime"));
    if (micros < MIN_LIFETIME_MICROS || micros > MAX_LIFETIME_MICROS) {
      throw new IllegalArgumentException(
          "lease lifetime: " + lifetime + " (expected: PT0.001S..PT1M)");
    }
  }

  /** So many permits for {@link #DEFAULT_LIFETIME}. */
  public static Lease of(long permits) {
    return new Lease(permits, DEFAULT_LIFETIME);
  }

  /** A hundredth of the capacity, at most 10 000, for {@link #DEFAULT_LIFETIME}. */
  public static Lease of(TokenBucket bucket) {
    return of(Math.clamp(bucket.capacity() / 100, 1, DEFAULT_MAX_PERMITS));
  }

  long lifetimeMicros() {
    return lifetime.toNanos() / 1_000;
  }
}
