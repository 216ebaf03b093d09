// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import static java.util.Objects.requireNonNull;

/** Weir did not do what has no fallback: a record or a refund. */
public final class WeirException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final Trouble trouble;

  WeirException(Trouble trouble, String message) {
    super(message);
    this.trouble = requireNonNull(trouble, "trouble");
  }

  /** What happened. */
  public Trouble trouble() {
    return trouble;
  }
}
