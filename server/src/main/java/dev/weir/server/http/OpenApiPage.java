// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.http;

import dev.weir.server.wire.Answers;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** {@code /openapi.json}: the description of the API, as it stands beside this class. */
final class OpenApiPage {

  static final String PATH = "/openapi.json";

  private OpenApiPage() {}

  /** Read when somebody asks: most processes are never asked. */
  private static final class Text {
    private static final byte[] BYTES = read();

    private static byte[] read() {
      try (InputStream in = OpenApiPage.class.getResourceAsStream("openapi.json")) {
        if (in == null) {
          throw new IllegalStateException("openapi.json is not beside its class");
        }
        return in.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Always takes the request. */
  static boolean answer(HttpServerRequest request) {
    if (Answers.reads(request, " on " + PATH)) {
      request.response().putHeader(HttpHeaders.CONTENT_TYPE, Answers.JSON);
      request.response().end(Answers.buffer(Text.BYTES));
    }
    return true;
  }
}
