// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.resp;

import dev.weir.server.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Answers as the Redis protocol writes them, in version 2 or 3. Reused by one event loop; not safe
 * for several threads.
 */
final class Reply {

  private static final byte[] LINE = ascii("\r\n");
  private static final byte[] FIVE = ascii("*5\r\n:");
  private static final byte[] NEXT = ascii("\r\n:");
  private static final byte[] OK = ascii("+OK\r\n");
  private static final byte[] PONG = ascii("+PONG\r\n");
  private static final byte[] NULL_STRING = ascii("$-1\r\n");
  private static final byte[] NULL = ascii("_\r\n");

  private final ByteWriter out = new ByteWriter();
  private boolean third;

  /** Which version the connection speaks whose answers follow. */
  void version(int protocol) {
    third = protocol == 3;
  }

  ByteWriter bytes() {
    return out;
  }

  /** Five whole numbers. */
  void five(long first, long second, long third, long fourth, long fifth) {
    out.raw(FIVE).number(first);
    out.raw(NEXT).number(second);
    out.raw(NEXT).number(third);
    out.raw(NEXT).number(fourth);
    out.raw(NEXT).number(fifth).raw(LINE);
  }

  void ok() {
    out.raw(OK);
  }

  void pong() {
    out.raw(PONG);
  }

  /** A short text of one line. */
  void simple(String text) {
    out.character('+').text(text).raw(LINE);
  }

  /**
   * An error. Whatever could end its line becomes a space.
   *
   * @param text begins with a word in capitals that tells its kind
   */
  void error(String text) {
    out.character('-').text(text.replace('\r', ' ').replace('\n', ' ')).raw(LINE);
  }

  void number(long value) {
    out.character(':').number(value).raw(LINE);
  }

  void bulk(byte[] source, int from, int length) {
    out.character('$').number(length).raw(LINE).raw(source, from, length).raw(LINE);
  }

  void bulk(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    bulk(bytes, 0, bytes.length);
  }

  /** Text that a human reads: a verbatim string in version 3. */
  void verbatim(String text) {
    if (!third) {
      bulk(text);
      return;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.character('=').number(bytes.length + 4).raw(LINE).text("txt:").raw(bytes).raw(LINE);
  }

  /** Nothing, where a string could be. */
  void nothing() {
    out.raw(third ? NULL : NULL_STRING);
  }

  /** Begins a list of so many answers. */
  void list(int size) {
    out.character('*').number(size).raw(LINE);
  }

  /** Begins so many pairs of a name and an answer. */
  void map(int size) {
    if (third) {
      out.character('%').number(size).raw(LINE);
    } else {
      list(2 * size);
    }
  }

  /** A set of words. */
  void words(List<String> words) {
    out.character(third ? '~' : '*').number(words.size()).raw(LINE);
    words.forEach(this::simple);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
