// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * Bytes of a command in the Redis protocol. Used by one event loop, for one command after another.
 */
final class WireBuffer {

  byte[] bytes = new byte[16_384];
  int length;

  WireBuffer clear() {
    length = 0;
    return this;
  }

  void copyTo(ByteBuf target) {
    target.writeBytes(bytes, 0, length);
  }

  /** Makes room for so many bytes more and answers where they begin. */
  int reserve(int count) {
    if (bytes.length - length < count) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + count));
    }
    return length;
  }

  void array(int count) {
    reserve(16);
    bytes[length++] = '*';
    number(count);
  }

  void bulk(byte[] text) {
    bulk(text, text.length);
  }

  void bulk(byte[] text, int count) {
    startBulk(count);
    System.arraycopy(text, 0, bytes, length, count);
    length += count;
    endBulk();
  }

  /** Begins a string of so many bytes, for which there is room then. */
  void startBulk(int count) {
    reserve(count + 16);
    bytes[length++] = '$';
    number(count);
  }

  void endBulk() {
    bytes[length++] = '\r';
    bytes[length++] = '\n';
  }

  void bulkNumber(int value) {
    startBulk(digits(value));
    number(value);
  }

  private static int digits(int value) {
    int digits = 1;
    for (int rest = value; rest >= 10; rest /= 10) {
      digits++;
    }
    return digits;
  }

  private void number(int value) {
    int end = length + digits(value);
    int rest = value;
    for (int at = end - 1; at >= length; at--) {
      bytes[at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length = end;
    endBulk();
  }
}
