// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One keep-alive connection that carries one request at a time and is opened when it is needed. Not
 * safe for use by several threads.
 */
final class LoadConnection {

  private static final int READ_BYTES = 16 * 1_024;

  private final InetSocketAddress address;
  private final Selector selector;
  private final ResponseReader response = new ResponseReader();
  private @Nullable SocketChannel channel;
  private @Nullable SelectionKey key;
  private ByteBuffer out = ByteBuffer.allocate(0);
  private byte[] in = new byte[READ_BYTES];
  private int filled;
  private boolean busy;
  private long dueMicros;
  private long startedMicros;

  LoadConnection(InetSocketAddress address, Selector selector) {
    this.address = address;
    this.selector = selector;
  }

  /** Whether a request is in flight. */
  boolean busy() {
    return busy;
  }

  /** When the request fell due. */
  long dueMicros() {
    return dueMicros;
  }

  /** When the request was handed to this connection. */
  long startedMicros() {
    return startedMicros;
  }

  ResponseReader response() {
    return response;
  }

  /** Sends a request, or starts to. */
  void send(byte[] request, boolean toHead, long due, long now) throws IOException {
    busy = true;
    dueMicros = due;
    startedMicros = now;
    filled = 0;
    out = ByteBuffer.wrap(request);
    response.start(toHead);
    SocketChannel open = channel;
    if (open == null) {
      connect();
    } else {
      write(open);
    }
  }

  private void connect() throws IOException {
    SocketChannel opened = SocketChannel.open();
    channel = opened;
    opened.configureBlocking(false);
    opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
    boolean connected = opened.connect(address);
    key = opened.register(selector, SelectionKey.OP_CONNECT, this);
    if (connected) {
      write(opened);
    }
  }

  private void write(SocketChannel open) throws IOException {
    open.write(out);
    interest(
        out.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
  }

  private void interest(int operations) {
    if (key != null && key.interestOps() != operations) {
      key.interestOps(operations);
    }
  }

  /** Goes on with what the channel is ready for; whether a response is complete. */
  boolean ready() throws IOException, ResponseReader.BadResponseException {
    SocketChannel open = channel;
    SelectionKey ready = key;
    if (open == null || ready == null) {
      return false;
    }
    if (ready.isConnectable()) {
      open.finishConnect();
      write(open);
      return false;
    }
    if (ready.isWritable()) {
      write(open);
    }
    return ready.isReadable() && read(open);
  }

  private boolean read(SocketChannel open) throws IOException, ResponseReader.BadResponseException {
    if (filled == in.length) {
      in = Arrays.copyOf(in, 2 * in.length);
    }
    int count = open.read(ByteBuffer.wrap(in, filled, in.length - filled));
    if (count < 0) {
      boolean complete = busy && response.endOfConnection();
      close();
      return complete;
    }
    if (!busy) {
      throw new ResponseReader.BadResponseException("bytes that belong to no request");
    }
    int to = filled + count;
    int consumed = response.read(in, 0, to);
    if (response.done() && consumed < to) {
      throw new ResponseReader.BadResponseException("bytes after the end of the response");
    }
    System.arraycopy(in, consumed, in, 0, to - consumed);
    filled = to - consumed;
    return response.done();
  }

  /** Whether the other end has closed it. */
  boolean closed() {
    return channel == null;
  }

  /** Ends the request; the connection stays open if its response allows. */
  void finish() {
    busy = false;
    if (response.closes()) {
      close();
    }
  }

  /** Gives up the request and the connection. */
  void close() {
    SocketChannel open = channel;
    channel = null;
    key = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        // Nothing is left to be done with it, and its request has its outcome already.
        filled = 0;
      }
    }
  }

  void abandon() {
    busy = false;
    close();
  }
}
