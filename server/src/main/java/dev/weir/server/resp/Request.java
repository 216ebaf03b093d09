// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.resp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * One command as it lies in the bytes that were read: an array of bulk strings, or a line of words.
 * Reused from command to command by one event loop; not safe for several threads.
 */
final class Request {
  /*
   * Nothing is copied: the arguments are places in the bytes. A command that is not complete is
   * read again from its start when more has come; strings are skipped by their lengths, so that
   * costs a few steps for each argument.
   */

  /** What {@link #read} answers when the command is not complete. */
  static final int MORE = -1;

  /** What {@link #read} answers when the bytes are no command; {@link #fault} says why. */
  static final int BROKEN = -2;

  private static final int MAX_DIGITS = 10;
  private static final int MAX_TEXT = 128;

  private final int[] from = new int[RespLimits.MAX_ARGUMENTS];
  private final int[] to = new int[RespLimits.MAX_ARGUMENTS];
  private byte[] bytes = {};
  private int count;
  private long number;
  private String fault = "";

  /** What strangers may send before they have logged in is less. */
  enum Bounds {
    KNOWN(RespLimits.MAX_ARGUMENTS, RespLimits.MAX_ARGUMENT_BYTES, RespLimits.MAX_COMMAND_BYTES),
    STRANGER(10, 1_024, 4_096);

    private final int arguments;
    private final int argumentBytes;
    private final int commandBytes;

    Bounds(int arguments, int argumentBytes, int commandBytes) {
      this.arguments = arguments;
      this.argumentBytes = argumentBytes;
      this.commandBytes = commandBytes;
    }
  }

  /**
   * Reads the command that starts at a position.
   *
   * @return the position behind it, {@link #MORE} or {@link #BROKEN}
   */
  int read(byte[] source, int start, int end, Bounds bounds) {
    bytes = source;
    count = 0;
    if (start >= end) {
      return MORE;
    }
    int next = source[start] == '*' ? array(start + 1, end, bounds) : line(start, end, bounds);
    int length = next >= 0 ? next - start : end - start;
    return next != BROKEN && length > bounds.commandBytes
        ? broken("Protocol error: too big request")
        : next;
  }

  private int array(int start, int end, Bounds bounds) {
    int at = number(start, end);
    if (at < 0) {
      return at == MORE ? MORE : broken("Protocol error: invalid multibulk length");
    }
    if (number > bounds.arguments) {
      return broken("Protocol error: invalid multibulk length");
    }
    int wanted = (int) Math.max(0, number);
    for (int i = 0; i < wanted; i++) {
      if (at >= end) {
        return MORE;
      }
      if (bytes[at] != '$') {
        return broken("Protocol error: expected '$', got '" + shown(bytes[at]) + "'");
      }
      at = number(at + 1, end);
      if (at == MORE) {
        return MORE;
      }
      if (at < 0 || number < 0 || number > bounds.argumentBytes) {
        return broken("Protocol error: invalid bulk length");
      }
      int past = at + (int) number;
      if (past + 2 > end) {
        return MORE;
      }
      if (bytes[past] != '\r' || bytes[past + 1] != '\n') {
        return broken("Protocol error: expected the end of a bulk string");
      }
      from[i] = at;
      to[i] = past;
      at = past + 2;
    }
    count = wanted;
    return at;
  }

