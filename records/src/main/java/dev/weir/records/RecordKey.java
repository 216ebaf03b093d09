// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static java.util.Objects.requireNonNull;

import java.util.Comparator;

/**
 * The name of a record.
 *
 * @param kind what it is, such as {@code user}; 1..32 lower-case letters and dashes
 * @param id which one; 1..{@value #MAX_ID_LENGTH} characters without control characters
 */
public record RecordKey(String kind, String id) implements Comparable<RecordKey> {

  public static final int MAX_KIND_LENGTH = 32;
  public static final int MAX_ID_LENGTH = 300;

  private static final Comparator<RecordKey> ORDER =
      Comparator.comparing(RecordKey::kind).thenComparing(RecordKey::id);

  /**
   * Checks both.
   *
   * @throws IllegalArgumentException naming what is expected
   */
  public RecordKey {
    requireKind(kind);
    requireNonNull(id, "id");
    if (id.isEmpty() || id.length() > MAX_ID_LENGTH) {
      throw new IllegalArgumentException(
          "id: " + id.length() + " characters (expected: 1.." + MAX_ID_LENGTH + ")");
    }
    if (id.codePoints().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("id: has a control character (expected: none)");
    }
    Bounds.requireWellFormed("id", id);
  }

  /** Checks a kind alone. */
  static void requireKind(String kind) {
    requireNonNull(kind, "kind");
    boolean valid =
        !kind.isEmpty()
            && kind.length() <= MAX_KIND_LENGTH
            && kind.chars().allMatch(c -> (c >= 'a' && c <= 'z') || c == '-');
    if (!valid) {
      throw new IllegalArgumentException(
          "kind: "
              + kind.substring(0, Math.min(kind.length(), 2 * MAX_KIND_LENGTH))
              + " (expected: 1.."
              + MAX_KIND_LENGTH
              + " lower-case letters and dashes)");
    }
  }

  /** By kind, then by id, character by character. */
  @Override
  public int compareTo(RecordKey other) {
    return ORDER.compare(this, other);
  }

  /** Kind and id with a colon between. */
  @Override
  public String toString() {
    return kind + ":" + id;
  }
}
