// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

/** Wall-clock microseconds that advance with {@link System#nanoTime} and never run backwards. */
final class SystemTimeSource implements TimeSource {

  static final SystemTimeSource INSTANCE = new SystemTimeSource();

  private static final long CHECK_EVERY_NANOS = 1_000_000_000L;
  private static final long FOLLOW_BEYOND_MICROS = 50_000L;

  /** Pairs a reading of the monotonic clock with the microseconds it stands for. */
  private record Anchor(long nanos, long micros) {
    long at(long now) {
      return micros + (now - nanos) / 1_000;
    }
  }

  private volatile Anchor anchor = new Anchor(System.nanoTime(), wallMicros());

  private SystemTimeSource() {}

  @Override
  public long micros() {
    long now = System.nanoTime();
    Anchor current = anchor;
    if (now - current.nanos > CHECK_EVERY_NANOS) {
      current = follow(current, now);
    }
    return current.at(now);
  }

  @Override
  public boolean monotonic() {
    return true;
  }

  /* A suspended machine stops the monotonic clock but not the wall clock: a large gap forward is
   * followed. Two threads may both replace the anchor; each replacement is at or after the other's
   * line of time, up to the gap that is being followed, so no thread reads an earlier time. */
  private synchronized Anchor follow(Anchor seen, long now) {
    if (anchor != seen) {
      return anchor;
    }
    long own = seen.at(now);
    long wall = wallMicros();
    anchor = new Anchor(now, wall - own > FOLLOW_BEYOND_MICROS ? wall : own);
    return anchor;
  }

  private static long wallMicros() {
    return System.currentTimeMillis() * 1_000;
  }
}
