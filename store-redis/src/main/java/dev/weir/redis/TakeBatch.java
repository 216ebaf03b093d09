// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import dev.weir.core.Charge;
import dev.weir.core.Verdict;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks that only take, in one call of {@code take.lua}: change both or neither.
 *
 * <p>Equal checks of one charge are coalesced: the script charges as many of them as fit, and each
 * caller gets the answer that it would have had in the order of arrival (R30). The script answers
 * the states that it found; what follows from them is judged here by the kernels, as in memory.
 *
 * <p>Used by one event loop, for one call after another.
 */
final class TakeBatch implements Call.Work {

  private static final int MAX_CHARGES = 128;
  private static final int MAX_LIMITS = 128;
  private static final int MAX_CHECKS = 4_096;
  private static final int TABLE = 512;
  private static final long ODD = 1L << 60;
  private static final byte[] NO_TIME = {};

  private final Lane lane;

  private final RedisKey[] keys = new RedisKey[MAX_CHARGES];
  // The first task of a key that is one charge alone, and the next such task of the same key.
  private final int[] firstTask = new int[MAX_CHARGES];
  private final int[] nextTask = new int[MAX_CHARGES];
  private final WireLimit[] limits = new WireLimit[MAX_LIMITS];
  // A task is a check, or several that are equal.
  private final @Nullable Check[] head = new Check[MAX_CHARGES];
  private final @Nullable Check[] tail = new Check[MAX_CHARGES];
  private final int[] count = new int[MAX_CHARGES];
  private final int[] keyOfCharge = new int[MAX_CHARGES];
  private final int[] limitOfCharge = new int[MAX_CHARGES];
  private final int[] table = new int[TABLE];
  private final long[] stamps = new long[TABLE];
  private long stamp;
  private int keyCount;
  private int limitCount;
  private int tasks;
  private int charges;
  private int checks;
  private boolean named;
  private @Nullable Round round;

  TakeBatch(Lane lane) {
    this.lane = lane;
  }

  /**
   * Begins with no check.
   *
   * @param ofOneSlot whether all keys will be of one slot, so that the server may be told of them
   */
  TakeBatch begin(Round in, boolean ofOneSlot) {
    round = in;
    named = ofOneSlot;
    stamp++;
    keyCount = 0;
    limitCount = 0;
    tasks = 0;
    charges = 0;
    checks = 0;
    return this;
  }

  /** Adds a check whose limits are tagged; false if there is no room for it. */
  boolean offer(Check check) {
    int size = check.limits.length;
    if (checks == MAX_CHECKS) {
      return false;
    }
    int slot = slot(check.keys[0]);
    if (size == 1 && stamps[slot] == stamp && join(check, table[slot])) {
      checks++;
      return true;
    }
    if (charges + size > MAX_CHARGES || limitCount + size > MAX_LIMITS) {
      return false;
    }
    for (int nth = 0; nth < size; nth++) {
      int at = check.position(nth);
      keyOfCharge[charges] = size == 1 ? key(check.keys[at], slot) : key(check.keys[at]);
      limitOfCharge[charges] = limit(check.limits[at]);
      charges++;
    }
    int task = tasks++;
    head[task] = check;
    tail[task] = check;
    count[task] = 1;
    check.next = null;
    if (size == 1) {
      int key = keyOfCharge[charges - 1];
      nextTask[task] = firstTask[key];
      firstTask[key] = task;
    }
    checks++;
    return true;
  }

  private boolean join(Check check, int key) {
    for (int task = firstTask[key]; task >= 0; task = nextTask[task]) {
      Check first = head(task);
      if (first.limits[0] == check.limits[0]
          && first.charges.getFirst().cost() == check.charges.getFirst().cost()
          && !check.alone) {
        last(task).next = check;
        tail[task] = check;
        count[task]++;
        check.next = null;
        return true;
      }
    }
    return false;
  }

  @SuppressWarnings("NullAway") // a task below the count of tasks has its checks
  private Check head(int task) {
    return head[task];
  }

  @SuppressWarnings("NullAway") // see above
  private Check last(int task) {
    return tail[task];
  }

  /** Where the table has a key, or would have it. */
  private int slot(RedisKey key) {
    int at = key.hash & (TABLE - 1);
    while (stamps[at] == stamp && !keys[table[at]].same(key)) {
      at = (at + 1) & (TABLE - 1);
    }
    return at;
  }

  private int key(RedisKey key) {
    return key(key, slot(key));
  }

  private int key(RedisKey key, int slot) {
    if (stamps[slot] != stamp) {
      stamps[slot] = stamp;
      table[slot] = keyCount;
      keys[keyCount] = key;
      firstTask[keyCount] = -1;
      keyCount++;
    }
    return table[slot];
  }

  private int limit(WireLimit limit) {
    for (int i = 0; i < limitCount; i++) {
      if (limits[i] == limit) {
        return i;
      }
    }
    limits[limitCount] = limit;
    return limitCount++;
  }

