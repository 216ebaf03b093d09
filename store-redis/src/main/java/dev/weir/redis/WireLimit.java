// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import dev.weir.core.CalendarPeriod;
import dev.weir.core.CalendarQuota;
import dev.weir.core.Kernel;
import dev.weir.core.Kernel.Parameters;
import dev.weir.core.LimitId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A limit with certain parameters, as the scripts know it.
 *
 * <p>Its tag is what its states in Redis are marked with; the {@link TagRegistry} gives it, one for
 * one limit with one set of parameters.
 */
final class WireLimit {

  /** Bytes of a limit's record for {@code take.lua} and for {@code apply.lua}. */
  static final int TAKE_BYTES = 45;

  static final int APPLY_BYTES = 47;

  private static final int MAX_BESIDE = 32;

  private static final int BUCKET = 1;
  private static final int WINDOW = 2;
  private static final int CALENDAR = 3;
  private static final int SLIDING = 4;
  private static final int LOG = 5;
  private static final int HOLDS = 6;

  /** The version of the states' layout, kept in every tag. */
  static final int FORMAT = 1;

  final LimitId id;
  final Parameters parameters;
  final int kind;
  final RedisKey.Naming naming;
  private final long slackMillis;
  // 0 until the registry has given one; then never another.
  private volatile int tag;
  private volatile byte[] takeRecord = {};
  // What was found beside or instead of this limit's own states. Written under this object's lock.
  private volatile List<WireLimit> beside = List.of();
  private volatile List<Integer> foreign = List.of();

  private WireLimit(LimitId id, Parameters parameters, RedisKey.Naming naming, long slackMillis) {
    this.id = id;
    this.parameters = parameters;
    this.kind = kind(parameters);
    this.naming = naming;
    this.slackMillis = slackMillis;
  }

  /**
   * A limit without a tag.
   *
   * @param slackMillis how long keys are kept beyond what their states need
   */
  static WireLimit of(LimitId id, Kernel kernel, RedisKey.Naming naming, long slackMillis) {
    return new WireLimit(id, kernel.parameters(), naming, slackMillis);
  }

  /**
   * A limit that another process registered.
   *
   * @throws IllegalArgumentException if the content is none of ours
   */
  static WireLimit read(String content, int tag, long slackMillis) {
    String[] fields = content.split("\0", -1);
    if (fields.length < 3) {
      throw new IllegalArgumentException("content: " + content);
    }
    long[] p = new long[4];
    for (int i = 3; i < fields.length && !fields[2].equals("3"); i++) {
      p[i - 3] = Long.parseLong(fields[i]);
    }
    Parameters parameters =
        switch (Integer.parseInt(fields[2])) {
          case BUCKET -> new Parameters.Bucket(p[0], p[1], p[2], p[3]);
          case WINDOW -> new Parameters.Window(p[0], p[1]);
          case CALENDAR ->
              new CalendarQuota(
                      Long.parseLong(fields[3]),
                      CalendarPeriod.valueOf(fields[4]),
                      ZoneId.of(fields[5]))
                  .kernel()
                  .parameters();
          case SLIDING -> new Parameters.Sliding(p[0], p[1], p[2]);
          case LOG -> new Parameters.Log(p[0], p[1]);
          case HOLDS -> new Parameters.Holds(p[0], p[1]);
          default -> throw new IllegalArgumentException("content: " + content);
        };
    LimitId id = LimitId.of(fields[0], fields[1]);
    RedisKey.Naming naming = RedisKey.Naming.of("", id);
    WireLimit limit = new WireLimit(id, parameters, naming, slackMillis);
    limit.tag(tag);
    return limit;
  }

  private static int kind(Parameters parameters) {
    return switch (parameters) {
      case Parameters.Bucket b -> BUCKET;
      case Parameters.Window w -> WINDOW;
      case Parameters.Calendar c -> CALENDAR;
      case Parameters.Sliding s -> SLIDING;
      case Parameters.Log l -> LOG;
      case Parameters.Holds h -> HOLDS;
    };
  }

  /** What tells this limit from every other: its name and parameters. */
  String content() {
    String values =
        switch (parameters) {
          case Parameters.Bucket b -> join(b.limit(), b.unit(), b.gain(), b.tickMicros());
          case Parameters.Window w -> join(w.limit(), w.windowMicros());
          case Parameters.Calendar c -> c.limit() + "\0" + c.period().name() + "\0" + c.zone();
          case Parameters.Sliding s -> join(s.limit(), s.ticks(), s.tickMicros());
          case Parameters.Log l -> join(l.limit(), l.windowMicros());
          case Parameters.Holds h -> join(h.limit(), h.expiryMicros());
        };
    return id.policy() + "\0" + id.limit() + "\0" + kind + "\0" + values;
  }

  private static String join(long... values) {
    StringBuilder text = new StringBuilder();
    for (long value : values) {
      text.append(text.isEmpty() ? "" : "\0").append(value);
    }
    return text.toString();
  }

  boolean tagged() {
    return tag != 0;
  }

  int tag() {
    return tag;
  }

  void tag(int given) {
    if (plain() && kind != CALENDAR) {
      takeRecord = takeRecord(given);
    }
    tag = given;
  }

