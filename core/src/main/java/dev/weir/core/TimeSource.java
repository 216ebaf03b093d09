// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

/**
 * The clock that decisions are made by.
 *
 * <p>Safe for use by any number of threads. Nothing else in the product reads the system's clock.
 */
@FunctionalInterface
public interface TimeSource {

  /** Microseconds since 1970-01-01T00:00:00Z. */
  long micros();

  /**
   * Whether a reading is never earlier than one that the same thread saw before. The in-memory
   * store keeps no time of its own beside a token bucket whose clock promises this.
   */
  default boolean monotonic() {
    return false;
  }

  /**
   * The machine's clock with the step of its monotonic clock: it follows the wall clock when that
   * jumps forward, and keeps its own pace when the wall clock is set back (R9).
   */
  static TimeSource system() {
    return SystemTimeSource.INSTANCE;
  }

  /**
   * Microseconds since some moment of this process, for deadlines and lifetimes: no change of the
   * wall clock moves it.
   */
  static TimeSource elapsed() {
    return ElapsedTimeSource.INSTANCE;
  }
}
