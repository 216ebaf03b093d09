// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Scratch space in which the bytes of a counter key are put together. Not safe for use by several
 * threads.
 *
 * <p>Each part is written as its length in bytes (four bytes, big-endian) and its characters in
 * UTF-8. An unpaired surrogate is written as its own three bytes, so that no two texts merge (R18).
 */
final class KeyBuffer {

  static final int LENGTH_BYTES = 4;

  byte[] bytes = new byte[128];
  int length;

  KeyBuffer clear() {
    length = 0;
    return this;
  }

  KeyBuffer part(String text) {
    int start = length;
    ensure(LENGTH_BYTES + 3 * text.length());
    byte[] target = bytes;
    int at = start + LENGTH_BYTES;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        target[at++] = (byte) c;
      } else {
        at = encode(text, i, target, at);
        i += Character.isHighSurrogate(c) && paired(text, i) ? 1 : 0;
      }
    }
    return close(start, at);
  }

  KeyBuffer part(byte[] utf8, int offset, int count) {
    int start = length;
    ensure(LENGTH_BYTES + count);
    System.arraycopy(utf8, offset, bytes, start + LENGTH_BYTES, count);
    return close(start, start + LENGTH_BYTES + count);
  }

  /** The key's bytes. */
  byte[] copy() {
    return Arrays.copyOf(bytes, length);
  }

  /** The parts that bytes are made of; none if they are not. */
  static List<String> parts(byte[] key) {
    List<String> parts = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(key);
    while (in.remaining() >= LENGTH_BYTES) {
      int size = in.getInt();
      if (size < 0 || size > in.remaining()) {
        return List.of();
      }
      parts.add(new String(key, in.position(), size, StandardCharsets.UTF_8));
      in.position(in.position() + size);
    }
    return in.hasRemaining() ? List.of() : parts;
  }

  private KeyBuffer close(int start, int end) {
    int size = end - start - LENGTH_BYTES;
    bytes[start] = (byte) (size >>> 24);
    bytes[start + 1] = (byte) (size >>> 16);
    bytes[start + 2] = (byte) (size >>> 8);
    bytes[start + 3] = (byte) size;
    length = end;
    return this;
  }

  private static boolean paired(String text, int i) {
    return i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1));
  }

  private static int encode(String text, int i, byte[] target, int start) {
    int at = start;
    int code = text.charAt(i);
    if (code < 0x800) {
      target[at++] = (byte) (0xC0 | code >> 6);
    } else {
      if (Character.isHighSurrogate((char) code) && paired(text, i)) {
        code = Character.toCodePoint((char) code, text.charAt(i + 1));
        target[at++] = (byte) (0xF0 | code >> 18);
        target[at++] = (byte) (0x80 | ((code >> 12) & 0x3F));
      } else {
        target[at++] = (byte) (0xE0 | code >> 12);
      }
      target[at++] = (byte) (0x80 | ((code >> 6) & 0x3F));
    }
    target[at++] = (byte) (0x80 | (code & 0x3F));
    return at;
  }

  private void ensure(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
