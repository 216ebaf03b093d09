// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import dev.weir.core.TimeSource;

/**
 * The clock that a log turns. One thread turns it, any reads it.
 *
 * <p>It never runs backwards, but does not promise so: that would let the store in memory rely on
 * being swept each minute of this clock, of which many may pass in a second.
 */
final class LogClock implements TimeSource {

  private volatile long micros;

  @Override
  public long micros() {
    return micros;
  }

  void turn(long to) {
    micros = to;
  }
}
