// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.impl.transports.EpollTransport;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.transport.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The network transport, with a {@link Guard} on every accepted HTTP connection and a bound on
 * their number.
 *
 * <p>Vert.x tells of a connection only after its first bytes; one that sends nothing would be seen
 * by nobody. So connections are met where they are accepted.
 */
final class GuardedTransport implements Transport {

  private final io.vertx.core.spi.transport.Transport implementation;
  private final boolean epoll;
  private final Acceptor acceptor;

  GuardedTransport(Loops loops, HttpLimits limits) {
    epoll = new EpollTransport().isAvailable();
    acceptor = new Acceptor(loops, limits);
    implementation = epoll ? new GuardedEpoll(acceptor) : new GuardedNio(acceptor);
  }

  /** Gives up every port; what is connected stays. May be called by any thread. */
  void stopAccepting() {
    acceptor.stop();
  }

  /** Connections of clients now. */
  int connections() {
    return acceptor.connections.get();
  }

  /** Connections that were closed at once because there were too many. */
  long refused() {
    return acceptor.refused.get();
  }

  @Override
  public String name() {
    return epoll ? "epoll" : "nio";
  }

  @Override
  public boolean available() {
    return true;
  }

  @Override
  public @Nullable Throwable unavailabilityCause() {
    return null;
  }

  @Override
  public io.vertx.core.spi.transport.Transport implementation() {
    return implementation;
  }

  private static final class GuardedEpoll extends EpollTransport {
    private final Acceptor acceptor;

    GuardedEpoll(Acceptor acceptor) {
      this.acceptor = acceptor;
    }

    @Override
    public void configure(NetServerOptions options, boolean domain, ServerBootstrap bootstrap) {
      super.configure(options, domain, bootstrap);
      if (options instanceof HttpServerOptions) {
        bootstrap.handler(acceptor.installer());
      }
    }
  }

  private static final class GuardedNio extends NioTransport {
    private final Acceptor acceptor;

    GuardedNio(Acceptor acceptor) {
      this.acceptor = acceptor;
    }

    @Override
    public void configure(NetServerOptions options, boolean domain, ServerBootstrap bootstrap) {
      super.configure(options, domain, bootstrap);
      if (options instanceof HttpServerOptions) {
        bootstrap.handler(acceptor.installer());
      }
    }
  }

  /** Meets each accepted connection before its pipeline is built. */
  @ChannelHandler.Sharable
  private static final class Acceptor extends ChannelInboundHandlerAdapter {
    private final Loops loops;
    private final HttpLimits limits;
    private final List<Channel> listening = new CopyOnWriteArrayList<>();
    private volatile boolean stopped;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicLong refused = new AtomicLong();
    private final Map<InetAddress, Integer> perAddress = new ConcurrentHashMap<>();

    Acceptor(Loops loops, HttpLimits limits) {
      this.loops = loops;
      this.limits = limits;
    }

    ChannelInitializer<Channel> installer() {
      return new ChannelInitializer<>() {
        @Override
        protected void initChannel(Channel server) {
          server.pipeline().addLast(Acceptor.this);
        }
      };
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      listening.add(context.channel());
    }

    void stop() {
      stopped = true;
      for (Channel channel : listening) {
        var unused = channel.close();
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      Channel connection = (Channel) message;
      InetAddress address =
          connection.remoteAddress() instanceof InetSocketAddress peer ? peer.getAddress() : null;
      if (stopped || !admit(address)) {
        refused.incrementAndGet();
        connection.unsafe().closeForcibly();
        return;
      }
      connection.closeFuture().addListener(closed -> leave(address));
      connection.pipeline().addFirst("guard", new Guard(loops));
      context.fireChannelRead(message);
    }

    private boolean admit(@Nullable InetAddress address) {
      if (connections.incrementAndGet() > limits.maxConnections()) {
        connections.decrementAndGet();
        return false;
      }
      if (address != null
          && perAddress.merge(address, 1, Integer::sum) > limits.maxConnectionsPerAddress()) {
        leave(address);
        return false;
      }
      return true;
    }

    private void leave(@Nullable InetAddress address) {
      connections.decrementAndGet();
      if (address != null) {
        perAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
      }
    }
  }
}
