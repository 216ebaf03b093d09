// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/**
 * Reads HTTP/1.1 responses (RFC 9112) from bytes that arrive in pieces: status, verdicts in the
 * body, and where each ends. One per connection; not safe for several threads.
 */
final class ResponseReader {

  /** Where the reading stands. */
  enum Progress {
    /** More bytes are needed. */
    MORE,
    /** A response is complete. */
    DONE
  }

  /** What came is not HTTP. */
  static final class BadResponseException extends Exception {
    private static final long serialVersionUID = 1L;

    BadResponseException(String message) {
      super(message);
    }
  }

  private enum Part {
    HEAD,
    LENGTH,
    CHUNK_SIZE,
    CHUNK,
    TRAILER,
    UNTIL_CLOSE
  }

  private static final int MAX_LINE = 64 * 1_024;

  private final VerdictScanner verdicts = new VerdictScanner();
  private Part part = Part.HEAD;
  private int status;
  private long left;
  private boolean chunked;
  private boolean closes;
  private boolean withoutBody;

  /** Prepares for a response; the answer to a HEAD has no body. */
  void start(boolean toHead) {
    part = Part.HEAD;
    withoutBody = toHead;
    verdicts.start();
  }

  /**
   * Reads on; returns how far it came, and {@link #done} whether a response ended there.
   *
   * @param bytes what came and was not yet consumed
   */
  int read(byte[] bytes, int from, int to) throws BadResponseException {
    done = false;
    int at = from;
    while (at < to && !done) {
      int next =
          switch (part) {
            case HEAD -> head(bytes, at, to);
            case LENGTH, CHUNK -> body(bytes, at, to);
            case CHUNK_SIZE -> chunkSize(bytes, at, to);
            case TRAILER -> trailer(bytes, at, to);
            case UNTIL_CLOSE -> untilClose(bytes, at, to);
          };
      if (next < 0) {
        if (to - at > MAX_LINE) {
          throw new BadResponseException("a line or head of over " + MAX_LINE + " bytes");
        }
        return at;
      }
      at = next;
    }
    return at;
  }

  private boolean done;

  boolean done() {
    return done;
  }

  /** Ends what the end of the connection may end; whether it does. */
  boolean endOfConnection() {
    return part == Part.UNTIL_CLOSE;
  }

  int status() {
    return status;
  }

  /** Whether the connection cannot be used again. */
  boolean closes() {
    return closes;
  }

  VerdictScanner verdicts() {
    return verdicts;
  }

  private int head(byte[] bytes, int from, int to) throws BadResponseException {
    int end = endOfHead(bytes, from, to);
    if (end < 0) {
      return -1;
    }
    int line = endOfLine(bytes, from, end);
    statusLine(bytes, from, line);
    left = -1;
    chunked = false;
    for (int at = line + 1; at < end; ) {
      int stop = endOfLine(bytes, at, end);
      field(bytes, at, stop);
      at = stop + 1;
    }
    if (status >= 100 && status < 200) {
      return end;
    }
    if (withoutBody || status == 204 || status == 304) {
      done = true;
    } else if (chunked) {
      part = Part.CHUNK_SIZE;
    } else if (left >= 0) {
      part = Part.LENGTH;
      done = left == 0;
    } else {
      part = Part.UNTIL_CLOSE;
      closes = true;
    }
    return end;
  }

  private static int endOfHead(byte[] bytes, int from, int to) {
    for (int i = from + 3; i < to; i++) {
      if (bytes[i] == '\n' && bytes[i - 1] == '\r' && bytes[i - 2] == '\n') {
        return i + 1;
      }
    }
    return -1;
  }

  private static int endOfLine(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && bytes[at] != '\n') {
      at++;
    }
    return at;
  }

  private void statusLine(byte[] bytes, int from, int to) throws BadResponseException {
    boolean http =
        to - from >= 12
            && bytes[from] == 'H'
            && bytes[from + 1] == 'T'
            && bytes[from + 2] == 'T'
            && bytes[from + 3] == 'P'
            && bytes[from + 5] == '1'
            && bytes[from + 8] == ' ';
    if (!http) {
      throw bad("status line", bytes, from, to);
    }
    int code = 0;
    for (int i = from + 9; i < from + 12; i++) {
      if (bytes[i] < '0' || bytes[i] > '9') {
        throw bad("status line", bytes, from, to);
      }
      code = 10 * code + bytes[i] - '0';
    }
    status = code;
    closes = bytes[from + 7] == '0';
  }

  private void field(byte[] bytes, int from, int to) throws BadResponseException {
    if (named(bytes, from, to, "content-length:")) {
      left = number(bytes, from + 15, to, 10);
    } else if (named(bytes, from, to, "transfer-encoding:")) {
      chunked = contains(bytes, from, to, "chunked");
    } else if (named(bytes, from, to, "connection:")) {
      if (contains(bytes, from, to, "close")) {
        closes = true;
      } else if (contains(bytes, from, to, "keep-alive")) {
        closes = false;
      }
    }
  }

  private static boolean named(byte[] bytes, int from, int to, String name) {
    if (to - from < name.length()) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      int b = bytes[from + i];
      if ((b >= 'A' && b <= 'Z' ? b + 32 : b) != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static boolean contains(byte[] bytes, int from, int to, String word) {
    for (int i = from; i + word.length() <= to; i++) {
      if (named(bytes, i, to, word)) {
        return true;
      }
    }
    return false;
  }

  private static long number(byte[] bytes, int from, int to, int radix)
      throws BadResponseException {
    String text = new String(bytes, from, to - from, ISO_8859_1).strip();
    int semicolon = text.indexOf(';');
    try {
      long number =
          Long.parseLong(semicolon < 0 ? text : text.substring(0, semicolon).strip(), radix);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw bad("length", bytes, from, to);
    }
    throw bad("length", bytes, from, to);
  }

  private static BadResponseException bad(String what, byte[] bytes, int from, int to) {
    String text = new String(bytes, from, Math.min(40, to - from), ISO_8859_1);
    return new BadResponseException(what + ": " + text.strip());
  }

  private int body(byte[] bytes, int from, int to) {
    int count = (int) Math.min(left, to - from);
    verdicts.feed(bytes, from, from + count);
    left -= count;
    if (left == 0) {
      if (part == Part.CHUNK) {
        part = Part.CHUNK_SIZE;
      } else {
        done = true;
      }
    }
    return from + count;
  }

  private int chunkSize(byte[] bytes, int from, int to) throws BadResponseException {
    int line = endOfLine(bytes, from, to);
    if (line == to) {
      return -1;
    }
    boolean afterChunk = line == from || (line == from + 1 && bytes[from] == '\r');
    if (afterChunk) {
      return line + 1;
    }
    left = number(bytes, from, line, 16);
    part = left == 0 ? Part.TRAILER : Part.CHUNK;
    return line + 1;
  }

  private int trailer(byte[] bytes, int from, int to) {
    int line = endOfLine(bytes, from, to);
    if (line == to) {
      return -1;
    }
    done = line == from || (line == from + 1 && bytes[from] == '\r');
    return line + 1;
  }

  private int untilClose(byte[] bytes, int from, int to) {
    verdicts.feed(bytes, from, to);
    return to;
  }
}
