// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Keeps what it is told, as a replica would. For one testing thread. */
final class RecordingWatcher implements Watcher {
  private static final long PATIENCE_MILLIS = 30_000;

  private final BlockingQueue<Batch> told = new LinkedBlockingQueue<>();
  private final List<Batch> seen = new ArrayList<>();
  private final Map<RecordKey, StoredRecord> replica = new TreeMap<>();

  @Override
  public void changed(Batch batch) {
    told.add(batch);
  }

  /** The next batch. */
  Batch next() {
    try {
      Batch batch = told.poll(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      assertThat(batch).as("a batch within %s ms", PATIENCE_MILLIS).isNotNull();
      seen.add(batch);
      if (batch.whole()) {
        replica.clear();
      }
      batch.present().forEach(each -> replica.put(each.key(), each));
      batch.gone().forEach(replica::remove);
      return batch;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Reads batches until the replica is as wanted; answers the batches read for it. */
  List<Batch> awaitReplica(Predicate<Map<RecordKey, StoredRecord>> wanted) {
    int before = seen.size();
    while (!wanted.test(replica)) {
      next();
    }
    return seen.subList(before, seen.size());
  }

  /** Whether nothing has come that was not read. */
  boolean heardNothing() {
    return told.isEmpty();
  }

  Map<RecordKey, StoredRecord> replica() {
    return replica;
  }
}
