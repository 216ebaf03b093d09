// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import dev.weir.core.Algorithm;
import dev.weir.core.CalendarPeriod;
import dev.weir.core.CalendarQuota;
import dev.weir.core.Concurrency;
import dev.weir.core.CounterKey;
import dev.weir.core.FixedWindow;
import dev.weir.core.Mode;
import dev.weir.core.Operation;
import dev.weir.core.Receipt;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.Store;
import dev.weir.core.TokenBucket;
import dev.weir.core.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A random sequence of checks on a store, each compared with what an {@link Oracle} says. One seed
 * is one trace: the same limits, operations, costs and times.
 */
public final class RandomTrace {

  private static final int STEPS = 80;

  /* A trace spans a few years: idle keys are reclaimed long before, in a store that is in use. */
  private static final long MAX_PACE = 1_000_000_000_000L;

  private final long seed;
  private final Random random;
  private final Store store;
  private final ManualTimeSource clock;
  private final Oracle oracle = new Oracle();
  private final List<Key> keys = new ArrayList<>();
  private final List<Oracle.Move> refunds = new ArrayList<>();

  /** One key and its limit; {@code pace} is a typical time between two checks. */
  private record Key(CounterKey counter, Algorithm algorithm, long pace) {
    boolean holds() {
      return algorithm instanceof Concurrency;
    }
  }

  private RandomTrace(long seed, Store store, ManualTimeSource clock) {
    this.seed = seed;
    this.random = new Random(seed * 0x9E3779B97F4A7C15L);
    this.store = store;
    this.clock = clock;
  }

  /**
   * Runs the trace of a seed. Where the clock may be set back, every third trace does that.
   *
   * @param seed any number
   * @param store holds no key of a trace of this seed
   * @param clock the store's
   * @return checks made
   * @throws AssertionError naming the seed and the step at which store and oracle differ
   */
  public static int run(long seed, Store store, ManualTimeSource clock) {
    RandomTrace trace = new RandomTrace(seed, store, clock);
    trace.begin();
    for (int step = 0; step < STEPS; step++) {
      trace.step(step);
    }
    return STEPS;
  }

  private boolean setsBack() {
    return !clock.monotonic() && seed % 3 == 0;
  }

