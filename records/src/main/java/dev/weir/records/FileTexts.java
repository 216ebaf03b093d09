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

  static String text(StoredRecord each) {
    return join(Long.toString(each.version()), Long.toString(each.changedAtMillis()), each.value());
  }

  static StoredRecord stored(String key, String text) {
    List<String> parts = split(text, 3);
    int colon = key.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("key of a record: no colon (expected: kind:id)");
    }
    return new StoredRecord(
        new RecordKey(key.substring(0, colon), key.substring(colon + 1)),
        Long.parseLong(parts.get(0)),
        parts.get(2),
        Long.parseLong(parts.get(1)));
  }

  static String text(AuditRecord each) {
    AuditEntry entry = each.entry();
    return join(
        Long.toString(each.atMillis()),
        entry.author(),
        entry.action(),
        entry.target(),
        entry.before(),
        entry.after());
  }

  static AuditRecord audit(long number, String text) {
    List<String> parts = split(text, 6);
    return new AuditRecord(
        number,
        Long.parseLong(parts.get(0)),
        new AuditEntry(parts.get(1), parts.get(2), parts.get(3), parts.get(4), parts.get(5)));
  }

  private static String join(String... parts) {
    StringBuilder text = new StringBuilder();
    for (String part : parts) {
      text.append(part.length()).append(':').append(part);
    }
    return text.toString();
  }

  private static List<String> split(String text, int count) {
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
    if (parts.size() != count) {
      throw new IllegalArgumentException(
          "kept text: " + parts.size() + " parts (expected: " + count + ")");
    }
    return parts;
  }
}
