// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.redis.RedisHealth;
import dev.weir.server.gateway.AuthHook;
import dev.weir.server.gateway.AuthSettings;
import dev.weir.server.gateway.ClientAddress;
import dev.weir.server.gateway.Gateway;
import dev.weir.server.gateway.Proxy;
import dev.weir.server.gateway.Route;
import dev.weir.server.http.DecisionApi;
import dev.weir.server.http.ThrottleApi;
import dev.weir.server.identity.Callers;
import dev.weir.server.metrics.Metrics;
import dev.weir.server.metrics.MetricsPage;
import dev.weir.server.rls.ConfigPage;
import dev.weir.server.rls.RateLimitJson;
import dev.weir.server.rls.RateLimitService;
import dev.weir.server.wire.FrontEnd;
import dev.weir.server.wire.Judge;
import dev.weir.server.wire.SecurityLog;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes what listeners serve. Safe for use by the event loops, each of which has its own of all.
 */
final class FrontEnds {

  private static final Logger LOG = LoggerFactory.getLogger(FrontEnds.class);

  private final Configuration configuration;
  private final Judge judge;
  private final Callers callers;
  private final Optional<AdminService> administration;
  private final SecurityLog security;
  private final Metrics metrics;
  private final Vertx vertx;
  private final WeirServer server;
  private final HttpClient client;
  private final Map<String, IntConsumer> statuses = new ConcurrentHashMap<>();

  /**
   * @param judge who decides
   * @param callers who calls
   * @param administration what the listeners that administer serve
   * @param server tells how it is: whether it ends, what of Redis it knows
   */
  FrontEnds(
      Configuration configuration,
      Judge judge,
      Callers callers,
      Optional<AdminService> administration,
      SecurityLog security,
      Metrics metrics,
      Vertx vertx,
      WeirServer server) {
    this.configuration = configuration;
    this.judge = judge;
    this.callers = callers;
    this.administration = administration;
    this.security = security;
    this.metrics = metrics;
    this.vertx = vertx;
    this.server = server;
    this.client =
        vertx
            .httpClientBuilder()
            .with(ClientOptions.http())
            .with(ClientOptions.pool())
            // Whoever waits for an answer hears of the fault; the connection has nobody else.
            .withConnectHandler(
                connection -> connection.exceptionHandler(e -> LOG.debug("service", e)))
            .build();
  }

  /** What a listener serves on one event loop, to whom its door admits. */
  ListenerHandler of(Listener listener, Door door) {
    List<FrontEnd> frontEnds = new ArrayList<>();
    Gateway gateway =
        gateway(
            listener,
            listener.serves().contains(Surface.ROUTES) ? configuration.routes() : List.of(),
            listener.clients());
    if (listener.serves().contains(Surface.ROUTES)) {
      frontEnds.add(gateway);
    }
    if (listener.serves().contains(Surface.API)) {
      frontEnds.add(new DecisionApi(judge, listener.fields(), maxBodyBytes(), listener.tokens()));
    }
    if (listener.serves().contains(Surface.THROTTLE)) {
      frontEnds.add(new ThrottleApi(judge, maxBodyBytes(), listener.tokens()));
    }
    if (listener.serves().contains(Surface.AUTH)) {
      frontEnds.add(authHook(listener));
    }
    if (listener.serves().contains(Surface.RLS_JSON)) {
      frontEnds.add(
          new RateLimitJson(
              judge,
              listener.fields(),
              configuration.rls(),
              maxBodyBytes(),
              listener.tokens(),
              server::draining));
    }
    if (listener.serves().contains(Surface.RLS_DEBUG)) {
      frontEnds.add(new ConfigPage(() -> server.limiter().policies(), listener.tokens()));
    }
    administration.ifPresent(service -> frontEnds.addAll(service.frontEnds(listener)));
    if (listener.serves().contains(Surface.HEALTH)) {
      frontEnds.add(new HealthPages(server::draining, server::redisHealth));
    }
    if (listener.serves().contains(Surface.METRICS)) {
      frontEnds.add(new MetricsPage(metrics, vertx));
    }
    return new ListenerHandler(
        frontEnds.toArray(FrontEnd[]::new),
        gateway,
        calls(listener),
        door,
        statuses.computeIfAbsent(listener.name(), metrics::requests));
  }

  private Gateway gateway(Listener listener, List<Route> routes, ClientAddress clients) {
    return new Gateway(
        routes,
        new Gateway.Settings(
            listener.name(),
            clients,
            listener.fields(),
            listener.notFound(),
            listener.wrongMethod(),
            listener.banned()),
        judge,
        callers,
        security,
        this::storeError,
        new Proxy(client));
  }

  private AuthHook authHook(Listener listener) {
    ClientAddress clients = listener.clients().orLoopback();
    AuthSettings auth = configuration.auth();
    return new AuthHook(
        gateway(listener, auth.rules(), clients),
        auth,
        clients,
        listener.tokens(),
        security,
        listener.name());
  }

  /** What answers calls of gRPC at a listener, if anything does. */
  private @Nullable FrontEnd calls(Listener listener) {
    return listener.serves().contains(Surface.RLS)
        ? new RateLimitService(
            judge,
            listener.fields(),
            configuration.rls(),
            maxBodyBytes(),
            listener.tokens(),
            vertx,
            server::draining)
        : null;
  }

  private int maxBodyBytes() {
    return configuration.limits().maxBodyBytes();
  }

  /** Why the store cannot be reached; the memory of the process always can. */
  private Optional<String> storeError() {
    return server.redisHealth().flatMap(RedisHealth::error);
  }

  /** Ends the connections to services. */
  Future<Void> close() {
    return client.close();
  }
}
