// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.server.wire.Answers;
import dev.weir.server.wire.Connection;
import dev.weir.server.wire.FrontEnd;
import dev.weir.server.wire.Problem;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;

/** {@code /metrics} in the text format of Prometheus. */
final class MetricsPage implements FrontEnd {

  private final Meters meters;

  MetricsPage(Meters meters) {
    this.meters = meters;
  }

  @Override
  public boolean handle(HttpServerRequest request, String path, Connection connection) {
    if (!path.equals("/metrics")) {
      return false;
    }
    if (request.method() == HttpMethod.GET || request.method() == HttpMethod.HEAD) {
      request.response().putHeader(HttpHeaders.CONTENT_TYPE, Meters.MEDIA_TYPE);
      request.response().end(Answers.buffer(meters.text()));
    } else {
      request.response().putHeader("Allow", "GET, HEAD");
      Answers.problem(request, Problem.of(405, "method: " + request.method()));
    }
    return true;
  }
}
