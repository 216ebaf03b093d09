// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The head of one plain HTTP/1.1 request, read in one pass over its bytes.
 *
 * <p>Plain means: complete, free of anything that could be understood in two ways, and asking for
 * nothing but an answer on a connection that stays open. Whatever is not plain is left to the full
 * codec, which also says what is wrong with it. Reused from request to request by one event loop;
 * not safe for several threads.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9112">RFC 9112: HTTP/1.1</a>
 */
public final class RequestHead {

  /** What is asked; other methods are not plain. */
  public enum Method {
    GET,
    POST
  }

  private static final int MAX_FIELDS = 32;
  private static final int MAX_LENGTH_DIGITS = 8;
  private static final byte[] GET = ascii("GET ");
  private static final byte[] POST = ascii("POST ");
  private static final String KEEP_ALIVE = "keep-alive";
  private static final byte[] VERSION = ascii(" HTTP/1.1\r\n");

  /** Characters of a field's name, RFC 9110 section 5.6.2; letters as lower case, others 0. */
  private static final byte[] NAME = nameCharacters();

  private byte[] bytes = {};
  private Method method = Method.GET;
  private int targetFrom;
  private int targetTo;
  private int end;
  private int contentLength;
  private boolean lengthGiven;
  private int hosts;
  private int fields;
  // For each field: where its name begins and ends, and its value.
  private final int[] spans = new int[4 * MAX_FIELDS];

  /**
   * Reads the head of the request that starts at the given position.
   *
   * @param bytes kept until the next call; must not change while this head is used
   * @return whether it is complete and plain
   */
  public boolean read(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    fields = 0;
    hosts = 0;
    contentLength = 0;
    lengthGiven = false;
    int at = readLine(from, to);
    while (at > 0 && at + 1 < to) {
      if (bytes[at] == '\r') {
        end = at + 2;
        // A body without a length would have to be delimited in another way.
        return bytes[at + 1] == '\n' && hosts == 1 && (lengthGiven || method == Method.GET);
      }
      at = readField(at, to);
    }
    return false;
  }

  /** Goes on with a copy of the head's bytes, of which the first was at a position of the old. */
  void move(byte[] copy, int from) {
    bytes = copy;
    targetFrom -= from;
    targetTo -= from;
    end -= from;
    for (int i = 0; i < 4 * fields; i++) {
      spans[i] -= from;
    }
  }

  /** The request line; answers where the next line begins, or 0. */
  private int readLine(int from, int to) {
    if (startsWith(GET, from, to)) {
      method = Method.GET;
      targetFrom = from + GET.length;
    } else if (startsWith(POST, from, to)) {
      method = Method.POST;
      targetFrom = from + POST.length;
    } else {
      return 0;
    }
    int at = targetFrom;
    while (at < to && bytes[at] > ' ' && bytes[at] != 0x7f) {
      at++;
    }
    targetTo = at;
    boolean plain = at > targetFrom && bytes[targetFrom] == '/' && startsWith(VERSION, at, to);
    return plain ? at + VERSION.length : 0;
  }

  /** One field; answers where the next line begins, or 0 if the request is not plain. */
  private int readField(int from, int to) {
    int at = from;
    while (at < to && bytes[at] > 0 && NAME[bytes[at]] != 0) {
      at++;
    }
    int nameTo = at;
    if (nameTo == from || at >= to || bytes[at] != ':' || fields == MAX_FIELDS) {
      return 0;
    }
    at++;
    while (at < to && bytes[at] == ' ') {
      at++;
    }
    int valueFrom = at;
    while (at < to && bytes[at] >= ' ' && bytes[at] != 0x7f) {
      at++;
    }
    if (at + 1 >= to || bytes[at] != '\r' || bytes[at + 1] != '\n') {
      return 0;
    }
    int valueTo = at;
    while (valueTo > valueFrom && bytes[valueTo - 1] == ' ') {
      valueTo--;
    }
    return keep(from, nameTo, valueFrom, valueTo) ? at + 2 : 0;
  }

