// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.rls;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the wire format of Protocol Buffers from bytes, strictly and in one pass. Reused by one
 * event loop; not safe for several threads.
 */
final class ProtoReader {
  /*
   * It takes and refuses what protobuf-java does, which a test compares on random and on broken
   * messages; only numbers of more than ten bytes are always refused, and there but sometimes. Texts that come again and again, domains and the keys of entries, are looked up in a
   * small table instead of being made anew; a text that falls out of it is only made again.
   */

  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int BYTES = 2;
  static final int START_GROUP = 3;
  static final int END_GROUP = 4;
  static final int FIXED32 = 5;

  static final String ENDLESS = "a number without an end";

  private static final int MAX_GROUPS = 100;
  private static final int INTERNED = 1_024;
  private static final int LONGEST_INTERNED = 48;
  private static final int MAX_VARINT = 10;

  private final String[] texts = new String[INTERNED];
  private final byte[][] textBytes = new byte[INTERNED][];
  private byte[] bytes = {};
  private int at;
  private int end;

  void reset(byte[] source, int from, int to) {
    bytes = source;
    at = from;
    end = to;
  }

  /** Where the message that is being read ends. */
  int end() {
    return end;
  }

  /** Whether fields of the message are left. */
  boolean more() {
    return at < end;
  }

  /** The next field's number and type, as they are written. */
  int tag() {
    int tag = (int) unsigned();
    if (tag >>> 3 == 0) {
      throw new MalformedMessage("a field without a number");
    }
    return tag;
  }

  /** A number of 32 bits, as 64 without a sign. */
  long unsigned() {
    return varint() & 0xFFFF_FFFFL;
  }

  /** A number of 64 bits. */
  long varint() {
    byte[] source = bytes;
    int from = at;
    int limit = Math.min(end, from + MAX_VARINT);
    long value = 0;
    int shift = 0;
    for (int i = from; i < limit; i++) {
      byte b = source[i];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        at = i + 1;
        return value;
      }
      shift += 7;
    }
    throw new MalformedMessage(limit < from + MAX_VARINT ? "the message ends too early" : ENDLESS);
  }

  /** Enters a message within the message, of which {@link #leave} is told the end outside. */
  int enter() {
    int length = length();
    int outside = end;
    end = at + length;
    return outside;
  }

  /** Goes on behind a message that was read to its end. */
  void leave(int outside) {
    end = outside;
  }

  private int length() {
    int length = (int) unsigned();
    if (length < 0) {
      throw new MalformedMessage("a negative length");
    }
    if (length > end - at) {
      throw new MalformedMessage("the message ends too early");
    }
    return length;
  }

  /** A text that is likely to come again. */
  String interned() {
    int length = length();
    int from = at;
    if (length > LONGEST_INTERNED) {
      return text(length);
    }
    int to = from + length;
    int hash = 0;
    for (int i = from; i < to; i++) {
      hash = 31 * hash + bytes[i];
    }
    int slot = (hash ^ hash >>> 10) & INTERNED - 1;
    byte[] known = textBytes[slot];
    if (known != null && Arrays.equals(known, 0, known.length, bytes, from, to)) {
      at = to;
      return texts[slot];
    }
    String text = text(length);
    textBytes[slot] = Arrays.copyOfRange(bytes, from, to);
    texts[slot] = text;
    return text;
  }

  String text() {
    return text(length());
  }

  private String text(int length) {
    int from = at;
    int to = from + length;
    at = to;
    int sign = 0;
    for (int i = from; i < to; i++) {
      sign |= bytes[i];
    }
    if (sign >= 0) {
      return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes, from, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw new MalformedMessage("text that is not UTF-8");
    }
  }

  /** Skips a field that nobody asked for. */
  void skip(int tag) {
    skip(tag, 0);
  }

  private void skip(int tag, int depth) {
    switch (tag & 7) {
      case VARINT -> {
        var unused = varint();
      }
      case FIXED64 -> skipBytes(8);
      case BYTES -> skipBytes(length());
      case START_GROUP -> skipGroup(tag >>> 3, depth + 1);
      case FIXED32 -> skipBytes(4);
      case END_GROUP -> throw new MalformedMessage("the end of a group that did not begin");
      default -> throw new MalformedMessage("a field of no known type");
    }
  }

  private void skipGroup(int number, int depth) {
    if (depth > MAX_GROUPS) {
      throw new MalformedMessage("groups within groups");
    }
    while (true) {
      if (!more()) {
        throw new MalformedMessage("the message ends too early");
      }
      int tag = tag();
      if ((tag & 7) == END_GROUP) {
        if (tag >>> 3 != number) {
          throw new MalformedMessage("the end of another group");
        }
        return;
      }
      skip(tag, depth);
    }
  }

  private void skipBytes(int count) {
    if (count > end - at) {
      throw new MalformedMessage("the message ends too early");
    }
    at += count;
  }
}
