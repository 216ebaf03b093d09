// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.rls.api.RateLimitRequest;
import dev.weir.rls.api.RateLimitResponse;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.server.GrpcServer;

/**
 * Vert.x's gRPC server with a service that answers the same to everything: what doing nothing
 * costs.
 */
final class BareGrpc {

  private static final ServiceMethod<RateLimitRequest, RateLimitResponse> METHOD =
      ServiceMethod.server(
          ServiceName.create("envoy.service.ratelimit.v3.RateLimitService"),
          "ShouldRateLimit",
          GrpcMessageEncoder.encoder(),
          GrpcMessageDecoder.decoder(RateLimitRequest.newBuilder()));

  private static final RateLimitResponse ANSWER =
      RateLimitResponse.newBuilder().setOverallCode(RateLimitResponse.Code.OK).build();

  private BareGrpc() {}

  /** The argument is the port on the loopback address. */
  public static void main(String[] args) throws Exception {
    System.setProperty("vertx.disableWebsockets", "true");
    System.setProperty("vertx.disableMetrics", "true");
    int port = Integer.parseInt(args[0]);
    Vertx vertx =
        Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
    var unused =
        vertx
            .deployVerticle(
                new VerticleBase() {
                  @Override
                  public io.vertx.core.Future<?> start() {
                    GrpcServer grpc = GrpcServer.server(this.vertx);
                    grpc.callHandler(
                        METHOD, request -> request.handler(m -> request.response().end(ANSWER)));
                    return this.vertx
                        .createHttpServer(
                            new HttpServerOptions().setHost("127.0.0.1").setPort(port))
                        .requestHandler(grpc)
                        .listen();
                  }
                })
            .toCompletionStage()
            .toCompletableFuture()
            .get();
  }
}
