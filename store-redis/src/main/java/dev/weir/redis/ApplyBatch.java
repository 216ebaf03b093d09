// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import dev.weir.core.Charge;
import dev.weir.core.LimitId;
import dev.weir.core.Operation;
import dev.weir.core.StoreException;
import dev.weir.core.Verdict;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks of any kind in one call of {@code apply.lua}: change both or neither. Used by one event
 * loop, for one call.
 */
final class ApplyBatch implements Call.Work {

  private static final int MAX_CHECKS = 64;
  private static final int MAX_CHARGES = 256;
  private static final int CHARGE_BYTES = 32;

  private static final int JUDGED = 0;
  private static final int CORRUPT = 1;
  private static final int OUTSIDE = 2;
  private static final int UNKNOWN = 3;

  private static final Verdict.Outcome[] OUTCOMES = {
    Verdict.Outcome.ADMITTED,
    Verdict.Outcome.DENIED,
    Verdict.Outcome.TOO_BIG,
    Verdict.Outcome.CLIPPED
  };

  private final Lane lane;
  private final List<@Nullable Check> checks = new ArrayList<>();
  private final List<RedisKey> keys = new ArrayList<>();
  private final List<WireLimit> limits = new ArrayList<>();
  private final List<LimitId> families = new ArrayList<>();
  private final List<Integer> foreign = new ArrayList<>();
  private final List<byte[]> ids = new ArrayList<>();
  private int charges;
  private final Round round;

  ApplyBatch(Lane lane, Round round) {
    this.lane = lane;
    this.round = round;
  }

  /** Adds a check whose limits are tagged; false if there is no room for it. */
  boolean offer(Check check) {
    int size = check.limits.length;
    if (checks.size() == MAX_CHECKS || charges > 0 && charges + size > MAX_CHARGES) {
      return false;
    }
    for (int i = 0; i < size; i++) {
      key(check.keys[i]);
      add(check.limits[i]);
      check.limits[i].beside().forEach(this::add);
      check.limits[i].foreign().forEach(this::addForeign);
    }
    check.met.forEach(this::add);
    check.foreign.forEach(this::addForeign);
    charges += size;
    check.next = null;
    checks.add(check);
    return true;
  }

  private void add(WireLimit limit) {
    if (indexOf(limit) < 0) {
      limits.add(limit);
      if (!families.contains(limit.id)) {
        families.add(limit.id);
      }
    }
  }

  private void addForeign(Integer tag) {
    if (!foreign.contains(tag)) {
      foreign.add(tag);
    }
  }

  private int indexOf(WireLimit limit) {
    for (int i = 0; i < limits.size(); i++) {
      if (limits.get(i).tag() == limit.tag()) {
        return i;
      }
    }
    return -1;
  }

  private int key(RedisKey key) {
    for (int i = 0; i < keys.size(); i++) {
      if (keys.get(i).same(key)) {
        return i + 1;
      }
    }
    keys.add(key);
    return keys.size();
  }

  @Override
  public void write(WireBuffer buffer) {
    byte[] packed = packedCharges();
    buffer.array(8 + keys.size() + ids.size());
    buffer.bulk(Lane.EVALSHA);
    buffer.bulk(Scripts.APPLY_SHA);
    buffer.bulkNumber(keys.size());
    for (RedisKey key : keys) {
      buffer.bulk(key.name);
    }
    buffer.bulk(packed);
    buffer.bulk(packedLimits());
    byte[] tags = new byte[4 * foreign.size()];
    foreign.forEach(littleEndian(tags)::putInt);
    buffer.bulk(tags);
    byte[] time = lane.givenTime();
    buffer.bulk(time == null ? new byte[0] : time);
    buffer.bulk(Long.toString(lane.slackMillis()).getBytes(StandardCharsets.US_ASCII));
    ids.forEach(buffer::bulk);
  }

  private static ByteBuffer littleEndian(byte[] target) {
    return ByteBuffer.wrap(target).order(ByteOrder.LITTLE_ENDIAN);
  }

  private byte[] packedLimits() {
    byte[] packed = new byte[WireLimit.APPLY_BYTES * limits.size()];
    ByteBuffer target = littleEndian(packed);
    for (WireLimit limit : limits) {
      limit.writeApply(target, families.indexOf(limit.id), lane.storeMicros());
    }
    return packed;
  }

