// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

/** A store cannot judge; each limit's failure policy decides instead (R23). */
public final class StoreException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Category {
    /** No answer in time; the charge may have happened (R22). */
    TIMEOUT,
    /** No connection. */
    UNAVAILABLE,
    /** The store holds as many keys as it may. */
    FULL,
    /** The state of this key cannot be read. */
    CORRUPT
  }

  private final Category category;

  public StoreException(Category category, String message) {
    super(message);
    this.category = requireNonNull(category, "category");
  }

  public StoreException(Category category, String message, Throwable cause) {
    super(message, cause);
    this.category = requireNonNull(category, "category");
  }

  public Category category() {
    return category;
  }
}
