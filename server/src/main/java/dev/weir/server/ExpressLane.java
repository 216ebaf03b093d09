// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.server.wire.Express;
import dev.weir.server.wire.QuickCall;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.net.InetSocketAddress;

/**
 * Cuts plain requests out of the bytes of one connection and has them answered at once. Used by the
 * connection's event loop only.
 */
final class ExpressLane {
  /*
   * Requests may go two ways, so the order of answers and the borders between requests must be
   * beyond doubt. The lane is open only while it knows both: it starts at the connection's first
   * byte; every request before was answered in full, here or by the codec; and the codec has no
   * byte of another. A request that is complete but not answered here goes to the codec alone, and
   * the lane waits until it is answered. On anything else, a head in two pieces, a pipeline behind
   * such a request, an answer that is held back, the connection is the codec's for good.
   */

  /* Requests of one read are copied out of the network's memory once, which costs less than
   * looking at each byte there. A batch larger than this is the codec's. */
  private static final int MAX_READ = 64 * 1_024;

  /** What the connections of one event loop share. */
  static final class Desk {
    private final QuickCall call = new QuickCall();
    private byte[] bytes = new byte[8 * 1_024];

    private byte[] copy(ByteBuf in) {
      int count = in.readableBytes();
      if (bytes.length < count) {
        bytes = new byte[Math.max(2 * bytes.length, count)];
      }
      in.getBytes(in.readerIndex(), bytes, 0, count);
      return bytes;
    }
  }

  private final Desk desk;
  private Express express = Express.NONE;
  private boolean open = true;
  private boolean awaiting;
  private boolean written;
  private String peer = "";

  ExpressLane(Desk desk) {
    this.desk = desk;
  }

  void serve(Express express) {
    this.express = express;
  }

  /**
   * Answers what it can at the front of the bytes and takes it off them.
   *
   * @return whether a request is left that goes to the codec
   */
  boolean read(ChannelHandlerContext context, ByteBuf in, CharSequence date) {
    if (!open) {
      return true;
    }
    int to = in.readableBytes();
    if (awaiting || to > MAX_READ) {
      open = false;
      return true;
    }
    byte[] bytes = desk.copy(in);
    int from = 0;
    QuickCall call = desk.call;
    while (from < to) {
      if (!call.read(bytes, from, to, peer(context), date)) {
        open = false;
        break;
      }
      if (express.answer(call) != Express.Outcome.ANSWERED) {
        // The codec answers it, and nothing may follow it until then.
        awaiting = call.bodyTo() == to;
        open = awaiting;
        break;
      }
      write(context, call);
      from = call.bodyTo();
    }
    in.skipBytes(from);
    return from < to;
  }

  private String peer(ChannelHandlerContext context) {
    if (peer.isEmpty() && context.channel().remoteAddress() instanceof InetSocketAddress address) {
      peer = address.getAddress().getHostAddress();
    }
    return peer;
  }

  private void write(ChannelHandlerContext context, QuickCall call) {
    ByteBuf out = context.alloc().directBuffer(call.answer().length());
    call.answer().writeTo(out);
    written = true;
    var unused = context.write(out, context.voidPromise());
  }

  /** Sends what was answered since the last time. */
  void flush(ChannelHandlerContext context) {
    if (written) {
      written = false;
      context.flush();
    }
  }

  /** The codec has answered the request that it was given. */
  void answered(boolean writable) {
    awaiting = false;
    // Answers that are held back could be overtaken.
    open &= writable;
  }
}
