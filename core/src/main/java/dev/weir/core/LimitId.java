// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

import java.util.OptionalInt;

/**
 * Which limit a counter belongs to: its policy and its own name. The state of a key outlives a
 * change of the limit's parameters as long as this identity stays (R21).
 */
public final class LimitId {

  private final String policy;
  private final String limit;
  private final int partition;
  private final KeyHash hash;

  private LimitId(String policy, String limit, int partition) {
    this.policy = policy;
    this.limit = limit;
    this.partition = partition;
    this.hash = KeyHash.of(policy, limit);
  }

  /**
   * An identity.
   *
   * @param policy the policy's full name, its domain included; 1..500 characters
   * @param limit the limit's name; 1..100 characters
   */
  public static LimitId of(String policy, String limit) {
    return new LimitId(
        Require.text("policy", requireNonNull(policy, "policy"), 500),
        Require.text("limit", requireNonNull(limit, "limit"), 100),
        -1);
  }

  /** The same identity, of which one part of the keys' values says what is kept together. */
  LimitId partitioned(int part) {
    return new LimitId(policy, limit, part);
  }

  /**
   * Which part of a key's value, counted from 0, tells what a store with several places keeps
   * together in one of them (R18). Says nothing of who this is: equal identities may differ in it.
   */
  public OptionalInt partition() {
    return partition < 0 ? OptionalInt.empty() : OptionalInt.of(partition);
  }

  public String policy() {
    return policy;
  }

  public String limit() {
    return limit;
  }

  /** The hash of this limit's keys in the memory of this process. */
  KeyHash hash() {
    return hash;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LimitId id && policy.equals(id.policy) && limit.equals(id.limit);
  }

  @Override
  public int hashCode() {
    return 31 * policy.hashCode() + limit.hashCode();
  }

  @Override
  public String toString() {
    return policy + '/' + limit;
  }
}
