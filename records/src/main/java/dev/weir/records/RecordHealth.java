// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * How a store of records is.
 *
 * @param kind of store
 * @param error why the store cannot be reached or used; empty while it can
 * @param warnings what an operator should know, such as that acknowledged changes can be lost
 */
public record RecordHealth(Kind kind, Optional<String> error, List<String> warnings) {

  /** Where records are. */
  public enum Kind {
    /** In the process: they end with it. */
    MEMORY,
    /** In a file of this machine. */
    FILE,
    /** In Redis, for all instances that use it. */
    REDIS
  }

  public RecordHealth {
    requireNonNull(kind, "kind");
    requireNonNull(error, "error");
    warnings = List.copyOf(warnings);
  }

  /** Whether records can be read and changed now. */
  public boolean reachable() {
    return error.isEmpty();
  }

  /** Whether an acknowledged change is known to survive a crash of any process. */
  public boolean durable() {
    return warnings.isEmpty() && kind != Kind.MEMORY;
  }
}