  private boolean keep(int nameFrom, int nameTo, int valueFrom, int valueTo) {
    int span = 4 * fields++;
    spans[span] = nameFrom;
    spans[span + 1] = nameTo;
    spans[span + 2] = valueFrom;
    spans[span + 3] = valueTo;
    // Told by their lengths first: most fields are none of these.
    return switch (nameTo - nameFrom) {
      case 4 -> !is(span, "host") || ++hosts == 1;
      case 2 -> !is(span, "te");
      case 6 -> !is(span, "expect");
      case 7 -> !is(span, "upgrade") && !is(span, "trailer");
      // What HTTP/1.1 does anyway is all that a plain request may ask of the connection.
      case 10 -> !is(span, "connection") || isKeepAlive(valueFrom, valueTo);
      case 14 -> !is(span, "content-length") || readLength(valueFrom, valueTo);
      case 16 -> !is(span, "proxy-connection") && !is(span, "content-encoding");
      case 17 -> !is(span, "transfer-encoding");
      default -> true;
    };
  }

  private boolean isKeepAlive(int from, int to) {
    if (to - from != KEEP_ALIVE.length()) {
      return false;
    }
    for (int i = 0; i < KEEP_ALIVE.length(); i++) {
      if (NAME[bytes[from + i]] != KEEP_ALIVE.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private boolean readLength(int from, int to) {
    if (lengthGiven || to == from || to - from > MAX_LENGTH_DIGITS) {
      return false;
    }
    lengthGiven = true;
    for (int i = from; i < to; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        return false;
      }
      contentLength = contentLength * 10 + digit;
    }
    return true;
  }

  public Method method() {
    return method;
  }

  /** Where the body begins in the bytes that were read. */
  public int end() {
    return end;
  }

  /** Bytes of the body. */
  public int contentLength() {
    return contentLength;
  }

  /** Whether the target is this path, without a query. */
  public boolean isFor(byte[] path) {
    return targetTo - targetFrom == path.length && startsWith(path, targetFrom, targetTo);
  }

  /** Whether the target is this path, with or without a query. */
  public boolean isForPath(byte[] path) {
    int after = targetFrom + path.length;
    return startsWith(path, targetFrom, targetTo) && (after == targetTo || bytes[after] == '?');
  }

  /** The target as it was sent. */
  public String target() {
    return text(targetFrom, targetTo);
  }

  /**
   * The value of a field; of several with the same name, the first.
   *
   * @param name in lower case
   */
  public @Nullable String field(String name) {
    for (int span = 0; span < 4 * fields; span += 4) {
      if (is(span, name)) {
        return text(spans[span + 2], spans[span + 3]);
      }
    }
    return null;
  }

  /**
   * The values of all fields of a name.
   *
   * @param name in lower case
   */
  public List<String> fields(String name) {
    List<String> values = new ArrayList<>();
    for (int span = 0; span < 4 * fields; span += 4) {
      if (is(span, name)) {
        values.add(text(spans[span + 2], spans[span + 3]));
      }
    }
    return values;
  }

  /**
   * Whether a field is absent or has this very value.
   *
   * @param name in lower case
   */
  public boolean absentOr(String name, byte[] value) {
    for (int span = 0; span < 4 * fields; span += 4) {
      if (is(span, name)) {
        int from = spans[span + 2];
        int to = spans[span + 3];
        if (to - from != value.length || !startsWith(value, from, to)) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean is(int span, String name) {
    int from = spans[span];
    if (spans[span + 1] - from != name.length()) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      if (NAME[bytes[from + i]] != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private boolean startsWith(byte[] text, int from, int to) {
    if (to - from < text.length) {
      return false;
    }
    for (int i = 0; i < text.length; i++) {
      if (bytes[from + i] != text[i]) {
        return false;
      }
    }
    return true;
  }

  private String text(int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.US_ASCII);
  }

  private static byte[] nameCharacters() {
    byte[] characters = new byte[128];
    for (char c : "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz".toCharArray()) {
      characters[c] = (byte) c;
      characters[Character.toUpperCase(c)] = (byte) c;
    }
    return characters;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