  /**
   * Limits of the same policy, older forms of this one among them, that keys were found to hold.
   */
  List<WireLimit> beside() {
    return beside;
  }

  /** Tags that keys of this limit were found to hold and that nobody knows any more. */
  List<Integer> foreign() {
    return foreign;
  }

  synchronized void meets(WireLimit other) {
    if (other != this && !beside.contains(other)) {
      beside = newest(beside, other);
    }
  }

  synchronized void meets(int foreignTag) {
    if (!foreign.contains(foreignTag)) {
      foreign = newest(foreign, foreignTag);
    }
  }

  private static <T> List<T> newest(List<T> list, T added) {
    List<T> longer = new ArrayList<>(list);
    if (longer.size() == MAX_BESIDE) {
      longer.removeFirst();
    }
    longer.add(added);
    return List.copyOf(longer);
  }

  /** Whether {@code take.lua} knows this kind. */
  boolean plain() {
    return switch (parameters) {
      case Parameters.Bucket b -> b.tickMicros() == 1;
      case Parameters.Window w -> true;
      case Parameters.Calendar c -> true;
      case Parameters.Sliding s -> true;
      case Parameters.Log l -> false;
      case Parameters.Holds h -> false;
    };
  }

  /** How many numbers {@code take.lua} answers for a charge. */
  int answers() {
    return kind == SLIDING ? 2 : 1;
  }

  /** Units of the state's last number that a permit takes up. */
  long unit() {
    return parameters instanceof Parameters.Bucket b ? b.unit() : 1;
  }

  boolean bucket() {
    return kind == BUCKET;
  }

  /** How long a state may matter, in milliseconds. */
  long lifeMillis() {
    long micros =
        switch (parameters) {
          case Parameters.Bucket b ->
              4 * Math.ceilDiv(b.limit() * b.unit(), b.gain()) * b.tickMicros();
          case Parameters.Window w -> w.windowMicros();
          case Parameters.Calendar c -> 400L * 86_400_000_000L;
          case Parameters.Sliding s -> 2 * s.ticks() * s.tickMicros();
          case Parameters.Log l -> l.windowMicros();
          case Parameters.Holds h -> h.expiryMicros();
        };
    return Math.ceilDiv(micros, 1_000L) + slackMillis;
  }

  /** Writes the record for {@code take.lua}. */
  void writeTake(byte[] target, int at, long nowMicros) {
    byte[] record = kind == CALENDAR ? calendarRecord(nowMicros) : takeRecord;
    System.arraycopy(record, 0, target, at, TAKE_BYTES);
  }

  private byte[] takeRecord(int given) {
    return switch (parameters) {
      case Parameters.Bucket b -> {
        long full = b.limit() * b.unit();
        long span = Math.ceilDiv(full, b.gain());
        yield record(given, b.unit(), b.gain(), full, span, 2 * span);
      }
      case Parameters.Window w ->
          record(given, w.windowMicros(), 0, w.limit(), 0, w.windowMicros());
      case Parameters.Sliding s -> {
        long window = s.ticks() * s.tickMicros();
        yield record(given, s.ticks(), s.tickMicros(), s.limit(), window, 2 * window);
      }
      case Parameters.Calendar c -> throw new IllegalStateException("changes with time");
      case Parameters.Log l -> throw new IllegalStateException("not plain");
      case Parameters.Holds h -> throw new IllegalStateException("not plain");
    };
  }

  private byte[] calendarRecord(long nowMicros) {
    Parameters.Calendar c = (Parameters.Calendar) parameters;
    long start = c.periods().startOf(nowMicros);
    long end = c.periods().endOf(start);
    return record(tag, start, end, c.limit(), 0, end - start);
  }

  private byte[] record(int given, long unit, long gain, long full, long span, long lifeMicros) {
    return ByteBuffer.allocate(TAKE_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) kind)
        .putInt(given)
        .putDouble((double) unit)
        .putDouble((double) gain)
        .putDouble((double) full)
        .putDouble((double) span)
        .putDouble((double) (Math.ceilDiv(lifeMicros, 1_000L) + slackMillis))
        .array();
  }

  /** Writes the record for {@code apply.lua}. */
  void writeApply(ByteBuffer target, int family, long nowMicros) {
    double[] p = new double[5];
    switch (parameters) {
      case Parameters.Bucket b -> set(p, b.limit(), b.unit(), b.gain(), b.tickMicros());
      case Parameters.Window w -> set(p, w.limit(), w.windowMicros());
      case Parameters.Calendar c -> {
        long start = c.periods().startOf(nowMicros);
        long end = c.periods().endOf(start);
        long before = c.periods().startOf(start - 1);
        set(p, c.limit(), before, start, end, c.periods().endOf(end));
      }
      case Parameters.Sliding s -> set(p, s.limit(), s.ticks(), s.tickMicros());
      case Parameters.Log l -> set(p, l.limit(), l.windowMicros());
      case Parameters.Holds h -> set(p, h.limit(), h.expiryMicros());
    }
    target.putShort((short) family).putInt(tag).put((byte) kind);
    for (double value : p) {
      target.putDouble(value);
    }
  }

  private static void set(double[] target, long... values) {
    Arrays.setAll(target, i -> i < values.length ? values[i] : 0);
  }
}
