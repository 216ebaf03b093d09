// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * One HTTP/2 connection in clear text that makes unary calls of gRPC and does next to nothing else,
 * so that a processor of its own can keep a server busy: the head of a call is a few indexed bytes,
 * and of an answer only the frames are looked at. Used by one thread.
 */
final class GrpcConnection implements LoadConnection {

  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int WINDOW_UPDATE = 8;
  private static final int FRAME_HEAD = 9;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int ACK = 1;
  private static final int SLOTS = 1_024;
  private static final int WINDOW = 1 << 30;
  private static final int RENEW_AFTER = 1 << 28;

  private final SocketChannel channel;
  private final byte[] firstHead;
  private final byte[] nextHead;
  private final long[] asked = new long[SLOTS];
  private final boolean[] data = new boolean[SLOTS];
  private final ByteBuffer in = ByteBuffer.allocateDirect(256 * 1_024);
  private final ByteBuffer out = ByteBuffer.allocateDirect(1_024 * 1_024);
  private int next = 1;
  private long window = 65_535;
  private int consumed;
  private int waiting;

  GrpcConnection(int port, String path) throws IOException {
    channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
    firstHead = firstHead(path, "127.0.0.1:" + port);
    // What the first head put into the table, and two of the static one: POST and http.
    nextHead =
        new byte[] {(byte) 0x83, (byte) 0x86, (byte) 0xc1, (byte) 0xc0, (byte) 0xbf, (byte) 0xbe};
    out.put("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    frame(6, SETTINGS, 0, 0).putShort((short) 4).putInt(WINDOW);
    frame(4, WINDOW_UPDATE, 0, 0).putInt(WINDOW);
  }

  @Override
  public SocketChannel channel() {
    return channel;
  }

  /** RFC 7541: literals with incremental indexing. */
  private static byte[] firstHead(String path, String authority) {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    head.write(0x83);
    head.write(0x86);
    literal(head, 0x44, path);
    literal(head, 0x41, authority);
    literal(head, 0x5f, "application/grpc");
    head.write(0x40);
    text(head, "te");
    text(head, "trailers");
    return head.toByteArray();
  }

  private static void literal(ByteArrayOutputStream head, int first, String value) {
    head.write(first);
    text(head, value);
  }

  private static void text(ByteArrayOutputStream head, String text) {
    head.write(text.length());
    head.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  private ByteBuffer frame(int length, int type, int flags, int stream) {
    return out.putInt(length << 8 | type).put((byte) flags).putInt(stream);
  }

  @Override
  public int waiting() {
    return waiting;
  }

  @Override
  public boolean ask(byte[] message, long nanos) {
    byte[] head = next == 1 ? firstHead : nextHead;
    if (window < message.length || out.remaining() < 2_048 + message.length) {
      return false;
    }
    frame(head.length, HEADERS, END_HEADERS, next).put(head);
    frame(message.length, DATA, END_STREAM, next).put(message);
    window -= message.length;
    int slot = next >>> 1 & SLOTS - 1;
    asked[slot] = nanos;
    data[slot] = false;
    next += 2;
    waiting++;
    return true;
  }

  @Override
  public void flush() throws IOException {
    if (out.position() > 0) {
      out.flip();
      channel.write(out);
      out.compact();
    }
  }

  @Override
  public void read(Answers answers) throws IOException {
    int count = channel.read(in);
    if (count < 0) {
      throw new IOException("the server has closed the connection");
    }
    in.flip();
    while (in.remaining() >= FRAME_HEAD) {
      int start = in.position();
      int length = in.getInt(start) >>> 8;
      if (in.remaining() < FRAME_HEAD + length) {
        break;
      }
      take(start, length, answers);
      in.position(start + FRAME_HEAD + length);
    }
    in.compact();
  }

  private void take(int start, int length, Answers answers) throws IOException {
    int flags = in.get(start + 4);
    int stream = in.getInt(start + 5) & Integer.MAX_VALUE;
    int slot = stream >>> 1 & SLOTS - 1;
    switch (in.get(start + 3)) {
      case DATA -> {
        data[slot] = true;
        consumed += length;
        if (consumed > RENEW_AFTER) {
          frame(4, WINDOW_UPDATE, 0, 0).putInt(consumed);
          consumed = 0;
        }
      }
      case HEADERS -> {
        if ((flags & END_STREAM) != 0) {
          waiting--;
          answers.answered(asked[slot], !data[slot]);
        }
      }
      case RST_STREAM -> {
        waiting--;
        answers.answered(asked[slot], true);
      }
      case SETTINGS -> {
        if ((flags & ACK) == 0) {
          frame(0, SETTINGS, ACK, 0);
        }
      }
      case PING -> {
        if ((flags & ACK) == 0) {
          frame(8, PING, ACK, 0).putLong(in.getLong(start + FRAME_HEAD));
        }
      }
      case GOAWAY -> throw new IOException("the server goes away");
      case WINDOW_UPDATE -> {
        if (stream == 0) {
          window += in.getInt(start + FRAME_HEAD);
        }
      }
      default -> {
        // Nothing that matters here.
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
