// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.redis.RedisHealth;
import dev.weir.server.wire.Answers;
import dev.weir.server.wire.ByteWriter;
import dev.weir.server.wire.Connection;
import dev.weir.server.wire.FrontEnd;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * {@code /health}, {@code /health/live} and {@code /health/ready}: liveness and readiness do not
 * depend on the store, since failure policies decide without it (R24).
 */
final class HealthPages implements FrontEnd {

  private final BooleanSupplier draining;
  private final Supplier<Optional<RedisHealth>> redis;

  /**
   * @param redis what is known of Redis, if it is the store
   */
  HealthPages(BooleanSupplier draining, Supplier<Optional<RedisHealth>> redis) {
    this.draining = draining;
    this.redis = redis;
  }

  @Override
  public boolean handle(HttpServerRequest request, String path, Connection connection) {
    switch (path) {
      case "/health" -> health(request);
      case "/health/live" -> send(request, 200, begin("live"));
      case "/health/ready" -> ready(request);
      default -> {
        return false;
      }
    }
    return true;
  }

  private void ready(HttpServerRequest request) {
    boolean leaving = draining.getAsBoolean();
    send(request, leaving ? 503 : 200, begin(leaving ? "draining" : "ready"));
  }

  private void health(HttpServerRequest request) {
    boolean leaving = draining.getAsBoolean();
    Optional<RedisHealth> known = redis.get();
    Optional<String> error = known.flatMap(RedisHealth::error);
    ByteWriter out = begin(leaving ? "draining" : error.isEmpty() ? "ok" : "degraded");
    out.text(",\"store\":").quoted(error.orElse("ok"));
    known.ifPresent(health -> tell(out, health));
    send(request, leaving ? 503 : 200, out);
  }

  private static void tell(ByteWriter out, RedisHealth health) {
    out.text(",\"redis\":{\"connected\":").text(Boolean.toString(health.connected()));
    health
        .topology()
        .ifPresent(
            topology ->
                out.text(",\"topology\":").quoted(topology.name().toLowerCase(Locale.ROOT)));
    health.version().ifPresent(version -> out.text(",\"version\":").quoted(version));
    out.text(",\"warnings\":[");
    List<String> warnings = health.warnings();
    for (int i = 0; i < warnings.size(); i++) {
      out.text(i == 0 ? "" : ",").quoted(warnings.get(i));
    }
    out.text("]}");
  }

  private static ByteWriter begin(String status) {
    return new ByteWriter().text("{\"status\":").quoted(status);
  }

  private static void send(HttpServerRequest request, int code, ByteWriter out) {
    if (!Answers.reads(request, "")) {
      return;
    }
    request.response().setStatusCode(code);
    request.response().putHeader(HttpHeaders.CONTENT_TYPE, Answers.JSON);
    request.response().end(Answers.buffer(out.character('}').toBytes()));
  }
}
