// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.identity;

/** Texts of callers in messages. */
final class Texts {

  private static final int SHOWN = 80;

  private Texts() {}

  /** The text as far as a message shows it, without control characters. */
  static String shortened(String text) {
    String start = text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
    return start.replaceAll("\\p{Cntrl}", "?");
  }
}
