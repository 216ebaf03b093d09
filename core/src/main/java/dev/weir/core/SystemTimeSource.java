// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

/** Wall-clock microseconds that advance with {@link System#nanoTime} and never run backwards. */
final class SystemTimeSource implements TimeSource {

  static final SystemTimeSource INSTANCE = new SystemTimeSource();

  private static final long CHECK_EVERY_NANOS = 1_000_000_000L;
  private static final long FOLLOW_BEYOND_MICROS = 50_000L;

  /** Pairs a reading of the monotonic clock with the microseconds it stands for. */
  record Anchor(long nanos, long micros) {
    long at(long now) {
      return micros + Math.floorDiv(now - nanos, 1_000L);
    }

    /* On a whole microsecond of this anchor: on any other, the two would round differently, and a
     * thread that read this one after the given moment could then read a microsecond less. */
    Anchor follow(long now, long wall) {
      long own = at(now);
      long whole = now - Math.floorMod(now - nanos, 1_000L);
      return new Anchor(whole, wall - own > FOLLOW_BEYOND_MICROS ? wall : own);
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
    Anchor next = seen.follow(now, wallMicros());
    anchor = next;
    return next;
  }

  private static long wallMicros() {
    return System.currentTimeMillis() * 1_000;
  }
}
