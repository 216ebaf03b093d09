// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static java.util.Objects.requireNonNull;

/**
 * An entry of the audit trail. It is never changed; the oldest give way when there are too many.
 *
 * @param number its place in the trail, counted from 1 without gaps
 * @param atMillis when, by the store's clock; milliseconds since 1970-01-01T00:00:00Z
 */
public record AuditRecord(long number, long atMillis, AuditEntry entry) {

  public AuditRecord {
    requireNonNull(entry, "entry");
  }
}
