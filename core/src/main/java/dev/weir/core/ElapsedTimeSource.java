// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

/** The machine's monotonic clock alone. */
final class ElapsedTimeSource implements TimeSource {

  static final ElapsedTimeSource INSTANCE = new ElapsedTimeSource();

  private static final long START = System.nanoTime();

  private ElapsedTimeSource() {}

  @Override
  public long micros() {
    return (System.nanoTime() - START) / 1_000;
  }

  @Override
  public boolean monotonic() {
    return true;
  }
}
