// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.rls;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Decision;
import dev.weir.core.RateLimiter;
import dev.weir.server.wire.Body;
import dev.weir.server.wire.Causes;
import dev.weir.server.wire.Connection;
import dev.weir.server.wire.FrontEnd;
import dev.weir.server.wire.FullCall;
import dev.weir.server.wire.HeaderProfile;
import dev.weir.server.wire.Judge;
import dev.weir.server.wire.Problem;
import dev.weir.server.wire.Tokens;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Envoy's rate limit service, version 3, over gRPC, with its health and reflection. One per event
 * loop; not safe for several threads.
 */
public final class RateLimitService implements FrontEnd {

  private static final Logger LOG = LoggerFactory.getLogger(RateLimitService.class);
  private static final String METHOD =
      "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit";
  private static final int TIMED_OUT = 408;

  private final Judge judge;
  private final Tokens tokens;
  private final int maxBytes;
  private final Charging charging;
  private final AnswerWriter writer;
  private final Companions companions;
  private final ProtoReader reader = new ProtoReader();

  /**
   * @param judge who decides
   * @param profile the fields of answers, if the settings want any
   * @param settings what answers say
   * @param maxBodyBytes the longest message
   * @param tokens who may use it
   * @param draining whether the process is about to end
   */
  public RateLimitService(
      Judge judge,
      HeaderProfile profile,
      RlsSettings settings,
      int maxBodyBytes,
      Tokens tokens,
      Vertx vertx,
      BooleanSupplier draining) {
    this.judge = requireNonNull(judge, "judge");
    this.tokens = requireNonNull(tokens, "tokens");
    this.maxBytes = maxBodyBytes;
    this.charging = new Charging(judge, settings.chargesAll());
    this.writer = new AnswerWriter(profile, settings);
    this.companions = new Companions(vertx, () -> !draining.getAsBoolean());
  }

  @Override
  public boolean handle(HttpServerRequest request, String path, Connection connection) {
    if (!Grpc.isCall(request)) {
      return false;
    }
    if (!path.equals(METHOD)) {
      if (!companions.handle(request, path)) {
        Grpc.fail(request, Grpc.Status.UNIMPLEMENTED, "unknown method " + path);
      }
    } else if (tokens.open() || permitted(request, Tokens.Scope.CHECK)) {
      Body.collect(
          request,
          connection,
          maxBytes + AnswerWriter.FRAME_HEAD,
          (complete, bytes, from, to) -> receive(complete, connection, bytes, from, to),
          RateLimitService::refuse);
    }
    return true;
  }

  private static void refuse(HttpServerRequest request, Problem problem) {
    Grpc.fail(
        request,
        problem.status() == TIMED_OUT
            ? Grpc.Status.DEADLINE_EXCEEDED
            : Grpc.Status.RESOURCE_EXHAUSTED,
        problem.detail());
  }

  private boolean permitted(HttpServerRequest request, Tokens.Scope scope) {
    Optional<Problem> refusal =
        tokens.refusal(request.headers().get(HttpHeaders.AUTHORIZATION), scope);
    refusal.ifPresent(
        problem ->
            Grpc.fail(
                request,
                problem.status() == 401
                    ? Grpc.Status.UNAUTHENTICATED
                    : Grpc.Status.PERMISSION_DENIED,
                problem.detail()));
    return refusal.isEmpty();
  }

  private void receive(
      HttpServerRequest request, Connection connection, byte[] bytes, int from, int to) {
    try {
      if (isWhole(request, bytes, from, to)) {
        reader.reset(bytes, from + AnswerWriter.FRAME_HEAD, to);
        answer(request, connection, Query.read(reader));
      }
    } catch (MalformedMessage e) {
      Grpc.fail(request, Grpc.Status.INTERNAL, "malformed RateLimitRequest: " + e.getMessage());
    } catch (RuntimeException e) {
      failed(request, e);
    }
  }

