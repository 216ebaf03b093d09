// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static dev.weir.records.Samples.await;
import static dev.weir.records.Samples.put;
import static dev.weir.records.Samples.user;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.RedisOptions;
import dev.weir.redis.fixtures.RedisClusterProcesses;
import dev.weir.redis.fixtures.RedisProcess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class RedisClusterRecordsTest implements SharedRecordsContract {
  private static RedisClusterProcesses cluster;

  @BeforeAll
  static void start() {
    cluster = RedisClusterProcesses.start(3, 0);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Override
  public RedisOptions options() {
    return RedisOptions.of(cluster.url());
  }

  @Override
  public void flush() {
    cluster.nodes().forEach(node -> node.cli("FLUSHALL"));
  }

  @Test
  void slot_movedToAnotherNode_isFollowed() {
    try (RecordStore store = create()) {
      RecordingWatcher watcher = new RecordingWatcher();
      try (Subscription watching = store.watch(watcher)) {
        StoredRecord made = put(store, user("a"), "1");
        watcher.awaitReplica(now -> now.containsValue(made));
        int slot = cluster.slotOf("weir:{records}:about");
        RedisProcess from = cluster.primaryOf(slot);
        RedisProcess to =
            cluster.nodes().stream().filter(node -> node != from).findFirst().orElseThrow();
        cluster.migrateSlot(slot, to);
        Eventually.holds(() -> assertThat(await(store.get(user("a")))).contains(made));
        StoredRecord after = put(store, user("b"), "1");
        watcher.awaitReplica(now -> now.containsValue(after));
        assertThat(watcher.replica()).containsOnlyKeys(user("a"), user("b"));
      }
    }
  }
}
