// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;

/**
 * Takes a line of values between delimiters apart (RFC 4180, save that no value reaches over a line
 * break). Used by one thread.
 */
final class CsvLine {

  static final int MAX_VALUES = 1_000;

  private final byte delimiter;
  private final int[] from = new int[MAX_VALUES];
  private final int[] to = new int[MAX_VALUES];
  private final boolean[] doubled = new boolean[MAX_VALUES];
  private int count;

  CsvLine(byte delimiter) {
    this.delimiter = delimiter;
  }

  /** Whether the line could be taken apart. */
  boolean split(byte[] bytes, int start, int end) {
    count = 0;
    int at = start;
    while (count < MAX_VALUES) {
      doubled[count] = false;
      if (at < end && bytes[at] == '"') {
        at = inQuotes(bytes, at + 1, end);
        if (at < 0) {
          return false;
        }
      } else {
        from[count] = at;
        while (at < end && bytes[at] != delimiter) {
          at++;
        }
        to[count] = at;
      }
      count++;
      if (at == end) {
        return true;
      }
      if (bytes[at] != delimiter) {
        return false;
      }
      at++;
    }
    return false;
  }

  /** Where the quotes end; −1 if they do not. */
  private int inQuotes(byte[] bytes, int start, int end) {
    from[count] = start;
    for (int at = start; at < end; at++) {
      if (bytes[at] == '"') {
        if (at + 1 < end && bytes[at + 1] == '"') {
          doubled[count] = true;
          at++;
        } else {
          to[count] = at;
          return at + 1;
        }
      }
    }
    return -1;
  }

  int count() {
    return count;
  }

  /** Puts a value into a record, unless it is empty or a dash. */
  void put(int value, byte[] bytes, int slot, LogRecord record) {
    int length = to[value] - from[value];
    if (length == 0 || length == 1 && bytes[from[value]] == '-') {
      return;
    }
    if (doubled[value]) {
      record.set(slot, text(value, bytes));
    } else {
      record.set(slot, from[value], to[value]);
    }
  }

  String text(int value, byte[] bytes) {
    String text = new String(bytes, from[value], to[value] - from[value], UTF_8);
    return doubled[value] ? text.replace("\"\"", "\"") : text;
  }

  List<String> texts(byte[] bytes) {
    List<String> texts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      texts.add(text(i, bytes));
    }
    return texts;
  }
}
