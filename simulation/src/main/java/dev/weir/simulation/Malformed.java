// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * A line that cannot be used.
 *
 * @param log the name of its log
 * @param line its number, from 1
 * @param problem what is wrong
 * @param excerpt its beginning, without control characters
 */
public record Malformed(String log, long line, String problem, String excerpt) {

  private static final int LONGEST_EXCERPT = 120;

  static String excerpt(byte[] bytes, int from, int to) {
    int end = Math.min(to, from + LONGEST_EXCERPT);
    String text = new String(bytes, from, Math.max(0, end - from), UTF_8);
    return Texts.printable(text) + (end < to ? "…" : "");
  }
}
