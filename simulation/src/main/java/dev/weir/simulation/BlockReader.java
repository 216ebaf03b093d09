// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads a stream as blocks of whole lines. Used by one thread. */
final class BlockReader {

  /** Longest line that is read, in bytes; of a longer one only as much is kept, as malformed. */
  static final int LONGEST_LINE = 65_536;

  private static final int BLOCK = 262_144;

  private final InputStream in;
  private byte[] rest = new byte[0];
  private long line = 1;
  private boolean ended;

  BlockReader(InputStream in) {
    this.in = in;
  }

  /** The next lines; null at the end. */
  @Nullable Block read() throws IOException {
    byte[] bytes = Arrays.copyOf(rest, BLOCK);
    int length = rest.length;
    rest = new byte[0];
    while (!ended && length < BLOCK) {
      int read = in.read(bytes, length, BLOCK - length);
      ended = read < 0;
      length += Math.max(0, read);
      if (!ended && read >= 0 && in.available() == 0 && lastBreak(bytes, length) >= 0) {
        break; // whoever writes to a pipe slowly is not waited for
      }
    }
    if (length == 0) {
      return null;
    }
    int end = lastBreak(bytes, length) + 1;
    boolean tooLong = end == 0 && !ended;
    if (tooLong) {
      end = LONGEST_LINE + 1;
      bytes[LONGEST_LINE] = '\n';
      skipLine();
    } else if (ended) {
      end = length;
    } else {
      rest = Arrays.copyOfRange(bytes, end, length);
    }
    Block block = new Block(bytes, end, line, tooLong);
    line += breaks(bytes, end);
    return block;
  }

  /** Reads on to the end of a line that is too long. */
  private void skipLine() throws IOException {
    byte[] more = new byte[BLOCK];
    while (!ended) {
      int read = in.read(more, 0, BLOCK);
      ended = read < 0;
      for (int i = 0; i < read; i++) {
        if (more[i] == '\n') {
          rest = Arrays.copyOfRange(more, i + 1, read);
          return;
        }
      }
    }
  }

  private static int lastBreak(byte[] bytes, int length) {
    int at = length - 1;
    while (at >= 0 && bytes[at] != '\n') {
      at--;
    }
    return at;
  }

  private static long breaks(byte[] bytes, int length) {
    long count = 0;
    for (int i = 0; i < length; i++) {
      count += bytes[i] == '\n' ? 1 : 0;
    }
    return count;
  }
}