  private void begin() {
    Instant start = ManualTimeSource.START.plus(Duration.ofDays(random.nextInt(300)));
    clock.setMicros(Math.max(clock.micros(), start.getEpochSecond() * 1_000_000));
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      Algorithm algorithm = algorithm();
      keys.add(new Key(Probe.keyOf("trace-" + seed, "l" + i, "k"), algorithm, paceOf(algorithm)));
    }
  }

  private Algorithm algorithm() {
    long limit = 1L + random.nextInt(random.nextInt(4) == 0 ? 1_000 : 12);
    Duration span = span();
    return switch (random.nextInt(setsBack() ? 5 : 6)) {
      case 0 -> new TokenBucket(limit, 1 + random.nextInt(random.nextBoolean() ? 3 : 5_000), span);
      case 1 -> new FixedWindow(limit, span);
      case 2 -> new SlidingWindow(limit, span);
      case 3 -> new SlidingLog(limit, span);
      case 4 -> new CalendarQuota(limit, period(), zone());
      default -> new Concurrency(limit, span.compareTo(Duration.ofDays(1)) > 0 ? DAY : span);
    };
  }

  private static final Duration DAY = Duration.ofDays(1);

  private Duration span() {
    return switch (random.nextInt(5)) {
      case 0 -> Duration.ofNanos(1_000L * (100 + random.nextInt(50)));
      case 1 -> Duration.ofMillis(1 + random.nextInt(5_000));
      case 2 -> Duration.ofSeconds(1 + random.nextInt(4_000));
      case 3 -> Duration.ofMinutes(random.nextBoolean() ? 1 : 60);
      default -> Duration.ofDays(1 + random.nextInt(31));
    };
  }

  private CalendarPeriod period() {
    return any(List.of(CalendarPeriod.values()));
  }

  private ZoneId zone() {
    return ZoneId.of(any(List.of("UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata")));
  }

  private static long paceOf(Algorithm algorithm) {
    return switch (algorithm) {
      case TokenBucket bucket -> Ledger.micros(bucket.period()) / bucket.refill();
      case FixedWindow fixed -> Ledger.micros(fixed.window()) / 4;
      case SlidingWindow sliding -> Ledger.micros(sliding.window()) / 4;
      case SlidingLog log -> Ledger.micros(log.window()) / 4;
      case CalendarQuota quota -> hours(quota.period()) * 900_000_000L;
      case Concurrency holds -> Ledger.micros(holds.expiry()) / 4;
    };
  }

  private static long hours(CalendarPeriod period) {
    return switch (period) {
      case HOUR -> 1;
      case DAY -> 24;
      case WEEK -> 168;
      case MONTH -> 730;
      case YEAR -> 8_760;
    };
  }

  private void step(int step) {
    clock.advanceMicros(pause());
    List<Oracle.Move> moves = new ArrayList<>();
    int count = random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 1;
    boolean mixed = random.nextInt(3) == 0;
    for (int i = 0; i < count; i++) {
      moves.add(move(mixed));
    }
    List<Verdict> verdicts =
        store.apply(moves.stream().map(Oracle.Move::charge).toList()).toCompletableFuture().join();
    try {
      List<Long> stamps = oracle.expect(clock.micros(), moves, verdicts);
      for (int i = 0; i < moves.size(); i++) {
        keep(moves.get(i), verdicts.get(i), stamps.get(i));
      }
    } catch (AssertionError e) {
      throw new AssertionError(
          "seed " + seed + ", step " + step + ": " + e.getMessage() + "\n  check: " + moves, e);
    }
  }

  private long pause() {
    long pace = 1 + Math.min(MAX_PACE, any(keys).pace);
    if (setsBack() && random.nextInt(6) == 0) {
      return -random.nextLong(random.nextInt(3) == 0 ? 20 * pace : pace);
    }
    return switch (random.nextInt(8)) {
      case 0, 1, 2 -> 0;
      case 3 -> 1;
      case 4 -> pace;
      case 5 -> random.nextLong(8 * pace);
      default -> random.nextLong(pace);
    };
  }

  /** A take or hold, or, in a mixed check, whatever there is. */
  private Oracle.Move move(boolean mixed) {
    Key key = any(keys);
    Mode mode =
        switch (random.nextInt(8)) {
          case 0 -> Mode.SHADOW;
          case 1 -> Mode.QUOTA;
          default -> Mode.ENFORCED;
        };
    if (!mixed) {
      return move(key, cost(key), mode, taking(key));
    }
    if (!refunds.isEmpty() && random.nextInt(4) == 0) {
      return refunds.remove(random.nextInt(refunds.size()));
    }
    return key.holds() ? holding(key, mode) : counting(key, mode);
  }

  private Oracle.Move counting(Key key, Mode mode) {
    return switch (random.nextInt(10)) {
      case 0, 1 -> move(key, cost(key), mode, Operation.PEEK);
      case 2, 3 -> move(key, cost(key), mode, Operation.RECORD);
      case 4 -> move(key, cost(key), mode, Operation.TAKE_UP_TO);
      case 5 -> move(key, cost(key), mode, Operation.GRANT);
      case 6 -> move(key, 0, mode, random.nextBoolean() ? Operation.PEEK : Operation.RESET);
      default -> move(key, cost(key), mode, Operation.TAKE);
    };
  }

  private Oracle.Move holding(Key key, Mode mode) {
    return switch (random.nextInt(6)) {
      case 0 -> move(key, cost(key), mode, Operation.PEEK);
      case 1 ->
          move(key, 1, mode, new Operation.Renew(id(), 1 + random.nextLong(9 * key.pace + 1)));
      case 2, 3 -> move(key, 1, mode, new Operation.Release(id()));
      case 4 -> move(key, 0, mode, random.nextInt(4) == 0 ? Operation.RESET : Operation.PEEK);
      default -> move(key, cost(key), mode, taking(key));
    };
  }

  private static Oracle.Move move(Key key, long cost, Mode mode, Operation operation) {
    return new Oracle.Move(key.counter, key.algorithm, cost, mode, operation, 0);
  }

  private Operation taking(Key key) {
    return key.holds()
        ? new Operation.Hold(
            random.nextInt(4) == 0 ? id() : "h" + random.nextLong(),
            1 + random.nextLong(9 * key.pace + 1))
        : Operation.TAKE;
  }

  private String id() {
    return "id-" + random.nextInt(5);
  }

  private long cost(Key key) {
    long limit = key.algorithm.limit();
    return switch (random.nextInt(12)) {
      case 0 -> 0;
      case 1 -> limit + 1 + random.nextInt(3);
      case 2 -> limit;
      case 3, 4 -> 1 + random.nextLong(limit);
      default -> 1 + random.nextLong(Math.max(1, limit / 4));
    };
  }

  /** Remembers what can be refunded. */
  private void keep(Oracle.Move move, Verdict verdict, long stamp) {
    if (verdict.amount() > 0
        && (move.operation() instanceof Operation.Take
            || move.operation() instanceof Operation.TakeUpTo
            || move.operation() instanceof Operation.Record)) {
      Receipt receipt = new Receipt(move.key(), verdict.mark(), verdict.amount(), Optional.empty());
      refunds.add(
          new Oracle.Move(
              move.key(),
              move.algorithm(),
              verdict.amount(),
              Mode.ENFORCED,
              new Operation.Refund(receipt),
              stamp));
    }
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
