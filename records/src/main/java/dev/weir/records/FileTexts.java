// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import java.util.ArrayList;
import java.util.List;

/**
 * How records and audit records are written in a file: texts one after the other, each after its
 * length and a colon.
 */
final class FileTexts {

  private FileTexts() {}

  /** Appends that a record is so now. */
  static void put(StringBuilder out, StoredRecord each) {
    StringBuilder text = new StringBuilder();
    join(text, Long.toString(each.version()), Long.toString(each.changedAtMillis()), each.value());
    join(out, "put", each.key().toString(), text.toString());
  }

  /** Appends an audit record. */
  static void append(StringBuilder out, AuditRecord each) {
    AuditEntry entry = each.entry();
    StringBuilder text = new StringBuilder();
    join(
        text,
        Long.toString(each.atMillis()),
        entry.author(),
        entry.action(),
        entry.target(),
        entry.before(),
        entry.after());
    join(out, "audit", Long.toString(each.number()), text.toString());
  }

  static StoredRecord stored(String key, String text) {
    List<String> parts = split(text, 3);
    return new StoredRecord(
        key(key), Long.parseLong(parts.get(0)), parts.get(2), Long.parseLong(parts.get(1)));
  }

  static RecordKey key(String name) {
    int colon = name.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("key of a record: no colon (expected: kind:id)");
    }
    return new RecordKey(name.substring(0, colon), name.substring(colon + 1));
  }

  static AuditRecord audit(long number, String text) {
    List<String> parts = split(text, 6);
    return new AuditRecord(
        number,
        Long.parseLong(parts.get(0)),
        new AuditEntry(parts.get(1), parts.get(2), parts.get(3), parts.get(4), parts.get(5)));
  }

  /** Appends texts. */
  static void join(StringBuilder out, String... parts) {
    for (String part : parts) {
      out.append(part.length()).append(':').append(part);
    }
  }

  private static List<String> split(String text, int count) {
    List<String> parts = split(text);
    if (parts.size() != count) {
      throw new IllegalArgumentException(
          "kept text: " + parts.size() + " parts (expected: " + count + ")");
    }
    return parts;
  }

  /** The texts that were joined. */
  static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int colon = text.indexOf(':', at);
      int length = colon < 0 ? -1 : Integer.parseInt(text.substring(at, colon));
      if (length < 0 || length > text.length() - colon - 1) {
        throw new IllegalArgumentException("kept text: cut off at " + at);
      }
      parts.add(text.substring(colon + 1, colon + 1 + length));
      at = colon + 1 + length;
    }
    return parts;
  }
}
