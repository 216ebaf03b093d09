// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Keeps the audit trail in memory, and nothing else: {@link LocalRecords} has the records. */
final class MemoryBacking implements Backing {

  private static final String WARNING =
      "records are in memory: users, keys, bans and policies made by administration end with the"
          + " process (give --data-dir or a Redis to keep them)";

  private final ArrayDeque<AuditRecord> trail = new ArrayDeque<>();

  @Override
  public Kept load() {
    return new Kept(List.of(), 0, 0);
  }

  @Override
  public void keep(List<Step> steps) {
    for (Step step : steps) {
      step.audit().ifPresent(trail::addLast);
      if (trail.size() > Bounds.MAX_AUDIT_RECORDS) {
        trail.removeFirst();
      }
    }
  }

  @Override
  public List<AuditRecord> audit(long beforeNumber, int max) {
    List<AuditRecord> page = new ArrayList<>();
    for (Iterator<AuditRecord> it = trail.descendingIterator();
        it.hasNext() && page.size() < max; ) {
      AuditRecord each = it.next();
      if (each.number() < beforeNumber) {
        page.add(each);
      }
    }
    return page;
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
  public void rest() {
    // There is nothing to tidy up.
  }

  @Override
  public void close() {
    // There is nothing to close.
  }
}
