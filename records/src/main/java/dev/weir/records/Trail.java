// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The newest part of an audit trail, bounded in number and length. */
final class Trail {

  static final long MAX_CHARACTERS = 64L << 20;

  private final ArrayDeque<AuditRecord> records = new ArrayDeque<>();
  private long characters;

  void add(AuditRecord next) {
    records.addLast(next);
    characters += length(next);
    while (records.size() > Bounds.MAX_AUDIT_RECORDS || characters > MAX_CHARACTERS) {
      characters -= length(records.removeFirst());
    }
  }

  private static int length(AuditRecord each) {
    AuditEntry entry = each.entry();
    return entry.author().length()
        + entry.action().length()
        + entry.target().length()
        + entry.before().length()
        + entry.after().length();
  }

  /** Those before a number, the newest first. */
  List<AuditRecord> before(long number, int max) {
    List<AuditRecord> page = new ArrayList<>();
    Iterator<AuditRecord> newest = records.descendingIterator();
    while (newest.hasNext() && page.size() < max) {
      AuditRecord each = newest.next();
      if (each.number() < number) {
        page.add(each);
      }
    }
    return page;
  }

  /** All, the oldest first. */
  Iterable<AuditRecord> all() {
    return records;
  }

  long lastNumber() {
    AuditRecord last = records.peekLast();
    return last == null ? 0 : last.number();
  }

  long characters() {
    return characters;
  }
}
