// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static java.util.Objects.requireNonNull;

/** A record is not the one that a change expected; nothing of the step was done. */
public final class RecordConflictException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient RecordKey key;

  public RecordConflictException(RecordKey key) {
    super(key + " was changed by somebody else");
    this.key = requireNonNull(key, "key");
  }

  /** The first record of the step that differs. */
  public RecordKey key() {
    return key;
  }
}
