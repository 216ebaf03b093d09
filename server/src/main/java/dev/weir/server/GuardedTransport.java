// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
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
 * The network transport, with something that watches on every accepted connection, a {@link Guard}
 * where it speaks HTTP, behind TLS if its listener speaks it, and a bound on their number.
 *
 * <p>Vert.x tells of a connection only after its first bytes; one that sends nothing would be seen
 * by nobody. So connections are met where they are accepted.
 */
final class GuardedTransport implements Transport {

  private final io.vertx.core.spi.transport.Transport implementation;
  private final boolean epoll;
  private final Entrance entrance;

  /**
   * @param doors who gets in, by the address that is listened on
   * @param watches makes what sees the bytes of each connection first
   */
  GuardedTransport(HttpLimits limits, Map<Place, Door> doors, Watches watches) {
    epoll = new EpollTransport().isAvailable();
    entrance = new Entrance(limits, doors, watches);
    implementation = epoll ? new GuardedEpoll(entrance) : new GuardedNio(entrance);
  }

  /** Makes what stands at the head of a connection's pipeline, behind TLS. */
  @FunctionalInterface
  interface Watches {
    /**
     * @param door where the connection came in
     * @param peer the address at its other end
     */
    ChannelHandler on(Door door, String peer);
  }

  /**
   * Where a listener listens.
   *
   * @param port as Vert.x is told it; negative for a free one
   */
  record Place(String host, int port) {}

  /** Gives up every port; what is connected stays. May be called by any thread. */
  void stopAccepting() {
    entrance.stop();
  }

  /** Connections of clients now. */
  int connections() {
    return entrance.connections.get();
  }

  /** Connections that were closed at once because there were too many. */
  long refused() {
    return entrance.refused.get();
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
    private final Entrance entrance;

    GuardedEpoll(Entrance entrance) {
      this.entrance = entrance;
    }

    @Override
    public void configure(NetServerOptions options, boolean domain, ServerBootstrap bootstrap) {
      super.configure(options, domain, bootstrap);
      bootstrap.handler(entrance.installer(new Place(options.getHost(), options.getPort())));
    }
  }

  private static final class GuardedNio extends NioTransport {
    private final Entrance entrance;

    GuardedNio(Entrance entrance) {
      this.entrance = entrance;
    }

    @Override
    public void configure(NetServerOptions options, boolean domain, ServerBootstrap bootstrap) {
      super.configure(options, domain, bootstrap);
      bootstrap.handler(entrance.installer(new Place(options.getHost(), options.getPort())));
    }
  }

  /** What all listeners share: the number of connections, and the end. */
  private static final class Entrance {
    private final HttpLimits limits;
    private final Watches watches;
    private final Map<Place, Door> doors;
    private final List<Channel> listening = new CopyOnWriteArrayList<>();
    private volatile boolean stopped;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicLong refused = new AtomicLong();
    private final Map<InetAddress, Integer> perAddress = new ConcurrentHashMap<>();

    Entrance(HttpLimits limits, Map<Place, Door> doors, Watches watches) {
      this.limits = limits;
      this.watches = watches;
      this.doors = Map.copyOf(doors);
    }

    ChannelInitializer<Channel> installer(Place place) {
      Door door = doors.get(place);
      if (door == null) {
        throw new IllegalStateException("no listener at " + place);
      }
      return new ChannelInitializer<>() {
        @Override
        protected void initChannel(Channel server) {
          listening.add(server);
          server.pipeline().addLast(new Acceptor(Entrance.this, door));
        }
      };
    }

    void stop() {
      stopped = true;
      for (Channel channel : listening) {
        var unused = channel.close();
      }
    }

    private boolean admit(@Nullable InetAddress address) {
      if (stopped || !hasRoom(address)) {
        refused.incrementAndGet();
        return false;
      }
      return true;
    }

    private boolean hasRoom(@Nullable InetAddress address) {
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

  /** Meets each connection of a listener before its pipeline is built. */
  private static final class Acceptor extends ChannelInboundHandlerAdapter {
    private final Entrance entrance;
    private final Door door;

    Acceptor(Entrance entrance, Door door) {
      this.entrance = entrance;
      this.door = door;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      Channel connection = (Channel) message;
      InetAddress address =
          connection.remoteAddress() instanceof InetSocketAddress peer ? peer.getAddress() : null;
      String peer = address == null ? "" : address.getHostAddress();
      if (!door.admitsPeer(peer) || !entrance.admit(address)) {
        connection.unsafe().closeForcibly();
        return;
      }
      connection.closeFuture().addListener(closed -> entrance.leave(address));
      // From the head: TLS, the end of its handshake, and what sees the plain bytes.
      ChannelPipeline pipeline = connection.pipeline();
      pipeline.addFirst("guard", entrance.watches.on(door, peer));
      door.tls()
          .ifPresent(
              tls -> {
                pipeline.addFirst("handshake", new Handshake(door, peer));
                pipeline.addFirst("tls", tls.handler(connection.alloc()));
              });
      context.fireChannelRead(message);
    }
  }
}
