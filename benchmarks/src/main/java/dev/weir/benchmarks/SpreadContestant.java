// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.core.Descriptor;
import io.lettuce.core.cluster.SlotHash;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Weir on a cluster of three shards, each check with a key in every one of them. */
final class SpreadContestant implements Contestant {

  private static final int SHARDS = 3;

  private final WeirContestant weir;
  private final List<List<Integer>> shards = new ArrayList<>();

  SpreadContestant(WeirContestant weir) {
    this.weir = weir;
    for (int i = 0; i < SHARDS; i++) {
      shards.add(new ArrayList<>());
    }
    String[] names = Contestant.names();
    for (int key = 0; key < KEYS; key++) {
      int slot = SlotHash.getSlot(WeirContestant.hashTag(names[key]));
      shards.get(slot * SHARDS / SlotHash.SLOT_COUNT).add(key);
    }
  }

  @Override
  public CompletionStage<?> check(int key) {
    List<Descriptor> descriptors = new ArrayList<>(SHARDS);
    for (List<Integer> shard : shards) {
      descriptors.add(weir.descriptor(shard.get(key % shard.size())));
    }
    return weir.check(descriptors);
  }

  @Override
  public boolean admitted(Object answer) {
    return weir.admitted(answer);
  }

  @Override
  public boolean degraded(Object answer) {
    return weir.degraded(answer);
  }

  @Override
  public void close() {
    weir.close();
  }
}
