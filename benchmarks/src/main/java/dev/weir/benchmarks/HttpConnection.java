// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * One HTTP/1.1 connection with one request in flight, which does next to nothing with the answers
 * but find their ends. Used by one thread.
 */
final class HttpConnection implements LoadConnection {

  private static final byte[] LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);

  private final SocketChannel channel;
  private final ByteBuffer in = ByteBuffer.allocateDirect(256 * 1_024);
  private final byte[] head = new byte[16 * 1_024];
  private ByteBuffer out = ByteBuffer.allocate(0);
  private long asked;
  private int waiting;

  HttpConnection(int port) throws IOException {
    channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
  }

  @Override
  public SocketChannel channel() {
    return channel;
  }

  @Override
  public int waiting() {
    return waiting;
  }

  @Override
  public boolean ask(byte[] message, long nanos) {
    out = ByteBuffer.wrap(message);
    asked = nanos;
    waiting = 1;
    return true;
  }

  @Override
  public void flush() throws IOException {
    if (out.hasRemaining()) {
      channel.write(out);
    }
  }

  @Override
  public void read(Answers answers) throws IOException {
    if (channel.read(in) < 0) {
      throw new EOFException("the server has closed the connection");
    }
    in.flip();
    int end = answerEnd();
    if (end < 0) {
      in.compact();
      return;
    }
    boolean ok = in.get(9) == '2';
    in.position(end).compact();
    waiting = 0;
    answers.answered(asked, !ok);
  }

  /** Where the answer ends, or -1 where it has not come yet. */
  private int answerEnd() {
    int length = Math.min(in.remaining(), head.length);
    in.get(0, head, 0, length);
    for (int i = 3; i < length; i++) {
      if (head[i] == '\n' && head[i - 1] == '\r' && head[i - 2] == '\n') {
        int end = i + 1 + bodyLength(i);
        return in.remaining() < end ? -1 : end;
      }
    }
    return -1;
  }

  private int bodyLength(int headEnd) {
    for (int i = 0; i < headEnd - LENGTH.length; i++) {
      if (head[i] == '\n' && isLength(i + 1)) {
        int value = 0;
        for (int j = i + 1 + LENGTH.length; head[j] != '\r'; j++) {
          value = head[j] == ' ' ? value : value * 10 + head[j] - '0';
        }
        return value;
      }
    }
    throw new IllegalStateException("an answer without a length");
  }

  private boolean isLength(int start) {
    for (int i = 0; i < LENGTH.length; i++) {
      if ((head[start + i] | 0x20) != (LENGTH[i] | 0x20)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
