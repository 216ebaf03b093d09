// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the end of a TLS handshake: only then the rest of the pipeline hears of the connection,
 * and its deadlines begin. Used by the connection's event loop only.
 */
final class Handshake extends ChannelInboundHandlerAdapter {

  private final Door door;
  private final String peer;

  /**
   * @param door hears of failures
   * @param peer the client's address
   */
  Handshake(Door door, String peer) {
    this.door = door;
    this.peer = peer;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    // Told once the handshake has succeeded.
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (!(event instanceof SslHandshakeCompletionEvent completion)) {
      context.fireUserEventTriggered(event);
    } else if (completion.isSuccess()) {
      context.fireChannelActive();
      context.pipeline().remove(this);
    } else {
      door.handshakeFailed(peer, reason(completion.cause()));
      var unused = context.close();
    }
  }

  private static String reason(@Nullable Throwable cause) {
    return cause == null ? "unknown" : cause.getClass().getSimpleName() + ": " + cause.getMessage();
  }

  /** What has gone wrong was told by the event of its completion. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    var unused = context.close();
  }
}
