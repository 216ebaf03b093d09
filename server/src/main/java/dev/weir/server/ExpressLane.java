// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.server.wire.Express;
import dev.weir.server.wire.QuickReply;
import dev.weir.server.wire.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;

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

  private static final byte[] VERSION = "HTTP/1.1 ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] DATE = "\r\ndate: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] LENGTH = "content-length: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] BODY = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] LINE = "\r\n".getBytes(StandardCharsets.US_ASCII);

  /* Requests of one read are copied out of the network's memory once, which costs less than
   * looking at each byte there. A batch larger than this is the codec's. */
  private static final int MAX_READ = 64 * 1_024;

  /** What the connections of one event loop share. */
  static final class Desk {
    private final RequestHead head = new RequestHead();
    private final QuickReply reply = new QuickReply();
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
    while (from < to) {
      int next = next(bytes, from, to);
      if (next == 0) {
        open = false;
        break;
      }
      Express.Outcome outcome =
          express.answer(desk.head, bytes, desk.head.end(), next, desk.reply.clear());
      if (outcome != Express.Outcome.ANSWERED) {
        // The codec answers it, and nothing may follow it until then.
        awaiting = next == to;
        open = awaiting;
        break;
      }
      write(context, date);
      from = next;
    }
    in.skipBytes(from);
    return from < to;
  }

  /** Where the request after the one at the position begins, or 0 if it is not plain. */
  private int next(byte[] bytes, int from, int to) {
    if (!desk.head.read(bytes, from, to)) {
      return 0;
    }
    int next = desk.head.end() + desk.head.contentLength();
    return next <= to ? next : 0;
  }

  private void write(ChannelHandlerContext context, CharSequence date) {
    QuickReply reply = desk.reply;
    int length = reply.body().length();
    reply.fields().raw(LENGTH).number(length).raw(BODY);
    ByteBuf out = context.alloc().directBuffer(128 + reply.fields().length() + length);
    out.writeBytes(VERSION);
    reply.status().writeTo(out);
    out.writeBytes(DATE);
    out.writeCharSequence(date, StandardCharsets.US_ASCII);
    out.writeBytes(LINE);
    reply.fields().writeTo(out);
    reply.body().writeTo(out);
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
