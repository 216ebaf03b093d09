// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.io.IOException;
import java.net.ProtocolException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Posts JSON to Weir, over connections that stay open. Safe for use by any thread. */
final class Transport {

  private static final int MAX_ANSWER_BYTES = 8 * 1_024 * 1_024;

  private final HttpClient http;
  private final ScheduledExecutorService timer;
  private final String base;
  private final Optional<String> token;

  Transport(HttpClient http, ScheduledExecutorService timer, URI base, Optional<String> token) {
    this.http = http;
    this.timer = timer;
    this.base = base.toString().replaceAll("/+$", "");
    this.token = token;
  }

  /**
   * Posts a body.
   *
   * @param atMost after which the request is given up, its answer's body included
   */
  CompletableFuture<HttpResponse<String>> post(String path, String body, Duration atMost) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    token.ifPresent(text -> request.header("Authorization", "Bearer " + text));
    CompletableFuture<HttpResponse<String>> sent =
        http.sendAsync(request.build(), head -> new BoundedText(MAX_ANSWER_BYTES));
    // The request's own timeout would end with the head of the answer.
    Future<?> end =
        timer.schedule(() -> sent.cancel(true), atMost.toMillis(), TimeUnit.MILLISECONDS);
    return sent.whenComplete((answer, error) -> end.cancel(false));
  }

  /** What an exchange ended with. */
  static Trouble trouble(Throwable error) {
    for (Throwable cause = error; cause != null; cause = next(cause)) {
      if (cause instanceof HttpTimeoutException || cause instanceof CancellationException) {
        return Trouble.LATE;
      }
      if (cause instanceof ProtocolException || cause instanceof IllegalArgumentException) {
        return Trouble.GARBLED;
      }
    }
    return Trouble.UNREACHABLE;
  }

  private static @Nullable Throwable next(Throwable cause) {
    return cause.getCause() == cause ? null : cause.getCause();
  }

  /** What went wrong, in one line. */
  static String told(Throwable error) {
    Throwable last = error;
    for (Throwable cause = error; cause != null; cause = next(cause)) {
      last = cause;
      if (cause instanceof IOException) {
        break;
      }
    }
    return String.valueOf(last);
  }
}
