// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

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
  private final transient @Nullable CompletionStage<List<Verdict>> late;

  public StoreException(Category category, String message) {
    super(message);
    this.category = requireNonNull(category, "category");
    this.late = null;
  }

  public StoreException(Category category, String message, Throwable cause) {
    super(message, cause);
    this.category = requireNonNull(category, "category");
    this.late = null;
  }

  /**
   * The failure of charges that were sent and whose answer may still come.
   *
   * @param late the answer; it fails once it can no longer come
   */
  public StoreException(Category category, String message, CompletionStage<List<Verdict>> late) {
    super(message);
    this.category = requireNonNull(category, "category");
    this.late = requireNonNull(late, "late");
  }

  public Category category() {
    return category;
  }

  /**
   * The answer of charges that were sent, should it still come; whoever was denied meanwhile gets
   * back what they took (R22). Empty if the charges were not sent, or nothing can be learnt of
   * them.
   */
  public Optional<CompletionStage<List<Verdict>>> late() {
    return Optional.ofNullable(late);
  }
}
