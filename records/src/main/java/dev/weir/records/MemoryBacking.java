// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import java.util.Collection;
import java.util.List;

/** Keeps the audit trail in memory, and nothing else: {@link LocalRecords} has the records. */
final class MemoryBacking implements Backing {

  private static final String WARNING =
      "records are in memory: users, keys, bans and policies made by administration end with the"
          + " process (give --data-dir or a Redis to keep them)";

  private final Trail trail = new Trail();

  @Override
  public Kept load() {
    return new Kept(List.of(), 0, 0);
  }

  @Override
  public void keep(List<Step> steps, Collection<StoredRecord> now) {
    steps.forEach(step -> step.audit().ifPresent(trail::add));
  }

  @Override
  public List<AuditRecord> audit(long beforeNumber, int max) {
    return trail.before(beforeNumber, max);
  }

  @Override
  public List<String> warnings() {
    return List.of(WARNING);
  }

  @Override
  public RecordHealth.Kind kind() {
    return RecordHealth.Kind.MEMORY;
  }

  @Override
  public void close() {
    // There is nothing to close.
  }
}
