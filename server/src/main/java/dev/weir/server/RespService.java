// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.core.RateLimiter;
import dev.weir.server.metrics.Metrics;
import dev.weir.server.resp.RespFrontEnd;
import dev.weir.server.resp.RespLimits;
import dev.weir.server.wire.Judge;
import dev.weir.server.wire.LoginFailures;
import dev.weir.server.wire.SecurityLog;
import io.netty.channel.ChannelHandler;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** The listeners that speak the Redis protocol. Safe for use by any thread. */
final class RespService implements AutoCloseable {

  /* Clients of Redis keep connections open for later, and not all of them look before they use one. */
  private static final int IDLE = 4;

  private final Map<String, RespFrontEnd> frontEnds;
  private final LoginFailures failures;
  private final List<NetServer> servers = new CopyOnWriteArrayList<>();

  /**
   * @param limits makes a limiter of some policies over the store of the limits
   */
  RespService(
      Configuration configuration,
      Judge judge,
      RateLimiter.Builder limits,
      SecurityLog security,
      Metrics metrics) {
    this.failures = LoginFailures.of(limits, "resp");
    HttpLimits http = configuration.limits();
    RespLimits bounds =
        new RespLimits(
            http.headDeadline(),
            http.bodyDeadline(),
            http.idleTimeout().multipliedBy(IDLE),
            RespLimits.DEFAULT_PIPELINE);
    Map<String, RespFrontEnd> made = new HashMap<>();
    for (Listener listener : configuration.listeners()) {
      if (listener.resp()) {
        RespFrontEnd frontEnd =
            new RespFrontEnd(
                new RespFrontEnd.Settings(
                    listener.name(),
                    judge,
                    listener.tokens(),
                    bounds,
                    failures,
                    security,
                    ServerMeters.version()));
        frontEnd.announce(metrics);
        made.put(listener.name(), frontEnd);
      }
    }
    this.frontEnds = Map.copyOf(made);
  }

  /** What reads a connection of a listener, if that speaks the Redis protocol. */
  Optional<ChannelHandler> connection(String listener, String peer) {
    return Optional.ofNullable(frontEnds.get(listener)).map(found -> found.connection(peer));
  }

  /** Commands that were read so far, at all listeners together. */
  long commands() {
    return frontEnds.values().stream().mapToLong(RespFrontEnd::commands).sum();
  }

  /** Connections now, at all listeners together. */
  int connections() {
    return frontEnds.values().stream().mapToInt(RespFrontEnd::connections).sum();
  }

  /** Listens with one event loop; answers the port. */
  Future<Integer> listen(Vertx vertx, Listener listener, int port) {
    NetServerOptions options = new NetServerOptions();
    options.setHost(listener.host()).setPort(port);
    options.setTcpNoDelay(true).setReuseAddress(true).setAcceptBacklog(4_096);
    options.setIdleTimeout(0);
    NetServer server = vertx.createNetServer(options);
    // What reads the bytes stands before anything of Vert.x, which sees none.
    server.connectHandler(socket -> socket.exceptionHandler(dropped -> {}));
    servers.add(server);
    return server.listen().map(NetServer::actualPort);
  }

  /** Ends connections once what they have sent is answered; complete when none is left. */
  Future<?> drain(Duration within) {
    List<Future<?>> settled = new ArrayList<>();
    frontEnds.values().forEach(each -> settled.add(Future.fromCompletionStage(each.drain(within))));
    return Future.join(settled);
  }

  /** Ends what is left. */
  Future<?> shutdown(Duration within) {
    List<Future<?>> closing = new ArrayList<>();
    for (NetServer server : servers) {
      closing.add(server.shutdown(within.toMillis(), TimeUnit.MILLISECONDS));
    }
    servers.clear();
    return Future.join(closing);
  }

  @Override
  public void close() {
    failures.close();
  }
}
