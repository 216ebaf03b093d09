// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.server.wire.Answers;
import dev.weir.server.wire.ByteWriter;
import dev.weir.server.wire.Connection;
import dev.weir.server.wire.FrontEnd;
import dev.weir.server.wire.Problem;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * {@code /health}, {@code /health/live} and {@code /health/ready}: liveness and readiness do not
 * depend on the store, since failure policies decide without it (R24).
 */
final class HealthPages implements FrontEnd {

  private final BooleanSupplier draining;
  private final Supplier<Optional<String>> storeError;

  HealthPages(BooleanSupplier draining, Supplier<Optional<String>> storeError) {
    this.draining = draining;
    this.storeError = storeError;
  }

  @Override
  public boolean handle(HttpServerRequest request, String path, Connection connection) {
    switch (path) {
      case "/health" -> health(request);
      case "/health/live" -> send(request, 200, "live", Optional.empty());
      case "/health/ready" -> ready(request);
      default -> {
        return false;
      }
    }
    return true;
  }

  private void ready(HttpServerRequest request) {
    boolean leaving = draining.getAsBoolean();
    send(request, leaving ? 503 : 200, leaving ? "draining" : "ready", Optional.empty());
  }

  private void health(HttpServerRequest request) {
    boolean leaving = draining.getAsBoolean();
    Optional<String> error = storeError.get();
    String status = leaving ? "draining" : error.isEmpty() ? "ok" : "degraded";
    send(request, leaving ? 503 : 200, status, Optional.of(error.isEmpty() ? "ok" : error.get()));
  }

  private static void send(
      HttpServerRequest request, int code, String status, Optional<String> store) {
    if (request.method() != HttpMethod.GET && request.method() != HttpMethod.HEAD) {
      request.response().putHeader("Allow", "GET, HEAD");
      Answers.problem(request, Problem.of(405, "method: " + request.method()));
      return;
    }
    ByteWriter out = new ByteWriter();
    out.text("{\"status\":").quoted(status);
    store.ifPresent(text -> out.text(",\"store\":").quoted(text));
    request.response().setStatusCode(code);
    request.response().putHeader(HttpHeaders.CONTENT_TYPE, Answers.JSON);
    request.response().end(Answers.buffer(out.character('}').toBytes()));
  }
}
