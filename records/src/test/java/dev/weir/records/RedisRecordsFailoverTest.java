// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static dev.weir.records.Samples.put;
import static dev.weir.records.Samples.user;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.RedisOptions;
import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.redis.fixtures.SentinelProcesses;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class RedisRecordsFailoverTest {

  @Test
  void primaryKilled_theReplicaIsFollowedAndEverythingToldAgain() {
    try (SentinelProcesses all = SentinelProcesses.start(1);
        RecordStore store = RedisRecords.connect(RedisOptions.of(all.url()))) {
      RecordingWatcher watcher = new RecordingWatcher();
      try (Subscription watching = store.watch(watcher)) {
        StoredRecord kept = put(store, user("kept"), "1");
        watcher.awaitReplica(now -> now.containsValue(kept));
        RedisProcess replica =
            all.servers().stream().filter(each -> each != all.primary()).findFirst().orElseThrow();
        Eventually.holds(
            () ->
                assertThat(replica.cli("HLEN", "weir:{records}:values").number())
                    .as("records on the replica")
                    .isEqualTo(1));
        RedisProcess former = all.killPrimary();
        all.awaitOtherPrimary(former);
        AtomicReference<StoredRecord> made = new AtomicReference<>();
        Eventually.holds(() -> made.set(put(store, user("after"), "1")));
        List<Batch> told = watcher.awaitReplica(now -> now.containsValue(made.get()));
        assertThat(watcher.replica()).containsOnlyKeys(user("after"), user("kept"));
        assertThat(told).anyMatch(Batch::whole);
      }
    }
  }
}
