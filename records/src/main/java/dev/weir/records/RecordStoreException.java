// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static java.util.Objects.requireNonNull;

/** A store of records could not do what it was asked for. */
public final class RecordStoreException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Category {
    /** It cannot be reached, or too much is waiting for it; nothing was done. */
    UNAVAILABLE,
    /** It did not answer: a change may have been made. To ask for it again does no harm. */
    UNKNOWN,
    /** It holds as much as it may; nothing was done. */
    FULL,
    /** What it holds cannot be read, or it failed to write. */
    BROKEN
  }

  private final Category category;

  public RecordStoreException(Category category, String message) {
    super(message);
    this.category = requireNonNull(category, "category");
  }

  public RecordStoreException(Category category, String message, Throwable cause) {
    super(message, cause);
    this.category = requireNonNull(category, "category");
  }

  public Category category() {
    return category;
  }
}
