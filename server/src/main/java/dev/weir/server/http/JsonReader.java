// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.http;

import dev.weir.server.wire.BadRequest;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * Reads JSON (RFC 8259) token by token from bytes, in one pass and strictly. Reused by one event
 * loop; not safe for several threads.
 */
final class JsonReader {
  /*
   * A general parser spends most of a small request on its own set-up and on a tree of maps. This
   * one knows that the caller knows what comes next. Texts that come again and again, the names of
   * fields, domains and entry keys, are looked up in a small table instead of being made anew; a
   * text that falls out of it is only made again.
   */

  private static final int INTERNED = 1_024;
  private static final int LONGEST_INTERNED = 48;
  private static final int SHOWN = 40;

  private final UnaryOperator<String> names;
  private final String[] texts = new String[INTERNED];
  private final byte[][] textBytes = new byte[INTERNED][];
  private byte[] bytes = {};
  private int start;
  private int at;
  private int end;

  /**
   * @param names makes the full name of what a caller names; asked only for an error
   */
  JsonReader(UnaryOperator<String> names) {
    this.names = names;
  }

  void reset(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    this.start = from;
    this.at = from;
    this.end = to;
  }

  /** How many bytes of the body were read. */
  int position() {
    return at - start;
  }

  /** The next character that is not white space, not consumed; 0 at the end. */
  char peek() {
    while (at < end) {
      byte b = bytes[at];
      if (b > ' ') {
        return (char) b;
      }
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        return (char) (b & 0xFF);
      }
      at++;
    }
    return 0;
  }

  boolean skip(char c) {
    if (peek() == c) {
      at++;
      return true;
    }
    return false;
  }

  void expect(char c, String name, String expected) {
    if (!skip(c)) {
      throw unexpected(name, expected);
    }
  }

  /** After a member or an element: whether another one follows. */
  boolean another(char close, String name) {
    char c = peek();
    if (c == ',') {
      at++;
      return true;
    }
    if (c == close) {
      at++;
      return false;
    }
    throw unexpected(name, "',' or '" + close + "'");
  }

  void atEnd() {
    if (peek() != 0 || at < end) {
      throw unexpected("", "nothing after the JSON value");
    }
  }

  /** The name of a member and its colon. */
  String field(String owner) {
    if (peek() != '"') {
      throw unexpected(owner, "the name of a field");
    }
    String name = interned(owner);
    if (!skip(':')) {
      throw unexpected(owner, "':' after \"" + name + "\"");
    }
    return name;
  }

  /** A string that is likely to come again. */
  String interned(String name) {
    expect('"', name, "a string");
    byte[] source = bytes;
    int from = at;
    int limit = Math.min(end, from + LONGEST_INTERNED);
    int hash = 0;
    int i = from;
    for (; i < limit; i++) {
      byte b = source[i];
      if (b == '"') {
        at = i + 1;
        return lookUp(from, i, hash);
      }
      if (b < ' ' || b == '\\') {
        break;
      }
      hash = 31 * hash + b;
    }
    return rest(name, from);
  }

  private String lookUp(int from, int to, int hash) {
    int slot = (hash ^ hash >>> 10) & INTERNED - 1;
    byte[] known = textBytes[slot];
    if (known != null && Arrays.equals(known, 0, known.length, bytes, from, to)) {
      return texts[slot];
    }
    String text = new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    textBytes[slot] = Arrays.copyOfRange(bytes, from, to);
    texts[slot] = text;
    return text;
  }

  String string(String name) {
    expect('"', name, "a string");
    return rest(name, at);
  }

  /** The text from here to its closing quote. */
  private String rest(String name, int from) {
    byte[] source = bytes;
    int sign = 0;
    for (int i = from; i < end; i++) {
      byte b = source[i];
      if (b == '"') {
        at = i + 1;
        if (sign >= 0) {
          return new String(source, from, i - from, StandardCharsets.ISO_8859_1);
        }
        return decode(name, from, i);
      }
      if (b == '\\') {
        return escaped(name, from, i);
      }
      if (b >= 0 && b < ' ') {
        at = i;
        throw unexpected(name, "control characters as \\u00XX");
      }
      sign |= b;
    }
    at = end;
    throw unexpected(name, "a closing '\"'");
  }

  private String decode(String name, int from, int to) {
    try {
      CharBuffer text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(bytes, from, to - from));
      return text.toString();
    } catch (CharacterCodingException e) {
      throw BadRequest.at(names.apply(name), "bytes that are not UTF-8", "UTF-8", from - start);
    }
  }

  private String escaped(String name, int from, int firstEscape) {
    StringBuilder text = new StringBuilder(decode(name, from, firstEscape));
    at = firstEscape;
    while (at < end) {
      byte b = bytes[at];
      if (b == '"') {
        at++;
        return wellFormed(name, text.toString());
      }
      if (b == '\\') {
        at++;
        text.append(escape(name));
      } else if (b >= 0 && b < ' ') {
        throw unexpected(name, "control characters as \\u00XX");
      } else {
        int plain = at;
        while (at < end && bytes[at] != '"' && bytes[at] != '\\' && (bytes[at] & 0xFF) >= ' ') {
          at++;
        }
        text.append(decode(name, plain, at));
      }
    }
    throw unexpected(name, "a closing '\"'");
  }

  private char escape(String name) {
    char c = at < end ? (char) (bytes[at] & 0xFF) : 0;
    at++;
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode(name);
      default -> {
        at--;
        throw unexpected(name, "an escape of \" \\ / b f n r t u");
      }
    };
  }

  private char unicode(String name) {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = at < end ? Character.digit(bytes[at], 16) : -1;
      if (digit < 0) {
        throw unexpected(name, "four hexadecimal digits after \\u");
      }
      value = value << 4 | digit;
      at++;
    }
    return (char) value;
  }

  private String wellFormed(String name, String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        boolean pair =
            Character.isHighSurrogate(text.charAt(i))
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          throw BadRequest.at(
              names.apply(name), "half of a surrogate pair", "whole characters", position());
        }
        i++;
      }
    }
    return text;
  }

  boolean bool(String name) {
    char c = peek();
    if (c == 't' && literal("true")) {
      return true;
    }
    if (c == 'f' && literal("false")) {
      return false;
    }
    throw unexpected(name, "true or false");
  }

  /** Whether a {@code null} stands here, which is consumed. */
  boolean isNull() {
    return peek() == 'n' && literal("null");
  }

  private boolean literal(String word) {
    if (end - at < word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if (bytes[at + i] != word.charAt(i)) {
        return false;
      }
    }
    at += word.length();
    return true;
  }

  /** A whole number within bounds. */
  long number(String name, long min, long max) {
    peek();
    boolean negative = at < end && bytes[at] == '-';
    int i = negative ? at + 1 : at;
    int digits = i;
    long value = 0;
    while (i < end && bytes[i] >= '0' && bytes[i] <= '9' && i - digits <= 18) {
      value = value * 10 + (bytes[i] - '0');
      i++;
    }
    boolean leadingZero = i - digits > 1 && bytes[digits] == '0';
    boolean whole = i > digits && i - digits <= 18 && !leadingZero && !continues(i);
    if (!whole || (negative ? -value : value) < min || value > max) {
      throw unexpected(name, min + ".." + max);
    }
    at = i;
    return negative ? -value : value;
  }

  private boolean continues(int i) {
    if (i >= end) {
      return false;
    }
    byte b = bytes[i];
    return b == '.' || b == 'e' || b == 'E' || b >= '0' && b <= '9';
  }

  /** What is wrong here: the text found, and what should stand in its place. */
  BadRequest unexpected(String name, String expected) {
    peek();
    return BadRequest.at(names.apply(name), found(), expected, position());
  }

  private String found() {
    if (at >= end) {
      return "end of body";
    }
    int to = at;
    while (to < end && to - at < SHOWN && !ends(bytes[to], to)) {
      to++;
    }
    return new String(bytes, at, Math.max(1, to - at), StandardCharsets.UTF_8);
  }

  private boolean ends(byte b, int i) {
    boolean inString = bytes[at] == '"';
    if (inString) {
      return i > at && bytes[i - 1] == '"' && i - 1 > at;
    }
    return b == ',' || b == '}' || b == ']' || b == ' ' || b == '\n' || b == '\r';
  }
}
