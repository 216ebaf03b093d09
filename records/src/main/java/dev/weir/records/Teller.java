// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells one watcher, one batch at a time on a thread of its own, what has gathered since the last.
 * So a watcher that is slow costs at most one entry per record, and delays nobody.
 */
final class Teller implements Subscription {

  private static final Logger LOG = LoggerFactory.getLogger(Teller.class);

  private final Watcher watcher;
  private final ReentrantLock lock = new ReentrantLock();
  // The rest is guarded by the lock. The value is empty for a record that is gone.
  private Map<RecordKey, Optional<StoredRecord>> waiting = new LinkedHashMap<>();
  private boolean whole;
  private boolean telling;
  private boolean closed;

  Teller(Watcher watcher) {
    this.watcher = watcher;
  }

  /** Adds to what the watcher has to hear. Any thread, one at a time. */
  void tell(Batch batch) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      if (batch.whole()) {
        waiting.clear();
        whole = true;
      }
      batch.present().forEach(each -> add(each.key(), Optional.of(each)));
      batch.gone().forEach(key -> add(key, Optional.empty()));
      if (!telling && (whole || !waiting.isEmpty())) {
        telling = true;
        Thread.ofVirtual().name("weir-records-watcher").start(this::run);
      }
    } finally {
      lock.unlock();
    }
  }

  /* A record that changed again goes to the end: batches are in the order of versions. */
  private void add(RecordKey key, Optional<StoredRecord> now) {
    waiting.remove(key);
    waiting.put(key, now);
  }

  private void run() {
    for (Optional<Batch> next = next(); next.isPresent(); next = next()) {
      try {
        watcher.changed(next.get());
      } catch (RuntimeException e) {
        LOG.error("a watcher of records failed", e);
      }
    }
  }

  private Optional<Batch> next() {
    lock.lock();
    try {
      if (closed || (!whole && waiting.isEmpty())) {
        telling = false;
        return Optional.empty();
      }
      List<StoredRecord> present = new ArrayList<>();
      List<RecordKey> gone = new ArrayList<>();
      boolean all = whole;
      waiting.forEach((key, now) -> now.ifPresentOrElse(present::add, () -> gone.add(key)));
      waiting = new LinkedHashMap<>();
      whole = false;
      return Optional.of(new Batch(all, present, all ? List.of() : gone));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      waiting.clear();
    } finally {
      lock.unlock();
    }
  }
}
