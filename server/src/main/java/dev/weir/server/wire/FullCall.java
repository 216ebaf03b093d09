// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call that the HTTP codec carries.
 *
 * @param request the codec's view of it
 * @param connection what it came on
 */
public record FullCall(HttpServerRequest request, Connection connection) implements Call {

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

  @Override
  public void problem(Problem problem) {
    Answers.problem(request, problem);
  }
}
