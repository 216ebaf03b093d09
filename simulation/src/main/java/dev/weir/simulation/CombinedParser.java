// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import org.jspecify.annotations.Nullable;

/**
 * Takes lines of the common and the combined format apart.
 *
 * <pre>{@code
 * 10.0.0.1 - ann [10/Oct/2025:13:55:36 +0000] "GET /a?b HTTP/1.1" 200 12 "referer" "agent" extra
 * }</pre>
 *
 * <p>A user may hold blanks: it ends where a bracket with a time begins. Within quotes a backslash
 * keeps the next character from ending them; escapes are left as they were written. What follows
 * the agent is {@code extra.1} and so on.
 */
final class CombinedParser implements LineParser {

  private static final String NOT_COMBINED =
      "not as expected: ADDRESS - USER [TIME] \"REQUEST\" STATUS BYTES";

  private final TimeParser times;
  private final int[] extras;
  private int next;

  CombinedParser(LogFields fields, TimeParser times) {
    this.times = times;
    int most = 0;
    for (String name : fields.named().keySet()) {
      most = Math.max(most, extra(name));
    }
    extras = new int[most + 1];
    fields.named().forEach((name, slot) -> extras[Math.max(0, extra(name))] = slot);
  }

  /** Which of the values after the agent a name means; 0 for none. */
  private static int extra(String name) {
    return name.matches("extra\\.[1-9][0-9]?") ? Integer.parseInt(name.substring(6)) : 0;
  }

  @Override
  public @Nullable String parse(byte[] bytes, int from, int to, LogRecord record) {
    record.begin(bytes);
    int addressEnd = blank(bytes, from, to);
    int identEnd = addressEnd < to ? blank(bytes, addressEnd + 1, to) : to;
    if (addressEnd == from || identEnd >= to) {
      return NOT_COMBINED;
    }
    int open = bracket(bytes, identEnd, to);
    while (open < to) {
      int close = find(bytes, open, to, (byte) ']');
      long micros = times.parse(bytes, open + 1, close);
      if (close < to && micros != TimeParser.UNREADABLE) {
        record.at(micros);
        record.set(Field.ADDRESS, from, addressEnd);
        record.set(Field.TIME, open + 1, close);
        value(record, bytes, Field.USER.slot(), identEnd + 1, Math.max(identEnd + 1, open - 1));
        return rest(bytes, close + 1, to, record);
      }
      open = bracket(bytes, open + 1, to);
    }
    return NO_TIME;
  }

  private @Nullable String rest(byte[] bytes, int from, int to, LogRecord record) {
    next = from;
    if (!quoted(bytes, to)) {
      return NOT_COMBINED;
    }
    RequestLine.split(bytes, start, end, record);
    if (!word(bytes, to) || !number(bytes)) {
      return NOT_COMBINED;
    }
    value(record, bytes, Field.STATUS.slot(), start, end);
    if (!word(bytes, to)) {
      return NOT_COMBINED;
    }
    value(record, bytes, Field.BYTES.slot(), start, end);
    if (quoted(bytes, to)) {
      value(record, bytes, Field.REFERER.slot(), start, end);
      if (quoted(bytes, to)) {
        value(record, bytes, Field.USER_AGENT.slot(), start, end);
      }
    }
    for (int i = 1; i < extras.length && (quoted(bytes, to) || word(bytes, to)); i++) {
      if (extras[i] > 0) {
        value(record, bytes, extras[i], start, end);
      }
    }
    return null;
  }

  // What quoted and word found.
  private int start;
  private int end;

  /** Goes on past a value in quotes, if one comes next. */
  private boolean quoted(byte[] bytes, int to) {
    int at = skipBlanks(bytes, to);
    if (at >= to || bytes[at] != '"') {
      return false;
    }
    for (int i = at + 1; i < to; i++) {
      if (bytes[i] == '\\') {
        i++;
      } else if (bytes[i] == '"') {
        start = at + 1;
        end = i;
        next = i + 1;
        return true;
      }
    }
    return false;
  }

  private boolean word(byte[] bytes, int to) {
    int at = skipBlanks(bytes, to);
    start = at;
    end = blank(bytes, at, to);
    next = end;
    return end > start;
  }

  private int skipBlanks(byte[] bytes, int to) {
    int at = next;
    while (at < to && bytes[at] == ' ') {
      at++;
    }
    return at;
  }

  private boolean number(byte[] bytes) {
    for (int i = start; i < end; i++) {
      if (bytes[i] < '0' || bytes[i] > '9') {
        return end - start == 1 && bytes[start] == '-';
      }
    }
    return true;
  }

  /** A dash stands for a value that is not there. */
  private static void value(LogRecord record, byte[] bytes, int slot, int from, int to) {
    if (to > from && !(to - from == 1 && bytes[from] == '-')) {
      record.set(slot, from, to);
    }
  }

  private static int bracket(byte[] bytes, int from, int to) {
    int at = find(bytes, from, to, (byte) '[');
    while (at < to && bytes[at - 1] != ' ') {
      at = find(bytes, at + 1, to, (byte) '[');
    }
    return at;
  }

  private static int blank(byte[] bytes, int from, int to) {
    return find(bytes, from, to, (byte) ' ');
  }

  private static int find(byte[] bytes, int from, int to, byte wanted) {
    int at = from;
    while (at < to && bytes[at] != wanted) {
      at++;
    }
    return at;
  }
}
