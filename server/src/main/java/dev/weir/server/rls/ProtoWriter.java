// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.rls;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Growing bytes in the wire format of Protocol Buffers. Reused by one event loop; not safe for
 * several threads.
 */
final class ProtoWriter {

  private static final int KEPT_CAPACITY = 256 * 1_024;
  private static final int MAX_VARINT = 10;

  private byte[] bytes = new byte[1_024];
  private int length;

  /** Forgets what was written. */
  ProtoWriter clear() {
    length = 0;
    if (bytes.length > KEPT_CAPACITY) {
      bytes = new byte[1_024];
    }
    return this;
  }

  int length() {
    return length;
  }

  /** A copy of what was written. */
  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  /** A number, unless it is 0, which the protocol leaves out. */
  ProtoWriter number(int field, long value) {
    if (value != 0) {
      ensure(2 * MAX_VARINT);
      varint((long) field << 3);
      varint(value);
    }
    return this;
  }

  /** A floating-point number of 64 bits. */
  ProtoWriter real(int field, double value) {
    ensure(MAX_VARINT + Long.BYTES);
    varint((long) field << 3 | ProtoReader.FIXED64);
    long bits = Double.doubleToLongBits(value);
    for (int i = 0; i < Long.BYTES; i++) {
      bytes[length++] = (byte) (bits >>> 8 * i);
    }
    return this;
  }

  ProtoWriter text(int field, String text) {
    return bytes(field, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Bytes, a text in UTF-8, or a message that is written. */
  ProtoWriter bytes(int field, byte[] value) {
    return begin(field, value.length).raw(value, value.length);
  }

  /** A message that another writer holds. */
  ProtoWriter message(int field, ProtoWriter other) {
    return begin(field, other.length).raw(other.bytes, other.length);
  }

  /** The head of a field whose bytes follow. */
  ProtoWriter begin(int field, int size) {
    ensure(2 * MAX_VARINT);
    varint((long) field << 3 | ProtoReader.BYTES);
    varint(size);
    return this;
  }

  /** Bytes as they are. */
  ProtoWriter raw(byte[] value, int size) {
    ensure(size);
    System.arraycopy(value, 0, bytes, length, size);
    length += size;
    return this;
  }

  /** Writes over four bytes: a number, the highest first. */
  void patch(int offset, int value) {
    bytes[offset] = (byte) (value >>> 24);
    bytes[offset + 1] = (byte) (value >>> 16);
    bytes[offset + 2] = (byte) (value >>> 8);
    bytes[offset + 3] = (byte) value;
  }

  /** How many bytes a number takes. */
  static int sizeOf(long value) {
    return value == 0 ? 1 : (70 - Long.numberOfLeadingZeros(value)) / 7;
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  private void ensure(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }
}
