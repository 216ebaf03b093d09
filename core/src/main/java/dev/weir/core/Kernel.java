// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.time.ZoneId;

/**
 * The pure arithmetic of one algorithm with its parameters compiled in.
 *
 * <p>A kernel holds no state: {@code step(state, clock, charge)} answers the next state and a
 * verdict. Kernels with equal parameters are equal. A store on another machine takes the {@link
 * #parameters} there and may leave it to {@link #judgeTake} to say what a take was answered.
 */
public sealed interface Kernel
    permits TokenBucketKernel,
        WindowKernel,
        SlidingWindowKernel,
        SlidingLogKernel,
        ConcurrencyKernel {

  /** The most that one key can hold; debt goes as far below zero (R12). */
  long limit();

  /** What a store needs to know to count by this kernel. */
  Parameters parameters();

  /**
   * Judges a take from a state that another machine has settled at its own time: a token bucket's
   * credit at that time's tick; what is spent in a window or a calendar period; what is spent in
   * the previous and in the current sliding window.
   *
   * @param charged whether the cost is taken if there is room; otherwise the verdict is that of a
   *     charge whose check failed (R1)
   * @param cost permits, 1 or more
   * @param nowMicros the time at which the state was settled
   * @param first the state's first number
   * @param second the state's second number; 0 if it has one only
   * @throws UnsupportedOperationException for logs and holds, which are no such state
   */
  Verdict judgeTake(boolean charged, long cost, long nowMicros, long first, long second);

  /** The compiled parameters of each algorithm; all numbers are whole and below 2<sup>53</sup>. */
  sealed interface Parameters {

    /**
     * A token bucket, counted in units of a permit.
     *
     * @param limit most permits
     * @param unit units of one permit; {@code limit × unit} is at most 2<sup>52</sup>
     * @param gain units earned per tick
     * @param tickMicros length of a tick
     */
    record Bucket(long limit, long unit, long gain, long tickMicros) implements Parameters {}

    /** Windows of one length, aligned to the epoch. */
    record Window(long limit, long windowMicros) implements Parameters {}

    /**
     * Periods of a calendar.
     *
     * @param limit most permits in a period
     * @param period its length
     * @param zone whose clocks it follows
     * @param periods when they begin and end
     */
    record Calendar(long limit, CalendarPeriod period, ZoneId zone, Periods periods)
        implements Parameters {}

    /** Two weighted counters; a window has {@code ticks} ticks. */
    record Sliding(long limit, long ticks, long tickMicros) implements Parameters {}

    /** A log of charges. */
    record Log(long limit, long windowMicros) implements Parameters {}

    /** Permits held under ids, each at most {@code expiryMicros} long. */
    record Holds(long limit, long expiryMicros) implements Parameters {}
  }

  /** A calendar's periods, in microseconds since the epoch. Equal if they are the same periods. */
  interface Periods {

    /** Start of the period that holds the moment. */
    long startOf(long micros);

    /** End of the period that starts at the given moment. */
    long endOf(long start);
  }
}
