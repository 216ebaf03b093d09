// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.http;

import dev.weir.server.wire.Answers;
import dev.weir.server.wire.BadRequest;
import dev.weir.server.wire.Problem;
import dev.weir.server.wire.Query;
import dev.weir.server.wire.RequestHead;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;

/**
 * How a request wants to be answered.
 *
 * @param states whether the answer tells every limit's own state
 * @param denialAsStatus whether a denial is told by the status
 */
record Wish(boolean states, boolean denialAsStatus) {

  private static final byte[] JSON = "application/json".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ANYTHING = "*/*".getBytes(StandardCharsets.US_ASCII);
  private static final Wish PLAIN = new Wish(false, false);

  /** What the query of a request whose check is in its body says. */
  static Wish of(HttpServerRequest request) {
    String uri = request.uri();
    if (uri.indexOf('?') < 0) {
      return PLAIN;
    }
    boolean states = false;
    boolean denialAsStatus = false;
    for (Query.Parameter parameter : Query.parameters(Query.query(uri))) {
      switch (parameter.name()) {
        case "verbose" -> states = CheckQuery.flag(parameter);
        case "denial" -> denialAsStatus = CheckQuery.denialAsStatus(parameter);
        default ->
            throw BadRequest.of(
                "query", parameter.name(), "verbose or denial; a check is in the body");
      }
    }
    return new Wish(states, denialAsStatus);
  }

  /** Whether a request sends JSON and takes it; if not, it is answered. */
  static boolean accepts(HttpServerRequest request) {
    String type = request.headers().get(HttpHeaders.CONTENT_TYPE);
    if (type != null && !MediaTypes.isJson(type)) {
      Answers.problem(
          request, Problem.of(415, "Content-Type: " + type + " (expected: application/json)"));
      return false;
    }
    return acceptsAnswer(request);
  }

  /** Whether a request sends JSON and takes it, and says so in no way but the usual ones. */
  static boolean isPlain(RequestHead head) {
    return head.absentOr("content-type", JSON)
        && (head.absentOr("accept", ANYTHING) || head.absentOr("accept", JSON));
  }

  /** Whether a request takes JSON; if not, it is answered. */
  static boolean acceptsAnswer(HttpServerRequest request) {
    String accept = request.headers().get(HttpHeaders.ACCEPT);
    if (accept != null && !MediaTypes.admitsJson(accept)) {
      Answers.problem(
          request, Problem.of(406, "Accept: " + accept + " (expected: application/json)"));
      return false;
    }
    return true;
  }
}
