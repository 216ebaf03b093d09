// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.identity;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * How API keys look: a prefix by which leak scanners and people recognise them, 32 random letters
 * and digits (190 bits), and six more that are a checksum, so that a mistyped key is told from an
 * unknown one before anything is looked up. Keys that were made elsewhere have 10 to 200 letters,
 * digits, {@code _} and {@code -}. Safe for use by any thread.
 *
 * @param prefix what keys made here begin with; 1..20 letters, digits, {@code _} and {@code -}
 */
public record KeyFormat(String prefix) {

  private static final int MIN = 10;
  private static final int MAX = 200;
  private static final int RANDOM = 32;
  private static final int CHECKSUM = 6;
  private static final int START = 4;
  private static final String LETTERS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9_-]{1,20}");
  private static final SecureRandom RANDOMNESS = new SecureRandom();

  /** The prefix unless another is configured. */
  public static final KeyFormat DEFAULT = new KeyFormat("weir_");

  /**
   * @throws IllegalArgumentException if the prefix is out of shape
   */
  public KeyFormat {
    if (!PREFIX.matcher(prefix).matches()) {
      throw new IllegalArgumentException(
          "prefix: \"" + Texts.shortened(prefix) + "\" (expected: 1..20 letters, digits, _ and -)");
    }
  }

  /** A new key. */
  String create() {
    StringBuilder key = new StringBuilder(prefix);
    for (int i = 0; i < RANDOM; i++) {
      key.append(LETTERS.charAt(RANDOMNESS.nextInt(LETTERS.length())));
    }
    return key.append(checksum(key)).toString();
  }

  /** Whether a text may be a key at all. */
  boolean fits(String text) {
    if (text.length() < MIN || text.length() > MAX) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean known =
          c >= 'a' && c <= 'z'
              || c >= 'A' && c <= 'Z'
              || c >= '0' && c <= '9'
              || c == '_'
              || c == '-';
      if (!known) {
        return false;
      }
    }
    return !isOurs(text) || hasChecksum(text);
  }

  private boolean isOurs(String text) {
    return text.length() == prefix.length() + RANDOM + CHECKSUM && text.startsWith(prefix);
  }

  private static boolean hasChecksum(String text) {
    int end = text.length() - CHECKSUM;
    return text.substring(end).equals(checksum(text.substring(0, end)));
  }

  /** What may be shown of a key that was made here; nothing of one that was made elsewhere. */
  String start(String key) {
    return isOurs(key) ? key.substring(0, prefix.length() + START) : "";
  }

  private static String checksum(CharSequence text) {
    CRC32 crc = new CRC32();
    crc.update(text.toString().getBytes(StandardCharsets.US_ASCII));
    long left = crc.getValue();
    StringBuilder digits = new StringBuilder();
    for (int i = 0; i < CHECKSUM; i++) {
      digits.append(LETTERS.charAt((int) (left % LETTERS.length())));
      left /= LETTERS.length();
    }
    return digits.toString();
  }
}
