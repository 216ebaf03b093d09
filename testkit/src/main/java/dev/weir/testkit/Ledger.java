// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import dev.weir.core.Algorithm;
import dev.weir.core.CalendarPeriod;
import dev.weir.core.CalendarQuota;
import dev.weir.core.Concurrency;
import dev.weir.core.FixedWindow;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.TokenBucket;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything that ever happened to one key, and what follows from it by the words of {@code
 * docs/semantics.md}. Every question walks through the whole history again: slow, and too simple to
 * be wrong in the way in which a store is.
 *
 * <p>Times are microseconds as the clock reads; what an earlier reading means (R9) is decided here.
 */
sealed interface Ledger {

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
      case TokenBucket bucket -> new Bucket(bucket);
      case FixedWindow fixed -> {
        long window = micros(fixed.window());
        yield new Counter(fixed.limit(), time -> Math.floorDiv(time, window) * window);
      }
      case CalendarQuota quota ->
          new Counter(quota.limit(), new Periods(quota.period(), quota.zone()));
      case SlidingWindow sliding -> new Sliding(sliding);
      case SlidingLog log -> new Log(log.limit(), micros(log.window()));
      case Concurrency holds -> new Holds(holds.limit(), micros(holds.expiry()));
    };
  }

  static long micros(Duration duration) {
    return Math.addExact(
        Math.multiplyExact(duration.getSeconds(), 1_000_000L), duration.getNano() / 1_000);
  }

  /** Counts in permits × period: a permit is {@code period} parts, a tick earns {@code refill}. */
  final class Bucket implements Ledger {
    private static final BigInteger MOST = BigInteger.TWO.pow(52);
    private static final BigInteger MOST_GAIN = BigInteger.TWO.pow(30);

    private final BigInteger full;
    private final BigInteger period;
    private final BigInteger refill;
    private final long tick;
    private final List<Event> events = new ArrayList<>();

    /** Stands for a repair among the amounts. */
    private static final long REPAIR = Long.MIN_VALUE;

    Bucket(TokenBucket bucket) {
      this.tick = tick(bucket);
      this.period = BigInteger.valueOf(micros(bucket.period()) / tick);
      this.refill = BigInteger.valueOf(bucket.refill());
      this.full = period.multiply(BigInteger.valueOf(bucket.capacity()));
    }

    private Bucket(Bucket other) {
      this.full = other.full;
      this.period = other.period;
      this.refill = other.refill;
      this.tick = other.tick;
      this.events.addAll(other.events);
    }

    /* The finest power of ten for which a full bucket, in lowest terms, stays below 2^53 with its
     * debt, the gain at 2^30 and the ticks to full below 2^42. */
    private static long tick(TokenBucket bucket) {
      for (long tick = 1; ; tick *= 10) {
        BigInteger period = BigInteger.valueOf(micros(bucket.period()) / tick);
        BigInteger common = period.gcd(BigInteger.valueOf(bucket.refill()));
        BigInteger full = period.divide(common).multiply(BigInteger.valueOf(bucket.capacity()));
        BigInteger gain = BigInteger.valueOf(bucket.refill()).divide(common);
        if (full.compareTo(MOST) <= 0
            && gain.compareTo(MOST_GAIN) <= 0
            && full.divide(gain).bitLength() <= 42) {
          return tick;
        }
      }
    }

    /** Parts held at a tick, and the tick up to which they are counted. */
    private record Held(BigInteger parts, long at) {}

    private Held held(long now) {
      long until = Math.floorDiv(now, tick);
      if (events.isEmpty()) {
        return new Held(full, until);
      }
      BigInteger parts = full;
      long at = events.getFirst().time;
      for (Event event : events) {
        if (event.amount == REPAIR) {
          at = event.time;
        } else {
          parts = earned(parts, event.time - at);
          at = Math.max(at, event.time);
          parts = parts.subtract(period.multiply(BigInteger.valueOf(event.amount))).min(full);
        }
      }
      return new Held(earned(parts, until - at), Math.max(at, until));
    }

    private BigInteger earned(BigInteger parts, long ticks) {
      return ticks <= 0 ? parts : parts.add(refill.multiply(BigInteger.valueOf(ticks))).min(full);
    }

    @Override
    public Bucket copy() {
      return new Bucket(this);
    }

    @Override
    public boolean stepped(long now) {
      BigInteger[] toFull = full.divideAndRemainder(refill);
      long ticksToFull = toFull[0].longValueExact() + (toFull[1].signum() > 0 ? 1 : 0);
      return held(now).at - Math.floorDiv(now, tick) > ticksToFull;
    }

    @Override
    public void repair(long now) {
      events.add(new Event(Math.floorDiv(now, tick), REPAIR));
    }

    @Override
    public long left(long now) {
      BigInteger[] permits = held(now).parts.divideAndRemainder(period);
      return permits[0].longValueExact() - (permits[1].signum() < 0 ? 1 : 0);
    }

    @Override
    public void take(long now, long amount) {
      events.add(new Event(held(now).at, amount));
    }

    @Override
    public long stamp(long now) {
      return 0;
    }

    @Override
    public void giveBack(long now, long stamp, long amount) {
      grant(now, amount);
    }

    @Override
    public void grant(long now, long amount) {
      events.add(new Event(held(now).at, -amount));
    }
  }

  /** Where a window starts that holds a time. */
  interface Starts {
    long startOf(long time);
  }

  /** One counter per window; its time is known as the start of its window. */
  final class Counter implements Ledger {
    private final long limit;
    private final Starts starts;
    private final List<Event> events = new ArrayList<>();
    private long repaired = Long.MIN_VALUE;
    private long carried;

    Counter(long limit, Starts starts) {
      this.limit = limit;
      this.starts = starts;
    }

    private long window(long now) {
      long stored = stored();
      long own = starts.startOf(now);
      return stored == Long.MIN_VALUE ? own : Math.max(stored, own);
    }

    private long stored() {
      return events.isEmpty() ? repaired : events.getLast().time;
    }

    private long spent(long window) {
      long spent = repaired == window ? carried : 0;
      for (Event event : events) {
        if (event.time == window) {
          spent = Math.max(0, spent + event.amount);
        }
      }
      return spent;
    }

    @Override
    public Counter copy() {
      Counter copy = new Counter(limit, starts);
      copy.events.addAll(events);
      copy.repaired = repaired;
      copy.carried = carried;
      return copy;
    }

    /* A reading from the window just before may be late; one from before that is not. */
    @Override
    public boolean stepped(long now) {
      long stored = stored();
      return stored != Long.MIN_VALUE
          && now < stored
          && starts.startOf(stored - 1) != starts.startOf(now);
    }

    @Override
    public void repair(long now) {
      carried = spent(stored());
      repaired = starts.startOf(now);
      events.clear();
    }

    @Override
    public long left(long now) {
      return limit - spent(window(now));
    }

    @Override
    public void take(long now, long amount) {
      events.add(new Event(window(now), amount));
    }

    @Override
    public long stamp(long now) {
      return window(now);
    }

    @Override
    public void giveBack(long now, long stamp, long amount) {
      if (window(now) == stamp) {
        grant(now, amount);
      } else {
        grant(now, 0);
      }
    }

    @Override
    public void grant(long now, long amount) {
      events.add(new Event(window(now), -amount));
    }
  }

  /** Calendar periods, found by the label that a moment's date and time give its period. */
  final class Periods implements Starts {
    private static final long SECOND = 1_000_000;

    private final CalendarPeriod period;
    private final ZoneId zone;
    private final Map<String, Long> starts = new HashMap<>();

    Periods(CalendarPeriod period, ZoneId zone) {
      this.period = period;
      this.zone = zone;
    }

    @Override
    public long startOf(long time) {
      long second = Math.floorDiv(time, SECOND);
      return starts.computeIfAbsent(label(second), label -> first(label, second)) * SECOND;
    }

    /** The first second that has the label of the given one. */
    private long first(String label, long second) {
      long inside = second;
      long step = 1L << 26;
      while (step > 0) {
        // No period is interrupted, and none is shorter than the steps that end the search.
        if (label(inside - step).equals(label)) {
          inside -= step;
        } else {
          step /= 2;
        }
      }
      return inside;
    }

    private String label(long second) {
      ZonedDateTime moment = Instant.ofEpochSecond(second).atZone(zone);
      return switch (period) {
        case HOUR -> moment.toLocalDate() + " " + moment.getHour() + moment.getOffset();
        case DAY -> moment.toLocalDate().toString();
        case WEEK ->
            moment.toLocalDate().minusDays(moment.get(ChronoField.DAY_OF_WEEK) - 1L).toString();
        case MONTH -> moment.getYear() + "-" + moment.getMonthValue();
        case YEAR -> Integer.toString(moment.getYear());
      };
    }
  }

  /** Two counters, the earlier one weighted by how much of it the sliding window still covers. */
  final class Sliding implements Ledger {
    private final long limit;
    private final long window;
    private final long tick;
    private final List<Event> events = new ArrayList<>();

    Sliding(SlidingWindow sliding) {
      this.limit = sliding.limit();
      this.window = micros(sliding.window());
      long finest = 1;
      while (window / finest > (1L << 52) / (2 * limit)) {
        finest *= 10;
      }
      this.tick = finest;
    }

    private Sliding(Sliding other) {
      this.limit = other.limit;
      this.window = other.window;
      this.tick = other.tick;
      this.events.addAll(other.events);
    }

    private long index(long now) {
      long own = Math.floorDiv(now, window);
      return events.isEmpty() ? own : Math.max(own, events.getLast().time);
    }

    private long spent(long index) {
      long spent = 0;
      for (Event event : events) {
        if (event.time == index) {
          spent = Math.max(0, spent + event.amount);
        }
      }
      return spent;
    }

    @Override
    public Sliding copy() {
      return new Sliding(this);
    }

    @Override
    public boolean stepped(long now) {
      return !events.isEmpty() && Math.floorDiv(now, window) < events.getLast().time - 1;
    }

    @Override
    public void repair(long now) {
      long stored = events.getLast().time;
      long previous = spent(stored - 1);
      long current = spent(stored);
      long index = Math.floorDiv(now, window);
      events.clear();
      events.add(new Event(index - 1, previous));
      events.add(new Event(index, current));
    }

    @Override
    public long left(long now) {
      long index = index(now);
      long elapsed = Math.max(0, now - index * window) / tick * tick;
      BigInteger[] weighted =
          BigInteger.valueOf(spent(index - 1))
              .multiply(BigInteger.valueOf(window - elapsed))
              .divideAndRemainder(BigInteger.valueOf(window));
      long rounded = weighted[0].longValueExact() + (weighted[1].signum() > 0 ? 1 : 0);
      return limit - spent(index) - rounded;
    }

    @Override
    public void take(long now, long amount) {
      events.add(new Event(index(now), amount));
    }

    @Override
    public long stamp(long now) {
      return index(now);
    }

    /* What is given back to the window before goes into the history before anything since. */
    @Override
    public void giveBack(long now, long stamp, long amount) {
      long index = index(now);
      if (stamp == index) {
        events.add(new Event(index, -amount));
      } else {
        relieve(index, stamp == index - 1 ? amount : 0);
      }
    }

    private void relieve(long index, long amount) {
      events.add(new Event(index - 1, -amount));
      events.add(new Event(index, 0));
    }

    /* What counts longest is given back first. */
    @Override
    public void grant(long now, long amount) {
      long index = index(now);
      long current = Math.min(amount, spent(index));
      relieve(index, amount - current);
      events.add(new Event(index, -current));
    }
  }

  /** Every charge by itself, counting from its time for a window, the end excluded. */
  final class Log implements Ledger {
    private final long limit;
    private final long window;
    private final List<Event> events = new ArrayList<>();

    Log(long limit, long window) {
      this.limit = limit;
      this.window = window;
    }

    private long time(long now) {
      return events.isEmpty() ? now : Math.max(now, events.getLast().time);
    }

    private boolean counts(Event event, long now) {
      return event.time > time(now) - window;
    }

    /* Whoever changes a log drops what has expired: no earlier reading brings it back. */
    private void dropExpired(long now) {
      long horizon = time(now) - window;
      events.removeIf(event -> event.time <= horizon);
    }

    @Override
    public Log copy() {
      Log copy = new Log(limit, window);
      copy.events.addAll(events);
      return copy;
    }

    @Override
    public boolean stepped(long now) {
      return !events.isEmpty() && events.getLast().time - now > window;
    }

    @Override
    public void repair(long now) {
      long sum = limit - left(now);
      events.clear();
      events.add(new Event(now, sum));
    }

    @Override
    public long left(long now) {
      long sum = 0;
      for (Event event : events) {
        sum += counts(event, now) ? event.amount : 0;
      }
      return limit - sum;
    }

    @Override
    public void take(long now, long amount) {
      long time = time(now);
      dropExpired(now);
      events.add(new Event(time, amount));
    }

    @Override
    public long stamp(long now) {
      return time(now);
    }

    @Override
    public void giveBack(long now, long stamp, long amount) {
      relieve(now, amount, stamp, stamp);
    }

    @Override
    public void grant(long now, long amount) {
      relieve(now, amount, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    /** Relieves the newest charges between two times first: they count longest. */
    private void relieve(long now, long amount, long from, long to) {
      dropExpired(now);
      long left = amount;
      for (int i = events.size() - 1; i >= 0; i--) {
        Event event = events.get(i);
        if (counts(event, now) && from <= event.time && event.time <= to) {
          long given = Math.min(left, event.amount);
          left -= given;
          events.set(i, new Event(event.time, event.amount - given));
        }
      }
    }
  }

  /** Permits held under ids. */
  final class Holds implements Ledger {
    private final long limit;
    private final long expiry;
    private final Map<String, Event> holds = new HashMap<>();

    Holds(long limit, long expiry) {
      this.limit = limit;
      this.expiry = expiry;
    }

    boolean has(String id, long now) {
      Event hold = holds.get(id);
      return hold != null && hold.time > now;
    }

    /** Holds or, if it is held, renews. */
    long hold(String id, long amount, long ttl, long now) {
      Event held = holds.get(id);
      long permits = held != null && held.time > now ? held.amount : amount;
      holds.put(id, new Event(now + Math.min(ttl, expiry), permits));
      return permits;
    }

    long release(String id, long now) {
      Event hold = holds.remove(id);
      return hold != null && hold.time > now ? hold.amount : 0;
    }

    @Override
    public Holds copy() {
      Holds copy = new Holds(limit, expiry);
      copy.holds.putAll(holds);
      return copy;
    }

    @Override
    public boolean stepped(long now) {
      return false;
    }

    @Override
    public void repair(long now) {}

    @Override
    public long left(long now) {
      long held = 0;
      for (Event hold : holds.values()) {
        held += hold.time > now ? hold.amount : 0;
      }
      return limit - held;
    }

    @Override
    public void take(long now, long amount) {
      throw new IllegalStateException("a concurrency limit holds under an id");
    }

    @Override
    public long stamp(long now) {
      return 0;
    }

    @Override
    public void giveBack(long now, long stamp, long amount) {}

    @Override
    public void grant(long now, long amount) {}
  }
}
