// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Strict decoding: what is not UTF-8 is refused, never replaced, so that no two keys merge. */
final class Utf8 {

  private Utf8() {}

  static String decode(byte[] bytes, int offset, int length) {
    try {
      ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
      return StandardCharsets.UTF_8.newDecoder().decode(buffer).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("key: malformed bytes (expected: UTF-8)", e);
    }
  }
}