  /** One message and nothing behind it, as it is. */
  private static boolean isWhole(HttpServerRequest request, byte[] bytes, int from, int to) {
    if (to - from < AnswerWriter.FRAME_HEAD) {
      Grpc.fail(request, Grpc.Status.INTERNAL, "the message ends too early");
      return false;
    }
    if (bytes[from] != 0) {
      Grpc.fail(request, Grpc.Status.UNIMPLEMENTED, "compressed messages are not read");
      return false;
    }
    int length =
        (bytes[from + 1] & 0xff) << 24
            | (bytes[from + 2] & 0xff) << 16
            | (bytes[from + 3] & 0xff) << 8
            | bytes[from + 4] & 0xff;
    if (length != to - from - AnswerWriter.FRAME_HEAD) {
      Grpc.fail(request, Grpc.Status.INTERNAL, "expected: one whole message");
      return false;
    }
    return true;
  }

  private void answer(HttpServerRequest request, Connection connection, Query query) {
    // The words of the reference service, which says no more than that it does not know.
    if (query.domain().isEmpty()) {
      Grpc.fail(request, Grpc.Status.UNKNOWN, "rate limit domain must not be empty");
      return;
    }
    if (query.descriptors().isEmpty()) {
      Grpc.fail(request, Grpc.Status.UNKNOWN, "rate limit descriptor list must not be empty");
      return;
    }
    RateLimiter limiter = judge.limiter();
    if (!limiter.policies().loaded()) {
      Grpc.fail(request, Grpc.Status.UNKNOWN, "no rate limit configuration loaded");
      return;
    }
    if (!tokens.open() && !mayDoAll(request, query)) {
      return;
    }
    if (charging.isPlain(query)) {
      CompletableFuture<Decision> decision = charging.check(limiter, query);
      then(request, connection, decision, made -> answer(request, made));
    } else {
      Charging.Parts parts = charging.charge(limiter, query);
      then(request, connection, parts.all(), done -> send(request, parts.judgement()));
    }
  }

  private boolean mayDoAll(HttpServerRequest request, Query query) {
    boolean overrides = false;
    boolean gives = false;
    for (Query.Asked asked : query.descriptors()) {
      overrides |= asked.override();
      gives |= asked.negative();
    }
    return (!overrides || permitted(request, Tokens.Scope.OVERRIDE))
        && (!gives || permitted(request, Tokens.Scope.REFUND));
  }

  private void answer(HttpServerRequest request, Decision decision) {
    Judgement judgement = new Judgement(1);
    judgement.all(decision);
    send(request, judgement);
  }

  private void send(HttpServerRequest request, Judgement judgement) {
    Grpc.answer(request, writer.frame(judgement));
  }

  /* What is decided is answered at once, and what is not, on the event loop of the request. */
  private <T> void then(
      HttpServerRequest request,
      Connection connection,
      CompletableFuture<T> future,
      Consumer<T> next) {
    if (future.isDone() && !future.isCompletedExceptionally()) {
      next.accept(future.join());
      return;
    }
    new FullCall(request, connection)
        .await(future, (value, error) -> goOn(request, value, error, next));
  }

  private static <T> void goOn(
      HttpServerRequest request, @Nullable T value, @Nullable Throwable error, Consumer<T> next) {
    if (error != null) {
      failed(request, error);
      return;
    }
    try {
      next.accept(value);
    } catch (RuntimeException e) {
      failed(request, e);
    }
  }

  private static void failed(HttpServerRequest request, Throwable error) {
    Throwable cause = Causes.of(error);
    if (cause instanceof IllegalArgumentException) {
      Grpc.fail(request, Grpc.Status.INVALID_ARGUMENT, String.valueOf(cause.getMessage()));
    } else {
      LOG.error("answering {}", METHOD, cause);
      Grpc.fail(request, Grpc.Status.INTERNAL, "The request could not be judged.");
    }
  }
}
