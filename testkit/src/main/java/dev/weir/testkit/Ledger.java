// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import dev.weir.core.Algorithm;
import dev.weir.core.CalendarQuota;
import dev.weir.core.Concurrency;
import dev.weir.core.FixedWindow;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.TokenBucket;
import java.time.Duration;

/**
 * Everything that ever happened to one key, and what follows from it by the words of {@code
 * docs/semantics.md}. Every question walks through the whole history again: slow, and too simple to
 * be wrong in the way in which a store is.
 *
 * <p>Times are microseconds as the clock reads; what an earlier reading means (R9) is decided here.
 */
sealed interface Ledger permits BucketLedger, CounterLedger, SlidingLedger, LogLedger, HoldsLedger {

  /** What happened at a time: permits taken, or given back if negative. */
  record Event(long time, long amount) {}

  Ledger copy();

  /** Whether the reading is so early that the clock must have been set back (R9). */
  boolean stepped(long now);

  /** Makes the reading the stored time; the balance stays (R9). */
  void repair(long now);

  /** Whole permits left at a reading, rounded down; negative in debt. */
  long left(long now);

  void take(long now, long amount);

  /** Where a charge made at this reading counts. */
  long stamp(long now);

  /** Gives back what was charged at a stamp. */
  void giveBack(long now, long stamp, long amount);

  void grant(long now, long amount);

  static Ledger of(Algorithm algorithm) {
    return switch (algorithm) {
      case TokenBucket bucket -> new BucketLedger(bucket);
      case FixedWindow fixed -> {
        long window = micros(fixed.window());
        yield new CounterLedger(fixed.limit(), time -> Math.floorDiv(time, window) * window);
      }
      case CalendarQuota quota ->
          new CounterLedger(quota.limit(), new CalendarStarts(quota.period(), quota.zone()));
      case SlidingWindow sliding -> new SlidingLedger(sliding);
      case SlidingLog log -> new LogLedger(log.limit(), micros(log.window()));
      case Concurrency holds -> new HoldsLedger(holds.limit(), micros(holds.expiry()));
    };
  }

  static long micros(Duration duration) {
    return Math.addExact(
        Math.multiplyExact(duration.getSeconds(), 1_000_000L), duration.getNano() / 1_000);
  }
}
