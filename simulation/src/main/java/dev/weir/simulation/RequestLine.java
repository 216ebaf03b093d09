// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Takes a request line apart: method, target, protocol. What is none leaves them unset. */
final class RequestLine {

  private static final int LONGEST_METHOD = 20;

  private RequestLine() {}

  static void split(byte[] bytes, int from, int to, LogRecord record) {
    int method = from;
    while (method < to && isLetter(bytes[method])) {
      method++;
    }
    if (method == from || method - from > LONGEST_METHOD || method == to || bytes[method] != ' ') {
      return;
    }
    int last = to;
    for (int i = to - 1; i > method; i--) {
      if (bytes[i] == ' ') {
        last = i;
        break;
      }
    }
    boolean protocol =
        last < to - 5 && bytes[last + 1] == 'H' && bytes[last + 2] == 'T' && bytes[last + 5] == '/';
    int targetEnd = protocol ? last : to;
    record.set(Field.METHOD, from, method);
    if (targetEnd > method + 1) {
      record.set(Field.TARGET, method + 1, targetEnd);
    }
    if (protocol) {
      record.set(Field.PROTOCOL, last + 1, to);
    }
  }

  /** The same of a text. */
  static void split(String line, LogRecord record) {
    int method = line.indexOf(' ');
    byte[] bytes = line.getBytes(UTF_8);
    LogRecord parts = new LogRecord(Field.COUNT);
    parts.begin(bytes);
    if (method > 0) {
      split(bytes, 0, bytes.length, parts);
    }
    for (Field field : new Field[] {Field.METHOD, Field.TARGET, Field.PROTOCOL}) {
      String text = parts.text(field);
      if (text != null && !record.has(field)) {
        record.set(field.slot(), text);
      }
    }
  }

  private static boolean isLetter(byte b) {
    return b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b == '-' || b == '_';
  }
}
