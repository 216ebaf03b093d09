// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;

/**
 * Flushes a connection of HTTP/2 once for all that is answered in a row while nothing is read from
 * it, as when Redis has decided many checks at once. Each part of each answer asks for a flush;
 * what is answered within a read leaves at that read's end, as it would without. Used by one event
 * loop.
 */
final class LateFlushes extends ChannelDuplexHandler {

  private boolean reading;
  private boolean waiting;

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    reading = true;
    super.channelRead(context, message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) throws Exception {
    super.channelReadComplete(context);
    reading = false;
  }

  @Override
  public void flush(ChannelHandlerContext context) {
    if (reading) {
      context.flush();
    } else if (!waiting) {
      waiting = true;
      context.executor().execute(() -> flushNow(context));
    }
  }

  private void flushNow(ChannelHandlerContext context) {
    if (waiting) {
      waiting = false;
      context.flush();
    }
  }

  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) throws Exception {
    flushNow(context);
    super.close(context, promise);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    flushNow(context);
  }
}