  @Override
  public void write(WireBuffer buffer) {
    byte @Nullable [] given = lane.givenTime();
    byte @Nullable [] time = given == null && !named ? NO_TIME : given;
    buffer.array((time == null ? 5 : 6) + keyCount);
    buffer.bulk(Lane.EVALSHA);
    buffer.bulk(Scripts.TAKE_SHA);
    buffer.bulkNumber(named ? keyCount : 0);
    if (named) {
      writeKeys(buffer);
    }
    buffer.startBulk(8 * charges);
    writeCharges(buffer);
    buffer.endBulk();
    buffer.startBulk(WireLimit.TAKE_BYTES * limitCount);
    for (int i = 0; i < limitCount; i++) {
      limits[i].writeTake(buffer.bytes, buffer.length, lane.storeMicros());
      buffer.length += WireLimit.TAKE_BYTES;
    }
    buffer.endBulk();
    if (time != null) {
      buffer.bulk(time);
    }
    if (!named) {
      writeKeys(buffer);
    }
  }

  private void writeKeys(WireBuffer buffer) {
    for (int i = 0; i < keyCount; i++) {
      buffer.bulk(keys[i].name);
    }
  }

  private void writeCharges(WireBuffer buffer) {
    byte[] bytes = buffer.bytes;
    int at = buffer.length;
    int charge = 0;
    for (int task = 0; task < tasks; task++) {
      Check check = head(task);
      int size = check.limits.length;
      for (int nth = 0; nth < size; nth++, charge++) {
        int key = keyOfCharge[charge] + 1;
        long cost = check.charges.get(check.position(nth)).cost();
        bytes[at] = (byte) key;
        bytes[at + 1] = (byte) (key >> 8 | (nth == size - 1 ? 0x80 : 0));
        bytes[at + 2] = (byte) limitOfCharge[charge];
        bytes[at + 3] = (byte) cost;
        bytes[at + 4] = (byte) (cost >> 8);
        bytes[at + 5] = (byte) (cost >> 16);
        bytes[at + 6] = (byte) count[task];
        bytes[at + 7] = (byte) (count[task] >> 8);
        at += 8;
      }
    }
    buffer.length = at;
  }

  @Override
  public void answered(Reply reply) {
    long now = reply.next();
    Round in = round;
    lane.heard(now, in == null ? lane.micros() : in.sentMicros, checks);
    for (int task = 0; task < tasks; task++) {
      Check check = take(task);
      long first = reply.next();
      if (first == ODD) {
        leaveToApply(check);
      } else if (check.limits.length == 1) {
        long second = check.limits[0].answers() == 2 ? reply.next() : 0;
        answerEach(check, now, first, second);
      } else {
        answerWhole(check, now, first, reply);
      }
    }
    done();
  }

  private Check take(int task) {
    Check check = head(task);
    head[task] = null;
    tail[task] = null;
    return check;
  }

  private void leaveToApply(Check first) {
    @Nullable Check check = first;
    while (check != null) {
      Check next = check.next;
      check.plain = false;
      lane.again(check);
      check = next;
    }
  }

  /* One after the other from the state before the first of them, as the script charged them. */
  private void answerEach(Check head, long now, long first, long second) {
    WireLimit limit = head.limits[0];
    Charge charge = head.charges.getFirst();
    long cost = charge.cost();
    long a = first;
    long b = second;
    @Nullable Check check = head;
    while (check != null) {
      Check next = check.next;
      check.next = null;
      Verdict verdict = charge.kernel().judgeTake(true, cost, now, a, b);
      check.answer(List.of(verdict));
      lane.answeredOne();
      if (verdict.amount() > 0) {
        if (limit.bucket()) {
          a -= cost * limit.unit();
        } else if (limit.answers() == 2) {
          b += cost;
        } else {
          a += cost;
        }
      }
      check = next;
    }
  }

  private static void answerWhole(Check check, long now, long firstAnswer, Reply reply) {
    int size = check.limits.length;
    long[] first = new long[size];
    long[] second = new long[size];
    Verdict[] verdicts = new Verdict[size];
    boolean denied = false;
    for (int nth = 0; nth < size; nth++) {
      int at = check.position(nth);
      first[at] = nth == 0 ? firstAnswer : reply.next();
      second[at] = check.limits[at].answers() == 2 ? reply.next() : 0;
      Charge charge = check.charges.get(at);
      verdicts[at] = charge.kernel().judgeTake(true, charge.cost(), now, first[at], second[at]);
      denied |= verdicts[at].outcome().denies();
    }
    if (denied) {
      for (int at = 0; at < size; at++) {
        Charge charge = check.charges.get(at);
        verdicts[at] = charge.kernel().judgeTake(false, charge.cost(), now, first[at], second[at]);
      }
    }
    check.answer(List.of(verdicts));
  }

  @Override
  public void refused(String error) {
    for (int task = 0; task < tasks; task++) {
      lane.refused(take(task), error, tasks > 1);
    }
    done();
  }

  @Override
  public void lost() {
    for (int task = 0; task < tasks; task++) {
      lane.lost(head[task]);
      head[task] = null;
      tail[task] = null;
    }
    done();
  }

  private void done() {
    Round in = round;
    if (in != null) {
      round = null;
      lane.finished(in);
    }
  }

  /** Tells those whose deadline has come; answers the earliest deadline that has not. */
  long expire(long nowMicros) {
    long earliest = Long.MAX_VALUE;
    for (int task = 0; task < tasks; task++) {
      earliest = Math.min(earliest, Lane.expireSent(head[task], nowMicros));
    }
    return earliest;
  }

  @Override
  public String toString() {
    return "TakeBatch[" + checks + " checks, keys " + Arrays.toString(keys) + "]";
  }
}
