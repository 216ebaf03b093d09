// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call that the HTTP codec carries.
 *
 * @param request the codec's view of it
 * @param connection what it came on
 */
public record FullCall(HttpServerRequest request, Connection connection) implements Call {

  private static final Logger LOG = LoggerFactory.getLogger(FullCall.class);

  @Override
  public String method() {
    return request.method().name();
  }

  @Override
  public String target() {
    return request.uri();
  }

  @Override
  public @Nullable String header(String name) {
    return request.getHeader(name);
  }

  @Override
  public List<String> headers(String name) {
    return request.headers().getAll(name);
  }

  @Override
  public String peer() {
    return request.remoteAddress().hostAddress();
  }

  @Override
  public void status(int status) {
    request.response().setStatusCode(status);
  }

  @Override
  public void field(CharSequence name, CharSequence value) {
    request.response().putHeader(name, value);
  }

  @Override
  public boolean hasContentType() {
    return request.response().headers().contains(HttpHeaders.CONTENT_TYPE);
  }

  @Override
  public void end() {
    request.response().end();
  }

  @Override
  public void end(ByteWriter body) {
    if (request.method() == HttpMethod.HEAD) {
      // Vert.x tells the length of a body only where it sends one.
      request.response().putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
      request.response().end();
    } else {
      request.response().end(body.toBuffer());
    }
  }

  /** Meanwhile nothing of the request's body is read, if there is more of it. */
  @Override
  public <T> void await(
      CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> next) {
    boolean more = !request.isEnded();
    if (more) {
      request.pause();
    }
    connection.exchangeStarted();
    ContextInternal context = ((HttpServerRequestInternal) request).context();
    var unused =
        stage.whenComplete(
            (value, error) ->
                context.emit(
                    ignored -> {
                      connection.exchangeEnded();
                      if (more) {
                        request.resume();
                      }
                      goOn(value, error, next);
                    }));
  }

  private <T> void goOn(
      @Nullable T value,
      @Nullable Throwable error,
      BiConsumer<@Nullable T, @Nullable Throwable> next) {
    try {
      next.accept(value, error);
    } catch (RuntimeException e) {
      LOG.error("answering {}", request.path(), e);
      failed(Problem.BROKEN);
    }
  }

  @Override
  public void problem(Problem problem) {
    Answers.problem(request, problem);
  }

  @Override
  public void failed(Problem problem) {
    Answers.problem(request, problem);
  }
}
