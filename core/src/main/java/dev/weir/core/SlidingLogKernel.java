// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.time.Duration;
import java.util.Arrays;

/**
 * A log of charges. An entry counts from its moment until a window later, that moment excluded.
 *
 * @param limit most permits in any window
 * @param windowMicros length of the window
 */
record SlidingLogKernel(long limit, long windowMicros)
    implements Kernel, Step.Arithmetic<SlidingLogKernel.Log> {

  /* Each step copies the log of its key: a copy of this many entries takes some microseconds. */
  static final long MAX_LIMIT = 10_000;

  /**
   * Moments in ascending order and what was charged at each; the sum of the charges. The arrays are
   * never written after construction.
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Log(long[] times, long[] amounts, long sum) implements State {
    private static final long[] NONE = new long[0];
    static final Log EMPTY = new Log(NONE, NONE, 0);

    private Log from(int first) {
      if (first == 0) {
        return this;
      }
      if (first == times.length) {
        return EMPTY;
      }
      long gone = 0;
      for (int i = 0; i < first; i++) {
        gone += amounts[i];
      }
      return new Log(
          Arrays.copyOfRange(times, first, times.length),
          Arrays.copyOfRange(amounts, first, amounts.length),
          sum - gone);
    }

    private long newest() {
      return times.length == 0 ? Long.MIN_VALUE : times[times.length - 1];
    }

    /* An entry of nothing is dropped, so that the log stays bounded; the newest one stays, since
     * it is the stored time, and gives way to the next charge. */
    private Log minus(int index, long amount) {
      long given = Math.min(amount, amounts[index]);
      if (given == amounts[index] && index < times.length - 1) {
        return new Log(without(times, index), without(amounts, index), sum - given);
      }
      long[] left = amounts.clone();
      left[index] -= given;
      return new Log(times, left, sum - given);
    }

    private static long[] without(long[] values, int index) {
      long[] left = Arrays.copyOf(values, values.length - 1);
      System.arraycopy(values, index + 1, left, index, left.length - index);
      return left;
    }

    private boolean endsEmpty() {
      return times.length > 0 && amounts[times.length - 1] == 0;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Log log
          && sum == log.sum
          && Arrays.equals(times, log.times)
          && Arrays.equals(amounts, log.amounts);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(times);
    }
  }

  static SlidingLogKernel compile(long limit, Duration window) {
    Require.within("limit", limit, 1, MAX_LIMIT);
    return new SlidingLogKernel(limit, Require.micros("window", window));
  }

  @Override
  public Parameters parameters() {
    return new Parameters.Log(limit, windowMicros);
  }

  @Override
  public Verdict judgeTake(boolean charged, long cost, long nowMicros, long first, long second) {
    throw new UnsupportedOperationException("judgeTake: a log is more than two numbers");
  }

  @Override
  public Log fresh(long now) {
    return Log.EMPTY;
  }

  @Override
  public boolean ahead(Log state, long now) {
    return state.times.length > 0 && state.newest() - now > windowMicros;
  }

  @Override
  public Log settle(Log state, long now) {
    if (ahead(state, now)) {
      return new Log(new long[] {now}, new long[] {state.sum}, state.sum);
    }
    long horizon = Math.max(now, state.newest()) - windowMicros;
    int first = 0;
    while (first < state.times.length && state.times[first] <= horizon) {
      first++;
    }
    return state.from(first);
  }

  @Override
  public long balance(Log settled, long now) {
    return limit - settled.sum;
  }

  @Override
  public boolean fits(Log settled, long cost, long now) {
    return settled.sum + cost <= limit;
  }

  @Override
  public Log take(Log settled, long cost, long now) {
    int size = settled.times.length;
    long moment = Math.max(now, settled.newest());
    boolean merge = settled.newest() == moment || settled.endsEmpty();
    long[] times = Arrays.copyOf(settled.times, merge ? size : size + 1);
    long[] amounts = Arrays.copyOf(settled.amounts, times.length);
    times[times.length - 1] = moment;
    amounts[times.length - 1] += cost;
    return new Log(times, amounts, settled.sum + cost);
  }

  @Override
  public Log giveBack(Log settled, long amount, long mark, long now) {
    int index = Arrays.binarySearch(settled.times, mark);
    return index < 0 ? settled : settled.minus(index, amount);
  }

  /* The newest charges are relieved first: they count longest. */
  @Override
  public Log grant(Log settled, long amount, long now) {
    Log log = settled;
    long left = amount;
    for (int i = log.times.length - 1; i >= 0 && left > 0; i--) {
      long before = log.sum;
      log = log.minus(i, left);
      left -= before - log.sum;
    }
    return log;
  }

  @Override
  public long retryAfter(Log settled, long cost, long now) {
    long missing = settled.sum + cost - limit;
    int i = 0;
    while (missing > settled.amounts[i]) {
      missing -= settled.amounts[i++];
    }
    return settled.times[i] + windowMicros - now;
  }

  @Override
  public long resetAfter(Log settled, long now) {
    if (settled.sum == 0) {
      return 0;
    }
    int last = settled.times.length - (settled.endsEmpty() ? 2 : 1);
    return settled.times[last] + windowMicros - now;
  }

  @Override
  public long mark(Log settled, long now) {
    return Math.max(now, settled.newest());
  }

  @Override
  public Log adopt(State other, Kernel from, long now) {
    return other instanceof Log log ? settle(log, now) : Log.EMPTY;
  }
}
