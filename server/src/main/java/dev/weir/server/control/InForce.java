// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.control;

import dev.weir.policy.PolicyCatalog;
import java.util.Optional;

/** What decisions are made by on this instance. Safe for use by any number of threads. */
public interface InForce {

  /** The policies in force, in every load state. */
  PolicyCatalog catalog();

  /** The policies of the files, whether they are in force or not. */
  PolicyCatalog files();

  /**
   * Refuses policies that this instance cannot decide by.
   *
   * @throws IllegalArgumentException saying why
   */
  void check(PolicyCatalog candidate);

  /**
   * Puts policies in force before those of the files, at once and for every listener (R21).
   *
   * @param other empty to return to the files'
   * @throws IllegalArgumentException as {@link #check} does; what was in force stays
   */
  void put(Optional<PolicyCatalog> other);

  /**
   * Enters a load state, at once and for every listener; what is spent stays (R21).
   *
   * @return the state entered: {@link PolicyCatalog#NORMAL} where the policies in force know no
   *     such state
   */
  String enter(String state);
}
