// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

/** Whole lines of a log. Nobody writes to them any more. */
final class Block {

  private final byte[] bytes;
  private final int length;
  private final long firstLine;
  private final boolean tooLong;

  /**
   * @param bytes holds them from its beginning
   * @param length bytes of lines; the last line may lack its line break
   * @param firstLine the number of the first, from 1
   * @param tooLong whether it is one line, of which too much came to be read
   */
  Block(byte[] bytes, int length, long firstLine, boolean tooLong) {
    this.bytes = bytes;
    this.length = length;
    this.firstLine = firstLine;
    this.tooLong = tooLong;
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  long firstLine() {
    return firstLine;
  }

  boolean tooLong() {
    return tooLong;
  }

  /** Where the line break of the line at a position is, or the end. */
  int lineEnd(int from) {
    int at = from;
    while (at < length && bytes[at] != '\n') {
      at++;
    }
    return at;
  }

  /** Where the text of a line ends whose break is there. */
  int textEnd(int from, int lineEnd) {
    return lineEnd > from && bytes[lineEnd - 1] == '\r' ? lineEnd - 1 : lineEnd;
  }
}