  /** Reads a number and the end of its line into {@link #number}. */
  private int number(int start, int end) {
    int at = start;
    boolean negative = at < end && bytes[at] == '-';
    if (negative) {
      at++;
    }
    int first = at;
    long value = 0;
    while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
      value = 10 * value + bytes[at++] - '0';
      if (at - first > MAX_DIGITS) {
        return BROKEN;
      }
    }
    if (at == end) {
      return MORE;
    }
    if (bytes[at] != '\r' || at == first) {
      return BROKEN;
    }
    if (at + 1 == end) {
      return MORE;
    }
    number = negative ? -value : value;
    return bytes[at + 1] == '\n' ? at + 2 : BROKEN;
  }

  private int line(int start, int end, Bounds bounds) {
    int at = start;
    int bound = Math.min(end, start + bounds.commandBytes);
    while (at < bound && bytes[at] != '\n') {
      at++;
    }
    if (at == bound) {
      return bound < end ? broken("Protocol error: too big inline request") : MORE;
    }
    int past = at > start && bytes[at - 1] == '\r' ? at - 1 : at;
    return words(start, past, bounds) ? at + 1 : BROKEN;
  }

  private boolean words(int start, int end, Bounds bounds) {
    int at = start;
    while (true) {
      while (at < end && isSpace(bytes[at])) {
        at++;
      }
      if (at == end) {
        return true;
      }
      if (count == bounds.arguments) {
        broken("Protocol error: too many arguments");
        return false;
      }
      at = word(at, end);
      if (at < 0) {
        broken("Protocol error: unbalanced quotes in request");
        return false;
      }
      if (to[count] - from[count] > bounds.argumentBytes) {
        broken("Protocol error: invalid bulk length");
        return false;
      }
      count++;
    }
  }

  /** Reads one word; what stands in quotes is unescaped in place, where it only gets shorter. */
  private int word(int start, int end) {
    int at = start;
    int target = start;
    byte quote = 0;
    while (at < end) {
      byte b = bytes[at];
      if (quote == 0) {
        if (isSpace(b)) {
          break;
        }
        if (b == '"' || b == '\'') {
          quote = b;
        } else {
          bytes[target++] = b;
        }
        at++;
      } else if (b == quote) {
        if (at + 1 < end && !isSpace(bytes[at + 1])) {
          return BROKEN;
        }
        quote = 0;
        at++;
      } else if (b == '\\' && at + 1 < end) {
        at = escape(at, end, target++, quote);
      } else {
        bytes[target++] = b;
        at++;
      }
    }
    from[count] = start;
    to[count] = target;
    return quote == 0 ? at : BROKEN;
  }

  private int escape(int at, int end, int target, byte quote) {
    byte b = bytes[at + 1];
    if (quote == '\'') {
      // Within single quotes only the quote itself is escaped.
      bytes[target] = b == '\'' ? b : (byte) '\\';
      return b == '\'' ? at + 2 : at + 1;
    }
    if (b == 'x' && at + 3 < end) {
      int high = Character.digit(bytes[at + 2], 16);
      int low = Character.digit(bytes[at + 3], 16);
      if (high >= 0 && low >= 0) {
        bytes[target] = (byte) (16 * high + low);
        return at + 4;
      }
    }
    bytes[target] =
        switch (b) {
          case 'n' -> '\n';
          case 'r' -> '\r';
          case 't' -> '\t';
          case 'b' -> '\b';
          case 'a' -> 7;
          default -> b;
        };
    return at + 2;
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\t' || b == '\r' || b == '\f' || b == 0x0B;
  }

  private int broken(String why) {
    count = 0;
    fault = why;
    return BROKEN;
  }

  private static char shown(byte b) {
    return b > ' ' && b < 0x7f ? (char) b : '?';
  }

  /** Why the bytes are no command. */
  String fault() {
    return fault;
  }

  /** Arguments, the command's name included; 0 for a command that is to be ignored. */
  int count() {
    return count;
  }

  byte[] bytes() {
    return bytes;
  }

  byte[] copy(int argument) {
    return Arrays.copyOfRange(bytes, from[argument], to[argument]);
  }

  int from(int argument) {
    return from[argument];
  }

  int length(int argument) {
    return to[argument] - from[argument];
  }

  /** Whether an argument is a word of ASCII in upper case, in whatever case. */
  boolean is(int argument, byte[] word) {
    int start = from[argument];
    if (to[argument] - start != word.length) {
      return false;
    }
    for (int i = 0; i < word.length; i++) {
      byte b = bytes[start + i];
      if (b != word[i] && (b < 'a' || b > 'z' || b - 0x20 != word[i])) {
        return false;
      }
    }
    return true;
  }

  /** Whether an argument is a whole number of 64 bits; {@link #number} has it then. */
  boolean isNumber(int argument) {
    int at = from[argument];
    int end = to[argument];
    boolean negative = at < end && bytes[at] == '-';
    if (negative) {
      at++;
    }
    if (at == end || end - at > 19) {
      return false;
    }
    long value = 0;
    for (; at < end; at++) {
      int digit = bytes[at] - '0';
      if (digit < 0 || digit > 9) {
        return false;
      }
      value = 10 * value + digit;
    }
    // Nineteen digits do not wrap further than below zero.
    if (value < 0) {
      return false;
    }
    number = negative ? -value : value;
    return true;
  }

  /** What {@link #isNumber} has read. */
  long number() {
    return number;
  }

  /** An argument as text; empty if it is not UTF-8. */
  Optional<String> text(int argument) {
    try {
      ByteBuffer buffer = ByteBuffer.wrap(bytes, from[argument], length(argument));
      return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(buffer).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  /** The first characters of an argument, without any that could end a line of an answer. */
  String shown(int argument) {
    int length = Math.min(length(argument), MAX_TEXT);
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append(shown(bytes[from[argument] + i]));
    }
    return text.toString();
  }
}
