// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Growing bytes in which an answer is put together: text as UTF-8, numbers in decimal, JSON strings
 * with their escapes. Reused from answer to answer by one event loop; not safe for several threads.
 */
public final class ByteWriter {

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] BASE64URL =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
          .getBytes(StandardCharsets.US_ASCII);
  private static final byte[] LEAST = "-9223372036854775808".getBytes(StandardCharsets.US_ASCII);
  private static final int MOST_DIGITS = 20;
  private static final int KEPT_CAPACITY = 256 * 1_024;

  private byte[] bytes = new byte[1_024];
  private int length;

  /** Forgets what was written. */
  public ByteWriter clear() {
    length = 0;
    if (bytes.length > KEPT_CAPACITY) {
      bytes = new byte[1_024];
    }
    return this;
  }

  public int length() {
    return length;
  }

  public ByteWriter raw(byte[] text) {
    return raw(text, 0, text.length);
  }

  public ByteWriter raw(byte[] text, int from, int count) {
    ensure(count);
    System.arraycopy(text, from, bytes, length, count);
    length += count;
    return this;
  }

  /** What another has written. */
  public ByteWriter append(ByteWriter other) {
    return raw(other.bytes, 0, other.length);
  }

  /** One character of ASCII. */
  public ByteWriter character(char c) {
    ensure(1);
    bytes[length++] = (byte) c;
    return this;
  }

  /** Text in UTF-8, as it is. */
  public ByteWriter text(String text) {
    int count = text.length();
    ensure(count);
    byte[] target = bytes;
    int at = length;
    for (int i = 0; i < count; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        length = at;
        return raw(text.substring(i).getBytes(StandardCharsets.UTF_8));
      }
      target[at++] = (byte) c;
    }
    length = at;
    return this;
  }

  public ByteWriter number(long value) {
    ensure(MOST_DIGITS);
    if (value < 0) {
      if (value == Long.MIN_VALUE) {
        return raw(LEAST);
      }
      bytes[length++] = '-';
      value = -value;
    }
    int end = length + digits(value);
    int at = end;
    do {
      bytes[--at] = (byte) ('0' + value % 10);
      value /= 10;
    } while (value != 0);
    length = end;
    return this;
  }

  /** A JSON string with its quotes. */
  public ByteWriter quoted(String text) {
    return character('"').escaped(text).character('"');
  }

  /** The inside of a JSON string. */
  public ByteWriter escaped(String text) {
    int count = text.length();
    ensure(count);
    byte[] target = bytes;
    int at = length;
    for (int i = 0; i < count; i++) {
      char c = text.charAt(i);
      if (c < 0x20 || c == '"' || c == '\\' || c >= 0x7f) {
        length = at;
        return escapedSlowly(text, i);
      }
      target[at++] = (byte) c;
    }
    length = at;
    return this;
  }

  private ByteWriter escapedSlowly(String text, int from) {
    int i = from;
    while (i < text.length()) {
      int code = text.codePointAt(i);
      i += Character.charCount(code);
      if (code == '"' || code == '\\') {
        character('\\').character((char) code);
      } else if (code < 0x20 || code == 0x7f || isSurrogate(code)) {
        unicode(code);
      } else if (code < 0x80) {
        character((char) code);
      } else {
        raw(Character.toString(code).getBytes(StandardCharsets.UTF_8));
      }
    }
    return this;
  }

  private static boolean isSurrogate(int code) {
    return code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE;
  }

  private void unicode(int code) {
    character('\\').character('u');
    ensure(4);
    for (int shift = 12; shift >= 0; shift -= 4) {
      bytes[length++] = HEX[code >>> shift & 0xF];
    }
  }

  /** Bytes as base64url without padding. */
  public ByteWriter base64url(byte[] source, int from, int count) {
    ensure((count + 2) / 3 * 4);
    byte[] target = bytes;
    int at = length;
    int i = from;
    int whole = from + count / 3 * 3;
    for (; i < whole; i += 3) {
      int group = (source[i] & 0xFF) << 16 | (source[i + 1] & 0xFF) << 8 | source[i + 2] & 0xFF;
      target[at++] = BASE64URL[group >>> 18];
      target[at++] = BASE64URL[group >>> 12 & 0x3F];
      target[at++] = BASE64URL[group >>> 6 & 0x3F];
      target[at++] = BASE64URL[group & 0x3F];
    }
    int left = count % 3;
    if (left > 0) {
      int group = (source[i] & 0xFF) << 16 | (left == 2 ? (source[i + 1] & 0xFF) << 8 : 0);
      target[at++] = BASE64URL[group >>> 18];
      target[at++] = BASE64URL[group >>> 12 & 0x3F];
      if (left == 2) {
        target[at++] = BASE64URL[group >>> 6 & 0x3F];
      }
    }
    length = at;
    return this;
  }

  /** A copy of what was written. */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  /** Appends what was written to a buffer. */
  public void writeTo(ByteBuf target) {
    target.writeBytes(bytes, 0, length);
  }

  /** A copy of what was written, for one write to a connection. */
  public Buffer toBuffer() {
    // Vert.x would copy a byte array once more; the wrapped copy belongs to nobody else.
    return BufferInternal.buffer(Unpooled.wrappedBuffer(toBytes()));
  }

  private static int digits(long value) {
    int digits = 1;
    long bound = 10;
    while (digits < 19 && value >= bound) {
      digits++;
      bound *= 10;
    }
    return digits;
  }

  private void ensure(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }

  @Override
  public String toString() {
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
