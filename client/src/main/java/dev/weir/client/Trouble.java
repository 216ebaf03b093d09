// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

/** Why Weir did not answer a check. */
public enum Trouble {
  /** It did not within the deadline. */
  LATE,
  /** It cannot be reached, or the connection ended. */
  UNREACHABLE,
  /** It answered something that is no answer to what was asked. */
  GARBLED,
  /** It answered with a status that is no decision: a wrong token, an overload, a fault. */
  REFUSED,
  /** As many checks as may be are under way; this one was not sent. */
  OVERLOADED,
  /** The client is closed; the check was not sent. */
  CLOSED
}
