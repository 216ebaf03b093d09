// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.identity;

import static java.util.Objects.requireNonNull;

/** A change that was not made; the message says why, for whoever asked. */
public final class ChangeRefused extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Why {
    /** What was to be changed is not there. */
    NOT_FOUND,
    /** It is there already, or was changed meanwhile. */
    CONFLICT,
    /** A value is not acceptable. */
    INVALID
  }

  private final Why why;

  public ChangeRefused(Why why, String message) {
    super(message);
    this.why = requireNonNull(why, "why");
  }

  public Why why() {
    return why;
  }

  static ChangeRefused notFound(String what, String id) {
    return new ChangeRefused(
        Why.NOT_FOUND, what + ": \"" + Texts.shortened(id) + "\" does not exist");
  }

  static ChangeRefused exists(String what, String id) {
    return new ChangeRefused(
        Why.CONFLICT, what + ": \"" + Texts.shortened(id) + "\" exists already");
  }
}
