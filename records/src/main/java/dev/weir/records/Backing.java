// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Where {@link LocalRecords} keeps what it holds. Used by one thread at a time. */
interface Backing {

  /** What one step makes of the store. */
  record Step(
      long sequence,
      List<StoredRecord> present,
      List<RecordKey> gone,
      Optional<AuditRecord> audit) {}

  /** Everything that was kept; the number of the last step and of the last audit record. */
  record Kept(List<StoredRecord> records, long sequence, long audited) {}

  Kept load();

  /**
   * Keeps steps, in this order; returns once they survive what this backing survives.
   *
   * @param now all records as these steps made them
   */
  void keep(List<Step> steps, Collection<StoredRecord> now);

  /** A part of the trail, the newest first. */
  List<AuditRecord> audit(long beforeNumber, int max);

  /** What an operator should know. Any thread. */
  List<String> warnings();

  RecordHealth.Kind kind();

  void close();
}
