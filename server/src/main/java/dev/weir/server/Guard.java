// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.server.wire.Bodies;
import dev.weir.server.wire.Body;
import dev.weir.server.wire.ClientCertificate;
import dev.weir.server.wire.Connection;
import dev.weir.server.wire.Express;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.function.IntConsumer;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Watches one HTTP connection from the moment it is accepted: a head that drips in, a body that
 * does, an idle connection and a reader that stopped reading are each cut after their deadline.
 * Used by the connection's event loop only.
 */
final class Guard extends ChannelDuplexHandler implements Connection, Handler<HttpServerRequest> {
  /*
   * It stands at the head of the pipeline, before anything of the HTTP codec, so that it sees raw
   * bytes. The hot path only compares and stores numbers: time is a tick that the loop's sweep
   * counts, and no timer is made for a request.
   *
   * Bytes that arrive while no head is being read start a head; the request's arrival ends it.
   * Bytes of a body count as part of that body, and those of a body that is being passed on as part
   * of that exchange, which has its own deadlines. A pipelined head that is already buffered starts
   * when its next bytes arrive, and is idle until then.
   */

  /** Hears of each request with its connection. */
  @FunctionalInterface
  interface Requests {
    void handle(HttpServerRequest request, Connection connection);

    /** Answers plain requests at once. */
    default Express express() {
      return Express.NONE;
    }

    /** Hears of the status of every answer that is not given by the codec. */
    default IntConsumer statuses() {
      return status -> {};
    }
  }

  private static final byte[] TIMEOUT =
      "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);
  private static final byte[] UNKNOWN_VERSION =
      "HTTP/1.1 505 HTTP Version Not Supported\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);
  private static final long NEVER = Long.MIN_VALUE;

  private final Loops loops;
  private final Bodies bodies = new Bodies();
  private Loops.@Nullable Loop loop;
  private @Nullable Requests requests;
  private @Nullable ExpressLane lane;
  private boolean multiplexed;
  private @Nullable ChannelHandlerContext context;
  // What the connection says first may be HTTP/2's; until it has said otherwise.
  private @Nullable FrameWatch frames = FrameWatch.ofConnection();
  private long frameSince = NEVER;
  private long frame;
  private long headSince = NEVER;
  private long lastRead;
  private long blockedSince = NEVER;
  private boolean readHeld;
  private boolean headBegun;
  private int exchanges;
  private @Nullable ClientCertificate certificate;

  @Nullable Guard before;
  @Nullable Guard after;

  Guard(Loops loops) {
    this.loops = loops;
  }

  /** Starts to hand requests on. */
  Guard attach(Requests requests, boolean multiplexed) {
    if (lane != null) {
      lane.serve(requests.express(), requests.statuses());
    }
    this.requests = requests;
    this.multiplexed = multiplexed;
    if (multiplexed) {
      headSince = NEVER;
      // Nothing of HTTP/2 is plain.
      lane = lane != null && lane.isWaiting() ? lane : null;
      if (frames == null) {
        frames = FrameWatch.ofUpgrade();
      }
    }
    return this;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) throws Exception {
    this.context = context;
    Loops.Loop mine = loops.of(context.channel().eventLoop());
    loop = mine;
    mine.add(this);
    lane = new ExpressLane(mine.desk(), this, context);
    lastRead = mine.now();
    headSince = mine.now();
    super.channelActive(context);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    if (lane != null) {
      lane.close();
    }
    if (loop != null) {
      loop.remove(this);
      loop = null;
    }
    super.channelInactive(context);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (lane != null && loops.draining()) {
      if (lane.isWaiting()) {
        lane.stop();
      } else {
        lane = null;
      }
    }
    if (lane != null && loop != null && message instanceof ByteBuf bytes) {
      if (!lane.read(bytes, loop.date())) {
        bytes.release();
        answeredAtOnce();
        return;
      }
    }
    if (loop != null) {
      lastRead = loop.now();
      if (headSince == NEVER && !multiplexed && exchanges == 0 && bodies.isEmpty()) {
        headSince = lastRead;
      }
      headBegun = headSince != NEVER;
      if (frames != null && message instanceof ByteBuf bytes && !watch(frames, bytes, loop.now())) {
        bytes.release();
        var unused = context.close();
        return;
      }
    }
    context.fireChannelRead(message);
  }

