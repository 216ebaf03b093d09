// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

/**
 * A named limit: how it counts, what it answers while its store cannot, and whether it denies.
 *
 * @param name unique within its policy; 1..100 characters
 * @param algorithm how it counts
 * @param onFailure what it answers while the store cannot
 * @param mode enforced or shadow
 */
public record Limit(String name, Algorithm algorithm, FailurePolicy onFailure, Mode mode) {

  /**
   * Checks the parameters.
   *
   * @throws IllegalArgumentException if the name is empty or too long
   */
  public Limit {
    Require.text("name", requireNonNull(name, "name"), 100);
    requireNonNull(algorithm, "algorithm");
    requireNonNull(onFailure, "onFailure");
    requireNonNull(mode, "mode");
  }

  /** An enforced limit that allows while its store is away. */
  public static Limit of(String name, Algorithm algorithm) {
    return new Limit(name, algorithm, FailurePolicy.OPEN, Mode.ENFORCED);
  }

  /** The same limit, counting and reporting but denying nobody (R11). */
  public Limit shadow() {
    return new Limit(name, algorithm, onFailure, Mode.SHADOW);
  }

  /** The same limit with another failure policy. */
  public Limit onFailure(FailurePolicy policy) {
    return new Limit(name, algorithm, policy, mode);
  }

  /** The same limit counting another way. */
  public Limit with(Algorithm other) {
    return new Limit(name, other, onFailure, mode);
  }
}
