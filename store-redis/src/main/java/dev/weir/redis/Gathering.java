// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.RedisCommand;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts checks into calls: one of each script, or in a cluster one of each script and slot, unless
 * one call may take from all slots of a node. Used by one event loop, for one round after another.
 */
final class Gathering {

  private static final int MAX_CALLS = 256;
  private static final int ALL_SLOTS = -1;

  private final Lane lane;
  private final Lane.Batches batches;
  private final WireBuffer buffer = new WireBuffer();
  private final ArrayDeque<TakeBatch> pool = new ArrayDeque<>();
  private final Map<Integer, TakeBatch> takeOfSlot = new HashMap<>();
  private final Map<Integer, ApplyBatch> applyOfSlot = new HashMap<>();
  private List<RedisCommand<byte[], byte[], ?>> commands = new ArrayList<>(2);
  private Round round = new Round(0);

  Gathering(Lane lane, Lane.Batches batches) {
    this.lane = lane;
    this.batches = batches;
  }

  /** Takes from the inbox what fits into one round. */
  Round gather(Inbox inbox) {
    round = new Round(lane.micros());
    commands = new ArrayList<>(2);
    takeOfSlot.clear();
    applyOfSlot.clear();
    for (Check check = inbox.first(); check != null; check = inbox.first()) {
      @Nullable Check next = check.next;
      if (!check.over() && !offer(check)) {
        break;
      }
      inbox.drop(next);
    }
    return round;
  }

  /** What the round that was gathered last is sent as. */
  List<RedisCommand<byte[], byte[], ?>> commands() {
    return commands;
  }

  /** Takes back the batches of a round that is over. */
  void recycle(Round done) {
    for (TakeBatch batch : done.takes) {
      if (pool.size() < MAX_CALLS) {
        pool.push(batch);
      }
    }
  }

  private boolean offer(Check check) {
    boolean shared = !check.alone && !check.asking;
    int slot = batches == Lane.Batches.OF_SERVER ? 0 : check.keys[0].slot();
    return check.plain ? take(check, slot, shared) : apply(check, slot, shared);
  }

  private boolean take(Check check, int ownSlot, boolean shared) {
    int slot = shared && batches == Lane.Batches.OF_NODE ? ALL_SLOTS : ownSlot;
    TakeBatch open = shared ? takeOfSlot.get(slot) : null;
    if (open != null) {
      return open.offer(check);
    }
    if (round.calls() == MAX_CALLS) {
      return false;
    }
    TakeBatch pooled = pool.poll();
    TakeBatch batch = pooled == null ? new TakeBatch(lane) : pooled;
    batch.begin(round, slot != ALL_SLOTS).offer(check);
    round.takes.add(batch);
    if (shared) {
      takeOfSlot.put(slot, batch);
    }
    call(check.asking, batch);
    return true;
  }

  private boolean apply(Check check, int slot, boolean shared) {
    ApplyBatch open = shared ? applyOfSlot.get(slot) : null;
    if (open != null) {
      return open.offer(check);
    }
    if (round.calls() == MAX_CALLS) {
      return false;
    }
    ApplyBatch batch = new ApplyBatch(lane, round);
    batch.offer(check);
    round.applies.add(batch);
    if (shared) {
      applyOfSlot.put(slot, batch);
    }
    call(check.asking, batch);
    return true;
  }

  private void call(boolean asking, Call.Work work) {
    if (asking) {
      commands.add(
          new Command<>(
              CommandType.ASKING,
              new StatusOutput<>(ByteArrayCodec.INSTANCE),
              new CommandArgs<>(ByteArrayCodec.INSTANCE)));
    }
    commands.add(new Call(work, buffer));
  }
}
