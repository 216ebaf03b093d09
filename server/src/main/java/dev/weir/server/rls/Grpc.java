// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.rls;

import dev.weir.server.wire.Answers;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.nio.charset.StandardCharsets;

/** What gRPC says over HTTP/2: media type, frames of messages, statuses. */
final class Grpc {

  /** Statuses of calls. */
  enum Status {
    UNKNOWN(2),
    INVALID_ARGUMENT(3),
    DEADLINE_EXCEEDED(4),
    PERMISSION_DENIED(7),
    RESOURCE_EXHAUSTED(8),
    UNIMPLEMENTED(12),
    INTERNAL(13),
    UNAUTHENTICATED(16);

    private final int number;

    Status(int number) {
      this.number = number;
    }
  }

  private static final String MEDIA_TYPE = "application/grpc";
  private static final String PROTO = "+proto";
  private static final CharSequence CONTENT_TYPE = HttpHeaders.createOptimized(MEDIA_TYPE);
  private static final CharSequence STATUS = HttpHeaders.createOptimized("grpc-status");
  private static final CharSequence MESSAGE = HttpHeaders.createOptimized("grpc-message");
  private static final CharSequence ENCODINGS = HttpHeaders.createOptimized("grpc-accept-encoding");
  private static final CharSequence IDENTITY = HttpHeaders.createOptimized("identity");
  private static final CharSequence OK = HttpHeaders.createOptimized("0");
  private static final int MAX_MESSAGE = 500;

  private Grpc() {}

  /** Whether a request is a call of gRPC with messages of Protocol Buffers. */
  static boolean isCall(HttpServerRequest request) {
    if (request.version() != HttpVersion.HTTP_2) {
      return false;
    }
    String type = request.headers().get(HttpHeaders.CONTENT_TYPE);
    if (type == null || !type.startsWith(MEDIA_TYPE)) {
      return false;
    }
    int at = MEDIA_TYPE.length();
    if (type.startsWith(PROTO, at)) {
      at += PROTO.length();
    }
    return type.length() == at || type.charAt(at) == ';' || type.charAt(at) == ' ';
  }

  /** Answers with one message in its frame. */
  static void answer(HttpServerRequest request, byte[] frame) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    response.putHeader(HttpHeaders.CONTENT_TYPE, CONTENT_TYPE);
    response.putTrailer(STATUS, OK);
    response.end(Answers.buffer(frame));
  }

  /** Answers with a status other than that all is well. */
  static void fail(HttpServerRequest request, Status status, String message) {
    HttpServerResponse response = request.response();
    if (response.headWritten() || response.closed()) {
      return;
    }
    response.putHeader(HttpHeaders.CONTENT_TYPE, CONTENT_TYPE);
    response.putHeader(STATUS, Integer.toString(status.number));
    if (status == Status.UNIMPLEMENTED) {
      response.putHeader(ENCODINGS, IDENTITY);
    }
    response.putHeader(MESSAGE, encoded(message));
    response.end();
  }

  /** As the protocol wants it: visible ASCII but the percent sign, everything else as its bytes. */
  private static String encoded(String message) {
    StringBuilder text = new StringBuilder();
    for (byte b : message.getBytes(StandardCharsets.UTF_8)) {
      if (text.length() >= MAX_MESSAGE) {
        break;
      }
      if (b >= ' ' && b <= '~' && b != '%') {
        text.append((char) b);
      } else {
        text.append(String.format(java.util.Locale.ROOT, "%%%02X", b & 0xff));
      }
    }
    return text.toString();
  }
}
