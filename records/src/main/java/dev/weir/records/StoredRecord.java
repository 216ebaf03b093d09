// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static java.util.Objects.requireNonNull;

/**
 * A record as it is, or was, in the store.
 *
 * @param version the number of the step that made it so; greater than any before in this store, so
 *     a record that was deleted and made again does not look like the old one
 * @param value a JSON text; 1..1 048 576 bytes in UTF-8, which the store does not read
 * @param changedAtMillis when, by the store's clock; milliseconds since 1970-01-01T00:00:00Z
 */
public record StoredRecord(RecordKey key, long version, String value, long changedAtMillis) {

  public StoredRecord {
    requireNonNull(key, "key");
    if (version < 1) {
      throw new IllegalArgumentException("version: " + version + " (expected: at least 1)");
    }
    Bounds.requireValue(value);
  }

  /** Everything but the value, which may hold what belongs in no log. */
  @Override
  public String toString() {
    return "StoredRecord[" + key + ", version=" + version + "]";
  }
}
