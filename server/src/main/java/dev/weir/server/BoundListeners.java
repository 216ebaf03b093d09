// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.server.wire.Unguarded;
import io.netty.channel.ChannelPipeline;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.HttpServerConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listeners of a server, bound on each of its event loops. Safe for use by any thread.
 *
 * <p>All loops share the ports; what a loop has accepted it serves alone.
 */
final class BoundListeners {

  private static final Logger LOG = LoggerFactory.getLogger(BoundListeners.class);
  private static final int RESETS = 5_000;

  private final Configuration configuration;
  private final Doors doors;
  private final FrontEnds frontEnds;
  private final RespService resp;
  private final List<HttpServer> servers = new CopyOnWriteArrayList<>();
  private final Map<String, Integer> ports = new ConcurrentHashMap<>();

  BoundListeners(Configuration configuration, Doors doors, FrontEnds frontEnds, RespService resp) {
    this.configuration = configuration;
    this.doors = doors;
    this.frontEnds = frontEnds;
    this.resp = resp;
  }

  /** What one event loop runs: binds every listener. */
  VerticleBase verticle() {
    return new VerticleBase() {
      @Override
      public Future<?> start() {
        List<Future<?>> bound = new ArrayList<>();
        List<Listener> listeners = configuration.listeners();
        for (int i = 0; i < listeners.size(); i++) {
          bound.add(bind(vertx, listeners.get(i), Doors.port(listeners.get(i), i)));
        }
        return Future.all(bound);
      }
    };
  }

  private Future<?> bind(Vertx vertx, Listener listener, int port) {
    if (listener.resp()) {
      return resp.listen(vertx, listener, port)
          .onSuccess(bound -> ports.put(listener.name(), bound));
    }
    HttpServer server = vertx.createHttpServer(options(listener, port));
    ListenerHandler handler = frontEnds.of(listener, doors.of(listener));
    server.requestHandler(request -> handler.handle(request, Unguarded.INSTANCE));
    server.invalidRequestHandler(ListenerHandler::invalid);
    server.exceptionHandler(error -> LOG.debug("connection", error));
    server.connectionHandler(connection -> attach(connection, handler));
    servers.add(server);
    return server.listen().onSuccess(bound -> ports.put(listener.name(), bound.actualPort()));
  }

  private static void attach(HttpConnection connection, ListenerHandler handler) {
    if (connection instanceof HttpServerConnection served) {
      ChannelPipeline pipeline = served.channelHandlerContext().pipeline();
      Guard guard = pipeline.get(Guard.class);
      if (guard != null) {
        boolean multiplexed =
            !(connection instanceof io.vertx.core.http.impl.Http1xServerConnection);
        if (multiplexed && pipeline.get(LateFlushes.class) == null) {
          pipeline.addAfter(pipeline.context(guard).name(), "flushes", new LateFlushes());
        }
        served.handler(guard.attach(handler, multiplexed));
      }
    }
  }

  private HttpServerOptions options(Listener listener, int port) {
    HttpLimits limits = configuration.limits();
    HttpServerOptions options = new HttpServerOptions();
    options.setHost(listener.host()).setPort(port);
    options.setTcpNoDelay(true).setReuseAddress(true).setAcceptBacklog(4_096);
    options.setIdleTimeout(0);
    options.setMaxInitialLineLength(limits.maxRequestLineBytes());
    options.setMaxHeaderSize(limits.maxHeaderBytes());
    options.setCompressionSupported(false);
    if (listener.serves().contains(Surface.RLS)) {
      // A proxy resets each call that it no longer waits for: hundreds when this process pauses.
      options.setHttp2RstFloodMaxRstFramePerWindow(RESETS).setHttp2RstFloodWindowDuration(10);
    }
    return options;
  }

  /** The port of each listener by its name, in the order of the configuration. */
  Map<String, Integer> ports() {
    Map<String, Integer> inOrder = new LinkedHashMap<>();
    for (Listener listener : configuration.listeners()) {
      Integer port = ports.get(listener.name());
      if (port != null) {
        inOrder.put(listener.name(), port);
      }
    }
    return inOrder;
  }

  /** Ends the connections, those with a request under way last. */
  Future<?> shutdown(Duration within) {
    List<Future<?>> closing = new ArrayList<>();
    for (HttpServer server : servers) {
      closing.add(server.shutdown(within.toMillis(), TimeUnit.MILLISECONDS));
    }
    servers.clear();
    closing.add(resp.shutdown(within));
    return Future.join(closing);
  }
}