  /** Follows the frames; whether the connection may go on. */
  private boolean watch(FrameWatch watch, ByteBuf bytes, long now) {
    FrameWatch.Finding finding = watch.read(bytes);
    if (finding == FrameWatch.Finding.STRANGE && !multiplexed) {
      frames = null;
      return true;
    }
    long unfinished = watch.unfinished();
    if (unfinished == 0) {
      frameSince = NEVER;
    } else if (unfinished != frame || frameSince == NEVER) {
      frameSince = now;
    }
    frame = unfinished;
    return finding == FrameWatch.Finding.FINE;
  }

  /** Bodies that somebody waits for have deadlines of their own. */
  private boolean frameLate(long now, HttpLimits limits) {
    return multiplexed
        && frames != null
        && frameSince != NEVER
        && now - frameSince > limits.headTicks()
        && !(frames.inBody() && (exchanges > 0 || !bodies.isEmpty()));
  }

  private void answeredAtOnce() {
    if (loop != null) {
      lastRead = loop.now();
    }
    headSince = NEVER;
    headBegun = false;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) throws Exception {
    if (lane != null) {
      lane.flush();
    }
    super.channelReadComplete(context);
  }

  @Override
  public void handle(HttpServerRequest request) {
    headSince = NEVER;
    headBegun = false;
    if (request.version() == null) {
      refuse(UNKNOWN_VERSION, 505);
      return;
    }
    if (loops.draining() && !multiplexed) {
      // This one is answered; what the client has sent behind it is not begun.
      request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
      request.response().endHandler(ended -> request.connection().close());
      lane = null;
    }
    ExpressLane waiting = lane;
    if (waiting != null && context != null) {
      ChannelHandlerContext own = context;
      request.response().endHandler(ended -> waiting.answered(own.channel().isWritable()));
    }
    if (requests != null) {
      requests.handle(request, this);
    }
  }

  // A client that sends requests and reads no answers must not fill the memory with them: while
  // the answers do not leave, nothing more is read.

  @Override
  public void read(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      context.read();
    } else {
      readHeld = true;
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) throws Exception {
    if (context.channel().isWritable()) {
      blockedSince = NEVER;
      if (readHeld) {
        readHeld = false;
        context.read();
      }
    } else if (loop != null) {
      blockedSince = loop.now();
    }
    super.channelWritabilityChanged(context);
  }

  /** Cuts the connection if one of its deadlines has passed. */
  void sweep(long now, HttpLimits limits) {
    bodies.expire(now - limits.bodyTicks());
    boolean headLate = headSince != NEVER && now - headSince > limits.headTicks();
    boolean blocked = blockedSince != NEVER && now - blockedSince > limits.bodyTicks();
    boolean working = exchanges > 0 || lane != null && lane.isWaiting();
    boolean idle = !working && bodies.isEmpty() && now - lastRead > limits.idleTicks();
    if (context == null) {
      return;
    }
    if (headLate && headBegun && exchanges == 0 && !blocked) {
      // Nothing else is being answered on this connection: the answer can only mean this head.
      refuse(TIMEOUT, 408);
    } else if (headLate || blocked || idle || frameLate(now, limits)) {
      var unused = context.close();
    }
  }

  private void refuse(byte[] answer, int status) {
    if (requests != null) {
      requests.statuses().accept(status);
    }
    if (context != null) {
      context.writeAndFlush(Unpooled.copiedBuffer(answer)).addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void await(Body body) {
    bodies.add(body, loop == null ? 0 : loop.now());
  }

  @Override
  public void finished(Body body) {
    bodies.remove(body);
  }

  @Override
  public void exchangeStarted() {
    exchanges++;
  }

  @Override
  public void exchangeEnded() {
    exchanges--;
    if (loop != null) {
      lastRead = loop.now();
    }
  }

  @Override
  public ClientCertificate certificate() {
    ClientCertificate known = certificate;
    if (known == null) {
      known = shown();
      certificate = known;
    }
    return known;
  }

  /** What was shown in the handshake, which has checked it. */
  private ClientCertificate shown() {
    SslHandler tls = context == null ? null : context.pipeline().get(SslHandler.class);
    try {
      return tls != null
              && tls.engine().getSession().getPeerCertificates()[0] instanceof X509Certificate first
          ? ClientCertificate.of(first)
          : ClientCertificate.NONE;
    } catch (SSLPeerUnverifiedException none) {
      return ClientCertificate.NONE;
    }
  }

  @Override
  public CharSequence date() {
    return loop == null ? "" : loop.date();
  }
}
