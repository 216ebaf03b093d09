// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.rls;

import dev.weir.rls.api.RlsProto;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.health.HealthService;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.Service;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What callers of gRPC expect beside a service: whether it is well, and what it is. Made at the
 * first call, for whoever starts a server seldom asks. Used by one event loop.
 */
final class Companions {

  private static final String SERVICE = "envoy.service.ratelimit.v3.RateLimitService";
  private static final String HEALTH = "/grpc.health.v1.Health/";
  private static final String REFLECTION = "/grpc.reflection.v1.ServerReflection/";
  private static final int MAX_MESSAGE = 16 * 1_024;

  private final Vertx vertx;
  private final BooleanSupplier serving;
  private @Nullable GrpcServer server;

  /**
   * @param serving whether new calls are welcome
   */
  Companions(Vertx vertx, BooleanSupplier serving) {
    this.vertx = vertx;
    this.serving = serving;
  }

  /** Answers a call that is for one of them. */
  boolean handle(HttpServerRequest request, String path) {
    if (!path.startsWith(HEALTH) && !path.startsWith(REFLECTION)) {
      return false;
    }
    GrpcServer known = server;
    if (known == null) {
      known = create();
      server = known;
    }
    known.handle(request);
    return true;
  }

  private GrpcServer create() {
    GrpcServer made =
        GrpcServer.server(vertx, new GrpcServerOptions().setMaxMessageSize(MAX_MESSAGE));
    HealthService health = HealthService.create(vertx);
    // The name that the reference service goes by, the service's own, and the process.
    for (String name : List.of("ratelimit", SERVICE, "")) {
      health.register(name, () -> Future.succeededFuture(serving.getAsBoolean()));
    }
    made.addService(health);
    made.addService(
        Service.service(
                ServiceName.create(SERVICE),
                RlsProto.getDescriptor().findServiceByName("RateLimitService"))
            .build());
    made.addService(new Reflection(made));
    return made;
  }
}
