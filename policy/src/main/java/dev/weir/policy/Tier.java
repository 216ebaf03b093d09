// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Algorithm;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A named set of limits, such as a plan that customers buy.
 *
 * @param name what the descriptor's entry says; 1..200 characters
 * @param limits in place of a policy's limits of the same names; 1..16
 */
public record Tier(String name, List<Tier.Limit> limits) {

  private static final int MAX_NAME = 200;
  private static final int MAX_LIMITS = 16;

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public Tier {
    requireNonNull(name, "name");
    if (name.isEmpty() || name.length() > MAX_NAME) {
      throw new IllegalArgumentException(
          "tier: \"" + name + "\" (expected: 1.." + MAX_NAME + " characters)");
    }
    limits = List.copyOf(limits);
    if (limits.isEmpty() || limits.size() > MAX_LIMITS) {
      throw new IllegalArgumentException(
          "limits: " + limits.size() + " (expected: 1.." + MAX_LIMITS + ")");
    }
  }

  /**
   * What a tier's members may do by one limit, in normal times and in other load states.
   *
   * @param name the limit's name
   * @param rates by state; {@link PolicyCatalog#NORMAL} is always there, and holds wherever a state
   *     is not
   */
  public record Limit(String name, Map<String, Algorithm> rates) {

    /**
     * @throws IllegalArgumentException if normal times are missing, or a state counts in another
     *     way
     */
    public Limit {
      requireNonNull(name, "name");
      Map<String, Algorithm> ordered = new LinkedHashMap<>();
      Algorithm normal = rates.get(PolicyCatalog.NORMAL);
      if (normal == null) {
        throw new IllegalArgumentException(
            "no normal (expected: a field normal, the rate in normal times)");
      }
      ordered.put(PolicyCatalog.NORMAL, normal);
      rates.forEach((state, rate) -> ordered.put(state, sameKind(state, rate, normal)));
      rates = Collections.unmodifiableMap(ordered);
    }

    private static Algorithm sameKind(String state, Algorithm rate, Algorithm normal) {
      if (rate.getClass() != normal.getClass()) {
        throw new IllegalArgumentException(state + ": " + Kinds.other(rate, normal));
      }
      return rate;
    }

    /** The rate in a state. */
    public Algorithm in(String state) {
      Algorithm own = rates.get(state);
      return own != null ? own : requireNonNull(rates.get(PolicyCatalog.NORMAL), "normal");
    }
  }

  /** The names of its limits. */
  List<String> limitNames() {
    List<String> names = new ArrayList<>();
    limits.forEach(limit -> names.add(limit.name()));
    return names;
  }
}
