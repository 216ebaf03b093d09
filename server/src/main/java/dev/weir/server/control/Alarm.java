// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.control;

/** Runs something once, later, on a thread that may be busy for milliseconds. */
@FunctionalInterface
public interface Alarm {

  /**
   * @param millis in how many milliseconds, 1 or more
   */
  void in(long millis, Runnable action);
}
