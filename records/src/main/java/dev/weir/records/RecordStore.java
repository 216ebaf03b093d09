// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Where records are kept.
 *
 * <p>Safe for use by any number of threads; no method blocks but {@link #close}. Stages complete on
 * threads of the store's that may be blocked; each completes within seconds, whatever happens to
 * the store. They fail with {@link RecordStoreException} where the store cannot do what it is asked
 * for. Nothing here is for the path of a request: whoever needs records there watches them.
 */
public interface RecordStore extends AutoCloseable {

  /** The record as it is now. */
  CompletionStage<Optional<StoredRecord>> get(RecordKey key);

  /**
   * Makes all changes and appends the entry to the audit trail, or does nothing. The stage
   * completes once this survives a crash as {@link #health} promises, with the records that are
   * there now, in the order of the changes; it fails with {@link RecordConflictException} where a
   * record has another version than expected.
   *
   * @param changes 0..100 of different records, together at most 4 MiB; none only with an entry
   * @throws IllegalArgumentException naming what is expected
   */
  CompletionStage<List<StoredRecord>> change(List<Change> changes, Optional<AuditEntry> audit);

  /** All records of a kind, by id; each as it was at some moment of the call. */
  CompletionStage<List<StoredRecord>> list(String kind);

  /**
   * A part of the audit trail, the newest first. The trail holds the newest 100 000, fewer only
   * where they are very long.
   *
   * @param beforeNumber only older ones than this; {@link Long#MAX_VALUE} for the newest
   * @param max how many; 1..500
   * @throws IllegalArgumentException naming what is expected
   */
  CompletionStage<List<AuditRecord>> audit(long beforeNumber, int max);

  /**
   * Tells every record as it is now, in one whole batch, and then every change within two seconds,
   * whichever instance made it, in the order in which they were made. A record that changes faster
   * than it is told is told once, as it is then. Where the store was away the watcher is told what
   * it missed; where that cannot be known, everything again in a whole batch.
   */
  Subscription watch(Watcher watcher);

  /** What is known of the store now. */
  RecordHealth health();

  /** Ends it; what was acknowledged is kept, what is waiting is finished or fails. */
  @Override
  void close();
}
