// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.server.gateway.Gateway;
import dev.weir.server.wire.Answers;
import dev.weir.server.wire.Connection;
import dev.weir.server.wire.Express;
import dev.weir.server.wire.FrontEnd;
import dev.weir.server.wire.FullCall;
import dev.weir.server.wire.Problem;
import dev.weir.server.wire.Query;
import dev.weir.server.wire.QuickCall;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands each request of a listener to the first of its front ends that takes it. One per listener
 * and event loop; not safe for several threads.
 */
final class ListenerHandler implements Guard.Requests {

  private static final int OK = 200;

  private final FrontEnd[] frontEnds;
  private final Express[] expresses;
  private final @Nullable Gateway gateway;
  private final @Nullable FrontEnd calls;
  private final Door door;
  private final IntConsumer statuses;

  /**
   * @param gateway answers what no front end takes, if the listener's answers say how
   * @param calls answers calls of gRPC, which carry their own status behind HTTP's
   * @param door who is answered at all
   * @param statuses hears of the status of every answer
   */
  ListenerHandler(
      FrontEnd[] frontEnds,
      @Nullable Gateway gateway,
      @Nullable FrontEnd calls,
      Door door,
      IntConsumer statuses) {
    this.frontEnds = frontEnds;
    this.expresses =
        Arrays.stream(frontEnds)
            .filter(Express.class::isInstance)
            .map(Express.class::cast)
            .toArray(Express[]::new);
    this.gateway = gateway;
    this.calls = calls;
    this.door = door;
    this.statuses = statuses;
  }

  @Override
  public Express express() {
    return this::answer;
  }

  @Override
  public IntConsumer statuses() {
    return statuses;
  }

  private Express.Outcome answer(QuickCall call) {
    if (!door.admits(call)) {
      return Express.Outcome.LEFT;
    }
    for (Express express : expresses) {
      Express.Outcome outcome = express.answer(call);
      if (outcome != Express.Outcome.PASSED) {
        return outcome;
      }
    }
    return Express.Outcome.PASSED;
  }

  @Override
  public void handle(HttpServerRequest request, Connection connection) {
    if (calls != null
        && door.admits(new FullCall(request, connection))
        && calls.handle(request, request.uri(), connection)) {
      statuses.accept(OK);
      return;
    }
    HttpServerResponse response = request.response();
    response.headersEndHandler(begun -> statuses.accept(response.getStatusCode()));
    response.putHeader(HttpHeaders.DATE, connection.date());
    String options = request.headers().get(HttpHeaders.CONNECTION);
    if (options != null && options.indexOf(',') > 0) {
      closeIfAsked(request, options);
    }
    if (!door.admitsOrTells(new FullCall(request, connection))) {
      Answers.problem(request, Problem.of(403, "address: not allowed here"));
      return;
    }
    String path = Query.path(request.uri());
    for (FrontEnd frontEnd : frontEnds) {
      if (frontEnd.handle(request, path, connection)) {
        return;
      }
    }
    if (gateway == null || !gateway.notFound(request, path, connection)) {
      Answers.problem(request, Problem.of(404, "path: " + path));
    }
  }

  /** RFC 9112, 9.6: one of several options may be {@code close}; Vert.x knows it alone only. */
  private static void closeIfAsked(HttpServerRequest request, String options) {
    for (String option : options.split(",", -1)) {
      if (option.strip().equalsIgnoreCase("close")) {
        request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        request.response().endHandler(ended -> request.connection().close());
        return;
      }
    }
  }

  /** Answers what the codec could not read. */
  static void invalid(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    if (cause instanceof TooLongHttpLineException) {
      Answers.refuse(request, Problem.of(414, "request line: too long"));
    } else if (cause instanceof TooLongHttpHeaderException) {
      Answers.refuse(request, Problem.of(431, "header: too large"));
    } else {
      Answers.refuse(request, Problem.of(400, "request: not HTTP: " + reason(cause)));
    }
  }

  private static String reason(@Nullable Throwable cause) {
    return Optional.ofNullable(cause).map(Throwable::getMessage).orElse("malformed");
  }
}
