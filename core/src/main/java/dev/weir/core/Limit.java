// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * A named limit: how it counts, what it answers while its store cannot, whether it denies, and
 * whether nodes may buy its permits in advance.
 *
 * @param name unique within its policy; 1..100 characters
 * @param algorithm how it counts
 * @param onFailure what it answers while the store cannot
 * @param mode enforced, shadow or quota
 * @param lease what nodes may buy in advance from a store that they share; token buckets only
 */
public record Limit(
    String name, Algorithm algorithm, FailurePolicy onFailure, Mode mode, Optional<Lease> lease) {

  /**
   * Checks the parameters.
   *
   * @throws IllegalArgumentException if the name is empty or too long, or the lease is of something
   *     else than a token bucket, or of more than its capacity
   */
  public Limit {
    Require.text("name", requireNonNull(name, "name"), 100);
    requireNonNull(algorithm, "algorithm");
    requireNonNull(onFailure, "onFailure");
    requireNonNull(mode, "mode");
    requireNonNull(lease, "lease").ifPresent(wanted -> admit(wanted, algorithm));
  }

  /** A limit without leases. */
  public Limit(String name, Algorithm algorithm, FailurePolicy onFailure, Mode mode) {
    this(name, algorithm, onFailure, mode, Optional.empty());
  }

  private static void admit(Lease lease, Algorithm algorithm) {
    if (!(algorithm instanceof TokenBucket bucket)) {
      throw unleasable(algorithm);
    }
    Require.within("lease permits", lease.permits(), 1, bucket.capacity());
  }

  private static IllegalArgumentException unleasable(Algorithm algorithm) {
    return new IllegalArgumentException(
        "algorithm of a leased limit: " + algorithm + " (expected: a token bucket)");
  }

  /** An enforced limit that allows while its store is away. */
  public static Limit of(String name, Algorithm algorithm) {
    return new Limit(name, algorithm, FailurePolicy.OPEN, Mode.ENFORCED);
  }

  /** The same limit, counting and reporting but denying nobody (R11). */
  public Limit shadow() {
    return new Limit(name, algorithm, onFailure, Mode.SHADOW, lease);
  }

  /** The same limit, which denies only together with every other one of its mode (R11). */
  public Limit quota() {
    return new Limit(name, algorithm, onFailure, Mode.QUOTA, lease);
  }

  /** The same limit with another failure policy. */
  public Limit onFailure(FailurePolicy policy) {
    return new Limit(name, algorithm, policy, mode, lease);
  }

  /** The same limit counting another way; leases stay if it can have them. */
  public Limit with(Algorithm other) {
    boolean stays =
        other instanceof TokenBucket bucket
            && lease.isPresent()
            && lease.get().permits() <= bucket.capacity();
    return new Limit(name, other, onFailure, mode, stays ? lease : Optional.empty());
  }

  /**
   * The same limit, whose permits nodes may buy in advance.
   *
   * @throws IllegalArgumentException if it is no token bucket, or has a smaller capacity
   */
  public Limit leased(Lease lease) {
    return new Limit(name, algorithm, onFailure, mode, Optional.of(lease));
  }

  /**
   * The same limit, whose permits nodes may buy in advance, a hundredth of its capacity each.
   *
   * @throws IllegalArgumentException if it is no token bucket
   */
  public Limit leased() {
    if (!(algorithm instanceof TokenBucket bucket)) {
      throw unleasable(algorithm);
    }
    return leased(Lease.of(bucket));
  }

  /** The same limit, of which nothing may be bought in advance. */
  public Limit unleased() {
    return new Limit(name, algorithm, onFailure, mode);
  }
}
