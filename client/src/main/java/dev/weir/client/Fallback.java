// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

/**
 * Decides where Weir does not answer. Called by the threads of the client and of its callers,
 * several at a time; it must not block. What it throws denies.
 */
@FunctionalInterface
public interface Fallback {

  /** Everything is allowed: limits do not hold while Weir is away. */
  Fallback OPEN = (check, trouble) -> true;

  /** Nothing is allowed: nothing works while Weir is away. */
  Fallback CLOSED = (check, trouble) -> false;

  /**
   * Whether a check is allowed.
   *
   * @param trouble why Weir did not answer
   */
  boolean allows(Check check, Trouble trouble);
}
