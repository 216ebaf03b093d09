// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.resp;

import static java.util.Objects.requireNonNull;

import dev.weir.server.wire.ByteWriter;
import dev.weir.server.wire.Judge;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the commands of one connection and answers them in their order. Used by the connection's
 * event loop only.
 */
final class RespConnection extends ChannelInboundHandlerAdapter {
  /*
   * It stands at the head of the pipeline, or behind TLS, and passes nothing on. The commands of one
   * read are judged one after the other and their answers leave in one write.
   *
   * Where decisions take time, answers stand in a line and leave from its front. Reading stops while
   * the line is full, while a login is being judged, and while the client does not take its answers:
   * then neither the line, nor the answers, nor what was read and not yet understood can grow.
   */

  private static final Logger LOG = LoggerFactory.getLogger(RespConnection.class);
  private static final byte[] NOTHING = {};
  private static final long NEVER = Long.MIN_VALUE;

  /** Answers are handed on when they are so many bytes, and reading goes on if they leave. */
  private static final int BATCH_BYTES = 32 * 1_024;

  /** An answer in the line, or its place. */
  private static final class Waiting {
    private byte @Nullable [] answer;
  }

  private final RespFrontEnd frontEnd;
  private final Session session;
  private final Judge judge;
  private final int maxWaiting;
  private @Nullable RespLoop loop;
  private @Nullable ChannelHandlerContext context;
  private byte[] rest = NOTHING;
  private boolean incomplete;
  private @Nullable ArrayDeque<Waiting> line;
  private boolean paused;
  private boolean held;
  private boolean resuming;
  private boolean written;
  private boolean flushing;
  private boolean ending;
  private boolean closing;
  private boolean closed;
  private long since = NEVER;
  private long lastRead;
  private long blockedSince = NEVER;

  RespConnection(RespFrontEnd frontEnd, String peer) {
    this.frontEnd = frontEnd;
    this.judge = frontEnd.settings().judge();
    this.maxWaiting = frontEnd.settings().limits().maxPipeline();
    this.session = new Session(peer, frontEnd.settings().tokens());
  }

  Session session() {
    return session;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) throws Exception {
    this.context = context;
    RespLoop mine = frontEnd.loop(context.channel().eventLoop());
    loop = mine;
    mine.add(this);
    session.begin(frontEnd.enter());
    lastRead = mine.now();
    since = session.stranger() ? mine.now() : NEVER;
    super.channelActive(context);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    closed = true;
    rest = NOTHING;
    if (loop != null) {
      loop.remove(this);
      loop = null;
      frontEnd.leave();
    }
    super.channelInactive(context);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      RespLoop mine = loop;
      if (mine == null || ending) {
        return;
      }
      lastRead = mine.now();
      int kept = rest.length;
      int size = kept + in.readableBytes();
      byte[] bytes = mine.room(size);
      System.arraycopy(rest, 0, bytes, 0, kept);
      in.readBytes(bytes, kept, size - kept);
      if (resuming || !mayRead()) {
        rest = Arrays.copyOf(bytes, size);
        incomplete = false;
      } else {
        rest = NOTHING;
        process(mine, bytes, size);
      }
    } finally {
      in.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    flush();
    if (frontEnd.draining() && isAnswered()) {
      finish();
    }
  }

  private boolean mayRead() {
    return !ending
        && !paused
        && (line == null || line.size() < maxWaiting)
        && context != null
        && context.channel().isWritable();
  }

  private boolean isWaiting() {
    return line != null && !line.isEmpty();
  }

  /** Whether nothing is left of what was read but, perhaps, a part of a command. */
  private boolean isAnswered() {
    return !isWaiting() && (rest.length == 0 || incomplete);
  }

  /** Runs the commands that the bytes hold, as far as it may, and keeps the rest. */
  private void process(RespLoop mine, byte[] bytes, int end) {
    Request request = mine.request();
    Reply reply = mine.reply();
    reply.version(session.protocol());
    int at = 0;
    int count = 0;
    boolean more = false;
    mine.begin(judge);
    while (at < end && !more && mayRead()) {
      int next = request.read(bytes, at, end, session.bounds());
      if (next >= 0) {
        at = next;
        if (request.count() > 0) {
          count++;
          run(mine, request, reply);
        }
      } else if (next == Request.MORE) {
        more = true;
      } else {
        ending = true;
        answer(reply, () -> reply.error("ERR " + request.fault()));
      }
      if (reply.bytes().length() > BATCH_BYTES) {
        write(reply.bytes());
        flush();
      }
    }
    mine.end(judge);
    write(reply.bytes());
    frontEnd.read(count);
    keep(mine, bytes, at, end, more);
    settle(mine);
  }

  private void run(RespLoop mine, Request request, Reply reply) {
    if (!isWaiting()) {
      mine.commands().run(this, request, reply);
    } else {
      answer(reply, () -> mine.commands().run(this, request, reply));
    }
  }

  /** Has an answer written behind those that are waited for. */
  private void answer(Reply reply, Runnable writer) {
    if (!isWaiting()) {
      writer.run();
      return;
    }
    ByteWriter out = reply.bytes();
    write(out);
    writer.run();
    if (out.length() > 0) {
      Waiting ready = new Waiting();
      ready.answer = out.toBytes();
      line().add(ready);
      out.clear();
    }
  }

