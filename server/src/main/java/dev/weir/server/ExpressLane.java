// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.server.wire.Express;
import dev.weir.server.wire.QuickCall;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts plain requests out of the bytes of one connection and has them answered at once, or in their
 * order when their decisions are there. Used by the connection's event loop only.
 */
final class ExpressLane {
  /*
   * Requests may go two ways, so the order of answers and the borders between requests must be
   * beyond doubt. The lane is open only while it knows both: it starts at the connection's first
   * byte; every request before was answered in full, here or by the codec; and the codec has no
   * byte of another. A request that is complete but not answered here goes to the codec alone, and
   * the lane waits until it is answered. On anything else, a head in two pieces, a pipeline behind
   * such a request, an answer that is held back, the connection is the codec's for good.
   *
   * Where decisions take time, requests that wait for theirs stand in a line, and answers leave
   * from its front only. What cannot join it, the codec's requests and whatever is not plain, is
   * held until the line is empty, and then read again from its first byte; so is what comes when
   * the line is full. While bytes are held, no more are read from the network.
   */

  /* Requests of one read are copied out of the network's memory once, which costs less than
   * looking at each byte there. A batch larger than this is the codec's. */
  private static final int MAX_READ = 64 * 1_024;

  /** Most requests of a connection that wait for their decisions. */
  static final int MAX_WAITING = 64;

  private static final int MAX_SPARE = 256;

  /** What the connections of one event loop share. */
  static final class Desk {
    private final EventExecutor loop;
    private final ArrayDeque<QuickCall> spare = new ArrayDeque<>();
    private byte[] bytes = new byte[8 * 1_024];
    private QuickCall call;
    private int waiting;
    private @Nullable Runnable idle;

    Desk(EventExecutor loop) {
      this.loop = loop;
      this.call = new QuickCall(loop);
    }

    private byte[] copy(ByteBuf in) {
      int count = in.readableBytes();
      if (bytes.length < count) {
        bytes = new byte[Math.max(2 * bytes.length, count)];
      }
      in.getBytes(in.readerIndex(), bytes, 0, count);
      return bytes;
    }

    /** The call stays with its connection; the next request is read into another. */
    private void lend() {
      waiting++;
      call = spare.isEmpty() ? new QuickCall(loop) : spare.pop();
    }

    private void giveBack(QuickCall used) {
      used.whenEnded(null);
      if (spare.size() < MAX_SPARE) {
        spare.push(used);
      }
      if (--waiting == 0 && idle != null) {
        idle.run();
        idle = null;
      }
    }

    /** Runs an action when no request waits for its decision. */
    void whenIdle(Runnable action) {
      if (waiting == 0) {
        action.run();
      } else {
        idle = action;
      }
    }
  }

  private final Desk desk;
  private final ChannelInboundHandler owner;
  private final ChannelHandlerContext context;
  private final Consumer<QuickCall> ended = this::ended;
  private final Runnable flush = this::flushLater;
  private Express express = Express.NONE;
  private IntConsumer statuses = status -> {};
  private boolean open = true;
  private boolean awaiting;
  private boolean written;
  private boolean flushing;
  private boolean stopped;
  private boolean closed;
  private String peer = "";
  private @Nullable ArrayDeque<QuickCall> line;
  private @Nullable ByteBuf held;

  /**
   * @param owner reads again what was held
   * @param context the owner's
   */
  ExpressLane(Desk desk, ChannelInboundHandler owner, ChannelHandlerContext context) {
    this.desk = desk;
    this.owner = owner;
    this.context = context;
  }

  /**
   * @param statuses hears of the status of every answer
   */
  void serve(Express express, IntConsumer statuses) {
    this.express = express;
    this.statuses = statuses;
  }

  /** Whether requests wait for their decisions. */
  boolean isWaiting() {
    return line != null && !line.isEmpty();
  }

  /** No further request joins those that wait. */
  void stop() {
    stopped = true;
  }

  /**
   * Answers what it can at the front of the bytes and takes it off them; what has to wait for that
   * is taken off, too.
   *
   * @return whether a request is left that goes to the codec
   */
  boolean read(ByteBuf in, CharSequence date) {
    if (!open) {
      return true;
    }
    int to = in.readableBytes();
    if (isWaiting() && (held != null || stopped || to > MAX_READ)) {
      return hold(in);
    }
    if (awaiting || to > MAX_READ) {
      open = false;
      return true;
    }
    byte[] bytes = desk.copy(in);
    int from = 0;
    boolean left = false;
    while (from < to && !left) {
      QuickCall call = desk.call;
      if (isFull() || !call.read(bytes, from, to, peer(), date)) {
        left = true;
        open &= isWaiting();
      } else {
        int next = call.bodyTo();
        if (express.answer(call) == Express.Outcome.ANSWERED) {
          take(call);
          from = next;
        } else {
          left = true;
          if (!isWaiting()) {
            // The codec answers it, and nothing may follow it until then.
            awaiting = next == to;
            open = awaiting;
          }
        }
      }
    }
    in.skipBytes(from);
    return left && (!isWaiting() || hold(in));
  }

  private boolean isFull() {
    return line != null && line.size() >= MAX_WAITING;
  }

  private String peer() {
    if (peer.isEmpty() && context.channel().remoteAddress() instanceof InetSocketAddress address) {
      peer = address.getAddress().getHostAddress();
    }
    return peer;
  }

  private void take(QuickCall call) {
    if (call.ended() && !isWaiting()) {
      write(call);
      return;
    }
    if (line == null) {
      line = new ArrayDeque<>(4);
    }
    line.add(call);
    call.whenEnded(ended);
    desk.lend();
  }

  /** Keeps the rest until nothing waits; answers that nothing is left for the codec. */
  private boolean hold(ByteBuf in) {
    if (held == null) {
      held = context.alloc().buffer(in.readableBytes());
      context.channel().config().setAutoRead(false);
    }
    held.writeBytes(in);
    return false;
  }

  /** An answer has ended, in whatever order. */
  private void ended(QuickCall call) {
    ArrayDeque<QuickCall> waiting = line;
    if (waiting == null) {
      return;
    }
    QuickCall first = waiting.peek();
    while (first != null && first.ended()) {
      waiting.poll();
      if (!closed) {
        write(first);
      }
      desk.giveBack(first);
      first = waiting.peek();
    }
    if (first == null) {
      flush();
      resume();
    } else if (written && !flushing) {
      // The decisions behind it often come in the same moment.
      flushing = true;
      desk.loop.execute(flush);
    }
  }

  private void flushLater() {
    flushing = false;
    flush();
  }

  private void resume() {
    ByteBuf bytes = held;
    if (bytes == null || closed) {
      return;
    }
    held = null;
    context.channel().config().setAutoRead(true);
    try {
      owner.channelRead(context, bytes);
      owner.channelReadComplete(context);
    } catch (Exception e) {
      context.fireExceptionCaught(e);
    }
  }

  private void write(QuickCall call) {
    ByteBuf out = context.alloc().directBuffer(call.answer().length());
    call.answer().writeTo(out);
    written = true;
    statuses.accept(call.status());
    var unused = context.write(out, context.voidPromise());
  }

  /** Sends what was answered since the last time. */
  void flush() {
    if (written && !closed) {
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

  /** The connection has ended: nobody hears what is still to be answered. */
  void close() {
    closed = true;
    if (held != null) {
      held.release();
      held = null;
    }
  }
}
