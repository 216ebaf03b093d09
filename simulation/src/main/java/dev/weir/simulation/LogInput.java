// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** Opens logs: tells how many of their bytes were read, and decompresses them. */
final class LogInput {

  private static final int BUFFER = 65_536;
  private static final int MAGIC = 4;

  /** Counts bytes. Read by one thread, counted by any. */
  static final class Counting extends FilterInputStream {
    private volatile long read;

    Counting(InputStream in) {
      super(in);
    }

    // One thread reads.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    @Override
    public int read() throws IOException {
      int value = in.read();
      read += value < 0 ? 0 : 1;
      return value;
    }

    // One thread reads.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = in.read(bytes, offset, length);
      read += Math.max(0, count);
      return count;
    }

    long bytes() {
      return read;
    }
  }

  private LogInput() {}

  /**
   * The lines of a log.
   *
   * @throws UnreadableLogException if it is compressed in another way
   */
  static InputStream lines(String name, Counting in) throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(in, BUFFER);
    buffered.mark(MAGIC);
    byte[] magic = buffered.readNBytes(MAGIC);
    buffered.reset();
    if (starts(magic, 0x1f, 0x8b)) {
      return new GZIPInputStream(buffered, BUFFER);
    }
    boolean otherwise =
        starts(magic, 0x28, 0xb5, 0x2f, 0xfd)
            || starts(magic, 'B', 'Z', 'h')
            || starts(magic, 0xfd, '7', 'z', 'X');
    if (otherwise) {
      throw new UnreadableLogException(
          name + ": compressed by zstd, bzip2 or xz (expected: plain or gzip; give - and a pipe)");
    }
    return buffered;
  }

  private static boolean starts(byte[] bytes, int... magic) {
    for (int i = 0; i < magic.length; i++) {
      if (i >= bytes.length || (bytes[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }
}