  private void keep(RespLoop mine, byte[] bytes, int at, int end, boolean more) {
    boolean begun = at == 0 && since != NEVER;
    rest = at < end && !ending ? Arrays.copyOfRange(bytes, at, end) : NOTHING;
    incomplete = more;
    if (session.stranger()) {
      // From the connection's start, or a reset, until it has logged in.
      since = since == NEVER ? mine.now() : since;
      return;
    }
    since = !more ? NEVER : begun ? since : mine.now();
  }

  /** Reads on, or stops to, as it may now. */
  private void settle(RespLoop mine) {
    if (closed || context == null) {
      return;
    }
    if (ending && !isWaiting()) {
      finish();
    } else if (!mayRead()) {
      hold();
    } else if (rest.length > 0 && !incomplete) {
      hold();
      if (!resuming) {
        resuming = true;
        mine.eventLoop().execute(this::resume);
      }
    } else if (held) {
      held = false;
      context.channel().config().setAutoRead(true);
    }
  }

  private void hold() {
    if (!held && context != null) {
      held = true;
      context.channel().config().setAutoRead(false);
    }
  }

  private void resume() {
    resuming = false;
    RespLoop mine = loop;
    if (mine == null) {
      return;
    }
    if (mayRead() && rest.length > 0) {
      byte[] bytes = rest;
      rest = NOTHING;
      process(mine, bytes, bytes.length);
      flush();
    } else {
      settle(mine);
    }
  }

  /**
   * Answers when a stage is complete, now or in its turn.
   *
   * @param next writes the answer; whatever it throws is answered as an error
   */
  <T> void await(CompletionStage<T> stage, Consumer<T> next) {
    RespLoop mine = requireNonNull(loop, "loop");
    CompletableFuture<T> future = stage.toCompletableFuture();
    if (future.isDone() && !future.isCompletedExceptionally() && !isWaiting()) {
      next.accept(future.join());
      return;
    }
    Waiting waiting = new Waiting();
    line().add(waiting);
    var unused =
        future.whenComplete(
            (value, error) -> {
              if (mine.eventLoop().inEventLoop() && !mine.busy()) {
                ended(mine, waiting, value, error, next);
              } else {
                mine.eventLoop().execute(() -> ended(mine, waiting, value, error, next));
              }
            });
  }

  private ArrayDeque<Waiting> line() {
    ArrayDeque<Waiting> made = line;
    if (made == null) {
      made = new ArrayDeque<>();
      line = made;
    }
    return made;
  }

  private <T> void ended(
      RespLoop mine,
      Waiting waiting,
      @Nullable T value,
      @Nullable Throwable error,
      Consumer<T> next) {
    if (closed) {
      return;
    }
    Reply reply = mine.reply();
    reply.version(session.protocol());
    ByteWriter out = reply.bytes();
    try {
      if (value == null) {
        throw new IllegalStateException("not judged", error);
      }
      next.accept(value);
    } catch (RuntimeException e) {
      LOG.error("answering a command", e);
      out.clear();
      reply.error(Commands.BROKEN);
    }
    waiting.answer = out.toBytes();
    out.clear();
    leave(mine, out);
  }

  /** Sends what is ready at the front of the line. */
  private void leave(RespLoop mine, ByteWriter out) {
    ArrayDeque<Waiting> waiting = line();
    Waiting first = waiting.peek();
    while (first != null && first.answer != null) {
      out.raw(first.answer);
      waiting.poll();
      first = waiting.peek();
    }
    write(out);
    if (!flushing) {
      // The decisions behind it often come in the same moment.
      flushing = true;
      mine.eventLoop()
          .execute(
              () -> {
                flushing = false;
                flush();
                if (loop != null) {
                  settle(mine);
                }
              });
    }
  }

  private void write(ByteWriter out) {
    if (out.length() > 0 && context != null) {
      ByteBuf bytes = context.alloc().directBuffer(out.length());
      out.writeTo(bytes);
      out.clear();
      written = true;
      var unused = context.write(bytes, context.voidPromise());
    }
  }

  private void flush() {
    if (written && context != null) {
      written = false;
      context.flush();
    }
  }

  /** Reads no further command until {@link #go}. */
  void pause() {
    paused = true;
  }

  void go() {
    paused = false;
    if (!session.stranger() && !incomplete) {
      since = NEVER;
    }
  }

  /** Ends the connection with the answers to what was read so far. */
  void end() {
    ending = true;
  }

  private void finish() {
    if (!closing && context != null) {
      closing = true;
      ending = true;
      hold();
      context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) throws Exception {
    RespLoop mine = loop;
    if (mine != null) {
      if (context.channel().isWritable()) {
        blockedSince = NEVER;
        if (!mine.busy()) {
          settle(mine);
        }
      } else {
        blockedSince = mine.now();
      }
    }
    super.channelWritabilityChanged(context);
  }

  /**
   * Cuts the connection if one of its deadlines has passed.
   *
   * @param late whether the server's end does not wait for it any longer
   */
  void sweep(long now, RespLimits limits, boolean late) {
    if (context == null) {
      return;
    }
    boolean begun = since != NEVER && now - since > limits.commandTicks();
    boolean blocked = blockedSince != NEVER && now - blockedSince > limits.readerTicks();
    boolean idle = !isWaiting() && now - lastRead > limits.idleTicks();
    boolean drained = frontEnd.draining() && isAnswered() && now - lastRead > 1;
    if (late || blocked || begun || idle) {
      var unused = context.close();
    } else if (drained) {
      finish();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("connection", cause);
    var unused = context.close();
  }
}