  private byte[] packedCharges() {
    byte[] packed = new byte[CHARGE_BYTES * charges];
    ByteBuffer target = littleEndian(packed);
    for (Check check : checks) {
      if (check != null) {
        for (int i = 0; i < check.limits.length; i++) {
          boolean last = i == check.limits.length - 1;
          target.putShort((short) key(check.keys[i]));
          target.putShort((short) (indexOf(check.limits[i]) + 1));
          write(target, check.charges.get(i), last);
        }
      }
    }
    return packed;
  }

  private void write(ByteBuffer target, Charge charge, boolean last) {
    Operands operands = Operands.of(charge.operation());
    int mode =
        switch (charge.mode()) {
          case ENFORCED -> 0;
          case SHADOW -> 1;
          case QUOTA -> 4;
        };
    int flags = mode + (last ? 2 : 0);
    target.put((byte) operands.code).put((byte) flags).putShort((short) id(operands.id));
    target.putDouble((double) charge.cost());
    target.putDouble((double) operands.first).putDouble((double) operands.second);
  }

  /**
   * An operation as {@code apply.lua} reads it.
   *
   * @param code which
   * @param first its first number
   * @param second its second number
   * @param id of what it holds; empty for nothing
   */
  private record Operands(int code, long first, long second, String id) {

    static Operands of(Operation operation) {
      return switch (operation) {
        case Operation.Take t -> plain(0);
        case Operation.TakeUpTo t -> plain(1);
        case Operation.Peek p -> plain(2);
        case Operation.Record r -> plain(3);
        case Operation.Refund refund ->
            new Operands(
                4,
                refund.receipt().amount(),
                refund.receipt().mark(),
                refund.receipt().holdId().orElse(""));
        case Operation.Grant g -> plain(5);
        case Operation.Reset r -> plain(6);
        case Operation.Hold hold -> new Operands(7, hold.ttlMicros(), 0, hold.id());
        case Operation.Renew renew -> new Operands(8, renew.ttlMicros(), 0, renew.id());
        case Operation.Release release -> new Operands(9, 0, 0, release.id());
      };
    }

    private static Operands plain(int code) {
      return new Operands(code, 0, 0, "");
    }
  }

  private int id(String id) {
    if (id.isEmpty()) {
      return 0;
    }
    ids.add(id.getBytes(StandardCharsets.UTF_8));
    return ids.size();
  }

  @Override
  public void answered(Reply reply) {
    long now = reply.next();
    lane.heard(now, round.sentMicros, checks.size());
    for (int i = 0; i < checks.size(); i++) {
      Check check = taken(i);
      switch ((int) reply.next()) {
        case JUDGED -> check.answer(verdicts(check, now, reply));
        case CORRUPT ->
            check.fail(
                StoreException.Category.CORRUPT,
                "a key of " + check.charges.getFirst().key().limit() + " holds no state of Weir's");
        case OUTSIDE -> lane.again(check);
        case UNKNOWN -> lane.learn(check, tags(reply));
        default -> throw new IllegalStateException("reply: an unknown status");
      }
    }
    lane.finished(round);
  }

  private Check taken(int i) {
    Check check = checks.set(i, null);
    if (check == null) {
      throw new IllegalStateException("a check is answered once");
    }
    return check;
  }

  private static int[] tags(Reply reply) {
    int[] tags = new int[(int) reply.next()];
    for (int i = 0; i < tags.length; i++) {
      tags[i] = (int) reply.next();
    }
    return tags;
  }

  private static List<Verdict> verdicts(Check check, long now, Reply reply) {
    Verdict[] verdicts = new Verdict[check.limits.length];
    for (int i = 0; i < verdicts.length; i++) {
      Verdict.Outcome outcome = OUTCOMES[(int) reply.next()];
      long amount = reply.next();
      long remaining = reply.next();
      long retryAfter = reply.next();
      long resetAfter = reply.next();
      long mark = reply.next();
      boolean stepped = reply.next() == 1;
      verdicts[i] =
          new Verdict(outcome, amount, remaining, retryAfter, resetAfter, mark, now, stepped);
    }
    return List.of(verdicts);
  }

  @Override
  public void refused(String error) {
    boolean several = checks.size() > 1;
    for (int i = 0; i < checks.size(); i++) {
      lane.refused(taken(i), error, several);
    }
    lane.finished(round);
  }

  @Override
  public void lost() {
    for (int i = 0; i < checks.size(); i++) {
      lane.lost(checks.set(i, null));
    }
    lane.finished(round);
  }

  /** Tells those whose deadline has come; answers the earliest deadline that has not. */
  long expire(long nowMicros) {
    long earliest = Long.MAX_VALUE;
    for (Check check : checks) {
      earliest = Math.min(earliest, Lane.expireSent(check, nowMicros));
    }
    return earliest;
  }
}
