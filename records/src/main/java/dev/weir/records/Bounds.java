// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static java.util.Objects.requireNonNull;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a record, a step and a store may hold at most, and the checks of it. */
final class Bounds {

  static final int MAX_VALUE_BYTES = 1 << 20;
  static final int MAX_STEP_BYTES = 4 << 20;
  static final int MAX_CHANGES = 100;
  static final int MAX_RECORDS = 1_000_000;
  static final long MAX_TOTAL_BYTES = 512L << 20;
  static final int MAX_AUDIT_RECORDS = 100_000;
  static final int MAX_AUDIT_PAGE = 500;

  private Bounds() {}

  /** Length in UTF-8, of text without lone surrogates. */
  static int utf8Length(String text) {
    int length = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // Each half of a pair counts two of its four bytes.
      length += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return length;
  }

  /** Text that comes back from UTF-8 as it went in. */
  static void requireWellFormed(String name, String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isHighSurrogate(text.charAt(i))
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(text.charAt(i))) {
        throw new IllegalArgumentException(
            name + ": half a character at " + i + " (expected: well-formed text)");
      }
    }
  }

  static void requireValue(String value) {
    requireNonNull(value, "value");
    requireWellFormed("value", value);
    int length = utf8Length(value);
    if (length < 1 || length > MAX_VALUE_BYTES) {
      throw new IllegalArgumentException(
          "value: " + length + " bytes (expected: 1.." + MAX_VALUE_BYTES + ")");
    }
  }

  /** One step: something to do, no record twice, not too much. */
  static void requireStep(List<Change> changes, Optional<AuditEntry> audit) {
    if (changes.size() > MAX_CHANGES || (changes.isEmpty() && audit.isEmpty())) {
      throw new IllegalArgumentException(
          "changes: "
              + changes.size()
              + " (expected: 1.."
              + MAX_CHANGES
              + ", or none and an audit entry)");
    }
    Set<RecordKey> keys = new HashSet<>();
    long bytes = 0;
    for (Change change : changes) {
      if (!keys.add(change.key())) {
        throw new IllegalArgumentException(
            "changes: " + change.key() + " twice (expected: each record once)");
      }
      bytes += change.value().map(Bounds::utf8Length).orElse(0);
    }
    if (bytes > MAX_STEP_BYTES) {
      throw new IllegalArgumentException(
          "changes: " + bytes + " bytes (expected: at most " + MAX_STEP_BYTES + ")");
    }
  }

  static void requireAuditPage(long beforeNumber, int max) {
    if (beforeNumber < 0) {
      throw new IllegalArgumentException(
          "beforeNumber: " + beforeNumber + " (expected: not negative)");
    }
    if (max < 1 || max > MAX_AUDIT_PAGE) {
      throw new IllegalArgumentException("max: " + max + " (expected: 1.." + MAX_AUDIT_PAGE + ")");
    }
  }
}
