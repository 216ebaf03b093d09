// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import java.util.Optional;

/** Finished answers. */
public final class Answers {

  public static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  public static final CharSequence PROBLEM = HttpHeaders.createOptimized(Problem.MEDIA_TYPE);
  public static final CharSequence TEXT = HttpHeaders.createOptimized("text/plain; charset=utf-8");
  public static final CharSequence RETRY_AFTER = HttpHeaders.createOptimized("Retry-After");
  public static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");
  private static final CharSequence CLOSE = HttpHeaders.createOptimized("close");

  private static final long LINGER_MILLIS = 500;

  private Answers() {}

  /** Answers a problem and leaves the connection as it is. */
  public static void problem(HttpServerRequest request, Problem problem) {
    HttpServerResponse response = request.response();
    if (response.headWritten() || response.closed()) {
      return;
    }
    response.setStatusCode(problem.status());
    response.putHeader(HttpHeaders.CONTENT_TYPE, PROBLEM);
    response.end(buffer(problem.toBytes()));
  }

  /**
   * Whether a request only reads; one that does not is answered.
   *
   * @param more what the answer says behind the method
   */
  public static boolean reads(HttpServerRequest request, String more) {
    HttpMethod method = request.method();
    if (method == HttpMethod.GET || method == HttpMethod.HEAD) {
      return true;
    }
    request.response().putHeader("Allow", "GET, HEAD");
    problem(request, Problem.of(405, "method: " + method + more));
    return false;
  }

  /** Answers a request without a token of that scope; tells whether it did. */
  public static boolean refused(HttpServerRequest request, Tokens tokens, Tokens.Scope scope) {
    Optional<Problem> refusal =
        tokens.refusal(request.headers().get(HttpHeaders.AUTHORIZATION), scope);
    if (refusal.isPresent()) {
      request.response().putHeader("WWW-Authenticate", "Bearer");
      problem(request, refusal.get());
    }
    return refusal.isPresent();
  }

  /** Answers a problem and closes the connection: what follows on it cannot be trusted. */
  public static void refuse(HttpServerRequest request, Problem problem) {
    HttpServerResponse response = request.response();
    if (response.headWritten() || response.closed()) {
      request.connection().close();
      return;
    }
    if (request.version() == HttpVersion.HTTP_2) {
      problem(request, problem);
      return;
    }
    response.setStatusCode(problem.status());
    response.putHeader(HttpHeaders.CONTENT_TYPE, PROBLEM);
    response.putHeader(HttpHeaders.CONNECTION, CLOSE);
    response.end(buffer(problem.toBytes()));
    // Closed at once, what the client still sends would reset the connection under the answer.
    ((HttpServerRequestInternal) request)
        .context()
        .owner()
        .setTimer(LINGER_MILLIS, timer -> request.connection().close());
  }

  /** Bytes that nobody will change, as a buffer without a copy. */
  public static Buffer buffer(byte[] bytes) {
    return BufferInternal.buffer(Unpooled.wrappedBuffer(bytes));
  }
}
