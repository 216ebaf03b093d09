// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import dev.weir.records.RecordStoreException.Category;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * A file of frames, each appended in one write that is forced to the disk before the next begins.
 *
 * <p>The head is a magic number and a random mark. A frame is the mark, its length, a checksum of
 * length and content, the content. So whatever blocks of the last write the disk kept, either its
 * frame is whole or it is not valid; and since it was the last, nothing valid follows. What does
 * not hold and has a valid frame behind it was damaged later: that is an error and nothing is
 * dropped. The mark is random so that no content can look like a frame.
 */
final class FrameLog implements AutoCloseable {

  private static final long MAGIC = 0x5745_4952_5245_4331L; // WEIRREC1
  private static final int HEAD = 16;
  private static final int FRAME_HEAD = 16;
  private static final int MAX_TAIL = 1 << 30;

  private final Path file;
  private final FileChannel channel;
  private final long mark;
  private long end;

  private FrameLog(Path file, FileChannel channel, long mark, long end) {
    this.file = file;
    this.channel = channel;
    this.mark = mark;
    this.end = end;
  }

  /** Begins an empty file. */
  static FrameLog create(Path file, FileChannel channel) throws IOException {
    long mark = new SecureRandom().nextLong();
    ByteBuffer head = ByteBuffer.allocate(HEAD).putLong(MAGIC).putLong(mark).flip();
    channel.truncate(0);
    write(channel, head, 0);
    channel.force(true);
    return new FrameLog(file, channel, mark, HEAD);
  }

  /** Reads a file, hands each frame's content to a reader, and goes on behind the last. */
  static FrameLog open(Path file, FileChannel channel, Consumer<byte[]> reader) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(HEAD);
    if (read(channel, head, 0) < HEAD || head.getLong(0) != MAGIC) {
      throw broken(file, "it is no file of records, or its beginning is damaged");
    }
    FrameLog log = new FrameLog(file, channel, head.getLong(8), HEAD);
    long size = channel.size();
    for (byte[] content = log.frame(log.end, size);
        content.length > 0;
        content = log.frame(log.end, size)) {
      log.end += FRAME_HEAD + content.length;
      reader.accept(content);
    }
    if (log.end < size) {
      log.dropTail(size);
    }
    return log;
  }

  private static RecordStoreException broken(Path file, String how) {
    return new RecordStoreException(
        Category.BROKEN, "records: " + file + " cannot be read: " + how);
  }

  /** The content of the valid frame at a place; empty if there is none. */
  private byte[] frame(long at, long size) throws IOException {
    byte[] none = new byte[0];
    ByteBuffer head = ByteBuffer.allocate(FRAME_HEAD);
    if (size - at <= FRAME_HEAD || read(channel, head, at) < FRAME_HEAD) {
      return none;
    }
    int length = head.getInt(8);
    if (head.getLong(0) != mark || length < 1 || length > size - at - FRAME_HEAD) {
      return none;
    }
    byte[] content = new byte[length];
    read(channel, ByteBuffer.wrap(content), at + FRAME_HEAD);
    return head.getInt(12) == checksum(content) ? content : none;
  }

  /* Power was lost in the last write, unless something valid comes after. */
  private void dropTail(long size) throws IOException {
    if (size - end > MAX_TAIL) {
      throw broken(file, "it is damaged at byte " + end);
    }
    byte[] tail = new byte[(int) (size - end)];
    read(channel, ByteBuffer.wrap(tail), end);
    byte[] wanted = ByteBuffer.allocate(8).putLong(mark).array();
    for (int at = 1; at + FRAME_HEAD < tail.length; at++) {
      if (tail[at] == wanted[0]
          && Arrays.equals(tail, at, at + 8, wanted, 0, 8)
          && frame(end + at, size).length > 0) {
        throw broken(file, "it is damaged at byte " + end);
      }
    }
    channel.truncate(end);
    channel.force(true);
  }

  private static int checksum(byte[] content) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(4).putInt(content.length).flip());
    crc.update(content);
    return (int) crc.getValue();
  }

  /** Appends a frame; it is on the disk after {@link #force}. */
  void append(byte[] content) throws IOException {
    ByteBuffer frame =
        ByteBuffer.allocate(FRAME_HEAD + content.length)
            .putLong(mark)
            .putInt(content.length)
            .putInt(checksum(content))
            .put(content)
            .flip();
    write(channel, frame, end);
    end += FRAME_HEAD + content.length;
  }

  void force() throws IOException {
    channel.force(false);
  }

  long size() {
    return end;
  }

  private static int read(FileChannel channel, ByteBuffer into, long from) throws IOException {
    int total = 0;
    while (into.hasRemaining()) {
      int n = channel.read(into, from + total);
      if (n < 0) {
        break;
      }
      total += n;
    }
    return total;
  }

  private static void write(FileChannel channel, ByteBuffer bytes, long at) throws IOException {
    long from = at;
    while (bytes.hasRemaining()) {
      from += channel.write(bytes, from);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
