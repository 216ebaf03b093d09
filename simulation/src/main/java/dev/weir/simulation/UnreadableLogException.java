// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

/** A log that cannot be read; its message tells which, what was found and what was expected. */
public final class UnreadableLogException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** With what is told. */
  public UnreadableLogException(String message) {
    super(message);
  }

  UnreadableLogException(String message, Throwable cause) {
    super(message, cause);
  }
}
