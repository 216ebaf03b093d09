// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * Other limits for some of a policy's descriptors. Counters stay the same: who moves from one
 * override to another keeps what is spent (R21).
 *
 * @param conditions all of which must hold; 1..32
 * @param limits each replaces the policy's limit of the same name; at most 16
 * @param multiply factor for the amounts of the limits that are not replaced
 */
public record LimitOverride(List<Condition> conditions, List<Limit> limits, Factor multiply) {

  /**
   * @throws IllegalArgumentException if a value is out of range or a limit is named twice
   */
  public LimitOverride {
    conditions = List.copyOf(requireNonNull(conditions, "conditions"));
    limits = List.copyOf(requireNonNull(limits, "limits"));
    Require.within("conditions", conditions.size(), 1, Policy.MAX_CONDITIONS);
    Require.within("limits", limits.size(), 0, Policy.MAX_LIMITS);
    requireNonNull(multiply, "multiply");
    Policy.checkUnique(limits);
  }

  /** The same with a whole factor; 1..1000000. */
  public LimitOverride(List<Condition> conditions, List<Limit> limits, long multiply) {
    this(conditions, limits, Factor.of(multiply));
  }

  /** The policy's limits, multiplied. */
  public static LimitOverride multiply(List<Condition> conditions, long factor) {
    return new LimitOverride(conditions, List.of(), factor);
  }

  /** The policy's limits, multiplied. */
  public static LimitOverride multiply(List<Condition> conditions, Factor factor) {
    return new LimitOverride(conditions, List.of(), factor);
  }

  /** Other limits in place of the policy's ones of the same names. */
  public static LimitOverride replace(List<Condition> conditions, List<Limit> limits) {
    return new LimitOverride(conditions, limits, 1);
  }

  /**
   * What applies in place of the given limit of the policy; the same one if nothing does.
   *
   * @throws IllegalArgumentException if the product cannot be counted exactly
   * @throws ArithmeticException if it is too large for that
   */
  public Limit apply(Limit limit) {
    for (Limit other : limits) {
      if (other.name().equals(limit.name())) {
        return other;
      }
    }
    return multiply.equals(Factor.ONE) ? limit : limit.with(limit.algorithm().times(multiply));
  }
}
