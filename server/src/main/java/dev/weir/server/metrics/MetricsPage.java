// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.metrics;

import dev.weir.server.wire.Answers;
import dev.weir.server.wire.Connection;
import dev.weir.server.wire.FrontEnd;
import dev.weir.server.wire.FullCall;
import dev.weir.server.wire.Problem;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /metrics} in the text format of Prometheus, or of OpenMetrics for whoever asks for it. */
public final class MetricsPage implements FrontEnd {

  private static final Logger LOG = LoggerFactory.getLogger(MetricsPage.class);

  private final Metrics metrics;
  private final Vertx vertx;

  /**
   * @param vertx has threads that may be held up
   */
  public MetricsPage(Metrics metrics, Vertx vertx) {
    this.metrics = metrics;
    this.vertx = vertx;
  }

  @Override
  public boolean handle(HttpServerRequest request, String path, Connection connection) {
    if (!path.equals("/metrics")) {
      return false;
    }
    if (Answers.reads(request, "")) {
      String mediaType = mediaType(request.headers().get(HttpHeaders.ACCEPT));
      CompletableFuture<Buffer> page = new CompletableFuture<>();
      vertx
          .executeBlocking(() -> page.complete(Answers.buffer(metrics.read(mediaType))), false)
          .onFailure(page::completeExceptionally);
      new FullCall(request, connection)
          .await(page, (read, error) -> answer(request, mediaType, read, error));
    }
    return true;
  }

  private static String mediaType(@Nullable String accept) {
    return accept != null && accept.contains("application/openmetrics-text")
        ? Metrics.OPEN_METRICS
        : Metrics.TEXT;
  }

  private static void answer(
      HttpServerRequest request,
      String mediaType,
      @Nullable Buffer page,
      @Nullable Throwable error) {
    if (page == null) {
      LOG.error("reading the metrics", error);
      Answers.problem(request, Problem.BROKEN);
      return;
    }
    request.response().putHeader(HttpHeaders.CONTENT_TYPE, mediaType);
    if (request.method() == HttpMethod.HEAD) {
      request.response().putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(page.length()));
      request.response().end();
    } else {
      request.response().end(page);
    }
  }
}
