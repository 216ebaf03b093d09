// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

/** Hears how long decisions took. Safe for use by any thread. */
@FunctionalInterface
public interface Timings {

  /** Nobody listens; nobody needs to read the clock. */
  Timings NONE = (micros, decisions) -> {};

  /**
   * @param micros from a request to its decisions
   * @param decisions how many were made in that time; 1 or more
   */
  void took(long micros, int decisions);
}
