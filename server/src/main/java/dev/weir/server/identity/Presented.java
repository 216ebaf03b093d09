// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.identity;

/** What an API key that somebody presents turns out to be. */
public sealed interface Presented {

  /**
   * Known, and in force.
   *
   * @param user whose key it is
   * @param key what is kept of it
   */
  record Caller(User user, ApiKey key) implements Presented {}

  /** Not to be let in. */
  enum Refused implements Presented {
    /** There is none. */
    MISSING,
    /** Nothing but spaces. */
    EMPTY,
    /** It cannot be a key. */
    MALFORMED,
    /** Nobody's. */
    UNKNOWN,
    /** Nobody's that is known, but the records are not known yet. */
    TOO_EARLY,
    /** Revoked or expired; answered like an unknown one, but no sign of an attack. */
    ENDED
  }
}
