// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.redis.RedisHealth;
import dev.weir.server.wire.Answers;
import dev.weir.server.wire.Connection;
import dev.weir.server.wire.FrontEnd;
import dev.weir.server.wire.Problem;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.function.Supplier;

/** {@code /metrics} in the text format of Prometheus. */
final class MetricsPage implements FrontEnd {

  private final Meters meters;
  private final Supplier<Optional<RedisHealth>> redis;

  /**
   * @param redis what is known of Redis, if it is the store
   */
  MetricsPage(Meters meters, Supplier<Optional<RedisHealth>> redis) {
    this.meters = meters;
    this.redis = redis;
  }

  @Override
  public boolean handle(HttpServerRequest request, String path, Connection connection) {
    if (!path.equals("/metrics")) {
      return false;
    }
    if (request.method() == HttpMethod.GET || request.method() == HttpMethod.HEAD) {
      request.response().putHeader(HttpHeaders.CONTENT_TYPE, Meters.MEDIA_TYPE);
      request.response().end(Answers.buffer(meters.text(redis.get().map(RedisHealth::connected))));
    } else {
      request.response().putHeader("Allow", "GET, HEAD");
      Answers.problem(request, Problem.of(405, "method: " + request.method()));
    }
    return true;
  }
}
