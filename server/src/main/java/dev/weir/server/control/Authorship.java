// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.control;

import dev.weir.server.identity.ChangeRefused;
import dev.weir.server.identity.ChangeRefused.Why;

/** Who changes something for all instances, and why. */
final class Authorship {

  private static final int MAX_REASON = 500;
  private static final int MAX_AUTHOR = 200;

  private Authorship() {}

  /**
   * Takes an author and a reason that can be kept.
   *
   * @throws ChangeRefused for others
   */
  static void check(String author, String reason) {
    if (author.isEmpty() || author.length() > MAX_AUTHOR) {
      throw new ChangeRefused(
          Why.INVALID,
          "author: " + author.length() + " characters (expected: 1.." + MAX_AUTHOR + ")");
    }
    if (reason.length() > MAX_REASON) {
      throw new ChangeRefused(
          Why.INVALID,
          "reason: " + reason.length() + " characters (expected: up to " + MAX_REASON + ")");
    }
  }
}
