// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

/**
 * Makes stores whose idle keys stay, so that what they answer depends on the test's clock alone.
 */
public final class Unswept {

  private Unswept() {}

  /** A store that is never swept. */
  public static Store on(TimeSource clock) {
    return MemoryStore.unswept(clock, 1_000_000);
  }
}
