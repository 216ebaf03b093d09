// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static java.util.Objects.requireNonNull;

/**
 * What somebody did, for the audit trail. It must hold no secret: it is kept as it is, and shown.
 *
 * @param author who; 1..200 characters
 * @param action what was done, such as {@code key.revoke}; 1..100 characters
 * @param target to what; at most 400 characters
 * @param before what it was; at most {@value #MAX_TEXT_LENGTH} characters, empty if nothing
 * @param after what it became; likewise
 */
public record AuditEntry(String author, String action, String target, String before, String after) {

  public static final int MAX_TEXT_LENGTH = 4_096;

  private static final int MAX_AUTHOR_LENGTH = 200;
  private static final int MAX_ACTION_LENGTH = 100;
  private static final int MAX_TARGET_LENGTH = 400;

  /**
   * Checks every text.
   *
   * @throws IllegalArgumentException naming what is expected
   */
  public AuditEntry {
    require("author", author, 1, MAX_AUTHOR_LENGTH);
    require("action", action, 1, MAX_ACTION_LENGTH);
    require("target", target, 0, MAX_TARGET_LENGTH);
    require("before", before, 0, MAX_TEXT_LENGTH);
    require("after", after, 0, MAX_TEXT_LENGTH);
  }

  private static void require(String name, String text, int min, int max) {
    requireNonNull(text, name);
    if (text.length() < min || text.length() > max) {
      throw new IllegalArgumentException(
          name + ": " + text.length() + " characters (expected: " + min + ".." + max + ")");
    }
    Bounds.requireWellFormed(name, text);
  }

  /** The same of texts of any length: what is too long ends with an ellipsis. */
  public static AuditEntry shortened(
      String author, String action, String target, String before, String after) {
    return new AuditEntry(
        shorten(author, MAX_AUTHOR_LENGTH),
        shorten(action, MAX_ACTION_LENGTH),
        shorten(target, MAX_TARGET_LENGTH),
        shorten(before, MAX_TEXT_LENGTH),
        shorten(after, MAX_TEXT_LENGTH));
  }

  private static String shorten(String text, int max) {
    if (text.length() <= max) {
      return text;
    }
    int end = max - 1;
    // Not between the halves of a character.
    return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
  }

  /** Everything but the values before and after. */
  @Override
  public String toString() {
    return "AuditEntry[" + author + ", " + action + ", " + target + "]";
  }
}
