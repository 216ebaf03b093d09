// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import dev.weir.core.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until a test moves it. Safe for use by any number of threads. */
public final class ManualTimeSource implements TimeSource {

  /** Where a clock starts unless told otherwise: 2026-01-01T00:00:00Z. */
  public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final AtomicLong micros;
  private final boolean monotonic;

  private ManualTimeSource(long micros, boolean monotonic) {
    this.micros = new AtomicLong(micros);
    this.monotonic = monotonic;
  }

  /** A clock at {@link #START} that may be set back. */
  public static ManualTimeSource create() {
    return at(START);
  }

  /** A clock that may be set back. */
  public static ManualTimeSource at(Instant start) {
    return new ManualTimeSource(micros(start), false);
  }

  /** A clock at {@link #START} that promises never to run backwards, and refuses to. */
  public static ManualTimeSource steady() {
    return steadyAt(START);
  }

  /** A clock that promises never to run backwards, and refuses to. */
  public static ManualTimeSource steadyAt(Instant start) {
    return new ManualTimeSource(micros(start), true);
  }

  @Override
  public long micros() {
    return micros.get();
  }

  @Override
  public boolean monotonic() {
    return monotonic;
  }

  /** Moves the clock on; a negative duration sets it back. */
  public void advance(Duration by) {
    advanceMicros(Math.addExact(by.getSeconds() * 1_000_000, by.getNano() / 1_000));
  }

  /** Moves the clock on; a negative number sets it back. */
  public void advanceMicros(long by) {
    setMicros(Math.addExact(micros.get(), by));
  }

  /** Sets the clock. */
  public void set(Instant now) {
    setMicros(micros(now));
  }

  /**
   * Sets the clock.
   *
   * @throws IllegalArgumentException if that is earlier and the clock is monotonic
   */
  public void setMicros(long now) {
    long before = micros.get();
    if (monotonic && now < before) {
      throw new IllegalArgumentException(
          "now: " + now + " (expected: " + before + " or later, the clock is monotonic)");
    }
    micros.set(now);
  }

  private static long micros(Instant instant) {
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1_000);
  }

  @Override
  public String toString() {
    return (monotonic ? "monotonic clock at " : "clock at ") + micros.get() + " µs";
  }
}
