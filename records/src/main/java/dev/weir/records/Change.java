// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * What shall become of one record, provided that it is still the one that the caller knows.
 *
 * @param expectedVersion the version that the store must hold; 0 if there must be no such record
 * @param value the new JSON text; empty to delete the record
 */
public record Change(RecordKey key, long expectedVersion, Optional<String> value) {

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException naming what is expected
   */
  public Change {
    requireNonNull(key, "key");
    int least = value.isPresent() ? 0 : 1;
    if (expectedVersion < least) {
      throw new IllegalArgumentException(
          "expectedVersion: " + expectedVersion + " (expected: at least " + least + ")");
    }
    value.ifPresent(Bounds::requireValue);
  }

  /** Makes a record that does not exist yet. */
  public static Change create(RecordKey key, String value) {
    return new Change(key, 0, Optional.of(value));
  }

  /** Gives a record another value. */
  public static Change replace(StoredRecord known, String value) {
    return new Change(known.key(), known.version(), Optional.of(value));
  }

  /** Deletes a record. */
  public static Change delete(StoredRecord known) {
    return new Change(known.key(), known.version(), Optional.empty());
  }

  /** Everything but the value, which may hold what belongs in no log. */
  @Override
  public String toString() {
    return "Change["
        + key
        + ", expectedVersion="
        + expectedVersion
        + (value.isPresent() ? "]" : ", delete]");
  }
}
