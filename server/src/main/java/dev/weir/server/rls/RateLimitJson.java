// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.rls;

import static java.util.Objects.requireNonNull;

import dev.weir.core.RateLimiter;
import dev.weir.server.wire.Answers;
import dev.weir.server.wire.Body;
import dev.weir.server.wire.Causes;
import dev.weir.server.wire.Connection;
import dev.weir.server.wire.FrontEnd;
import dev.weir.server.wire.FullCall;
import dev.weir.server.wire.HeaderProfile;
import dev.weir.server.wire.Judge;
import dev.weir.server.wire.Problem;
import dev.weir.server.wire.Tokens;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Envoy's rate limit service for those who do not speak gRPC: {@code POST /json} takes a {@code
 * RateLimitRequest} in the JSON of Protocol Buffers and answers 200, or 429 if it is over a limit;
 * {@code GET /healthcheck} tells whether it is ready to. One per event loop; not safe for several
 * threads.
 */
public final class RateLimitJson implements FrontEnd {

  private static final Logger LOG = LoggerFactory.getLogger(RateLimitJson.class);

  private final Judge judge;
  private final Tokens tokens;
  private final int maxBytes;
  private final Charging charging;
  private final JudgementJson writer;
  private final BooleanSupplier draining;

  /**
   * @param judge who decides
   * @param profile the fields that answers hold, if the settings want any
   * @param settings what answers say
   * @param maxBodyBytes the longest body
   * @param tokens who may use it
   * @param draining whether the process is about to end
   */
  public RateLimitJson(
      Judge judge,
      HeaderProfile profile,
      RlsSettings settings,
      int maxBodyBytes,
      Tokens tokens,
      BooleanSupplier draining) {
    this.judge = requireNonNull(judge, "judge");
    this.tokens = requireNonNull(tokens, "tokens");
    this.maxBytes = maxBodyBytes;
    this.charging = new Charging(judge, settings.chargesAll());
    this.writer = new JudgementJson(profile, settings.fields());
    this.draining = requireNonNull(draining, "draining");
  }

  @Override
  public boolean handle(HttpServerRequest request, String path, Connection connection) {
    switch (path) {
      case "/json" -> {
        if (allows(request, HttpMethod.POST) && permitted(request, Tokens.Scope.CHECK)) {
          Body.collect(
              request,
              connection,
              maxBytes,
              (complete, bytes, from, to) -> receive(complete, connection, bytes, from, to));
        }
      }
      case "/healthcheck" -> {
        if (allows(request, HttpMethod.GET)) {
          healthcheck(request);
        }
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private static boolean allows(HttpServerRequest request, HttpMethod method) {
    boolean head = method == HttpMethod.GET && request.method() == HttpMethod.HEAD;
    if (request.method() == method || head) {
      return true;
    }
    request.response().putHeader("Allow", method.name());
    Answers.problem(request, Problem.of(405, "method: " + request.method()));
    return false;
  }

  private boolean permitted(HttpServerRequest request, Tokens.Scope scope) {
    return tokens.open() || !Answers.refused(request, tokens, scope);
  }

  private void healthcheck(HttpServerRequest request) {
    boolean healthy = !draining.getAsBoolean() && judge.limiter().policies().loaded();
    request.response().setStatusCode(healthy ? 200 : 500);
    request.response().putHeader(HttpHeaders.CONTENT_TYPE, Answers.TEXT);
    request.response().end(healthy ? "OK" : "");
  }

  private void receive(
      HttpServerRequest request, Connection connection, byte[] bytes, int from, int to) {
    try {
      answer(request, connection, QueryJson.read(bytes, from, to));
    } catch (RuntimeException e) {
      failed(request, e);
    }
  }

  private void answer(HttpServerRequest request, Connection connection, Query query) {
    if (query.domain().isEmpty()) {
      throw new IllegalArgumentException("rate limit domain must not be empty");
    }
    if (query.descriptors().isEmpty()) {
      throw new IllegalArgumentException("rate limit descriptor list must not be empty");
    }
    RateLimiter limiter = judge.limiter();
    if (!limiter.policies().loaded()) {
      Answers.problem(request, Problem.of(500, "no rate limit configuration loaded"));
      return;
    }
    boolean overrides = query.descriptors().stream().anyMatch(Query.Asked::override);
    boolean gives = query.descriptors().stream().anyMatch(Query.Asked::negative);
    if ((overrides && !permitted(request, Tokens.Scope.OVERRIDE))
        || (gives && !permitted(request, Tokens.Scope.REFUND))) {
      return;
    }
    Charging.Parts parts = charging.charge(limiter, query);
    var all = parts.all();
    if (all.isDone() && !all.isCompletedExceptionally()) {
      send(request, parts.judgement());
      return;
    }
    new FullCall(request, connection).await(all, (done, error) -> finish(request, parts, error));
  }

  private void finish(HttpServerRequest request, Charging.Parts parts, @Nullable Throwable error) {
    if (error == null) {
      send(request, parts.judgement());
    } else {
      failed(request, error);
    }
  }

  private void send(HttpServerRequest request, Judgement judgement) {
    if (request.response().ended() || request.response().closed()) {
      return;
    }
    request.response().setStatusCode(judgement.denied() ? 429 : 200);
    request.response().putHeader(HttpHeaders.CONTENT_TYPE, Answers.JSON);
    request.response().putHeader(HttpHeaders.CACHE_CONTROL, Answers.NO_STORE);
    request.response().end(Answers.buffer(writer.bytes(judgement)));
  }

  private static void failed(HttpServerRequest request, Throwable error) {
    Throwable cause = Causes.of(error);
    if (cause instanceof IllegalArgumentException) {
      Answers.problem(request, Problem.of(400, String.valueOf(cause.getMessage())));
    } else {
      LOG.error("answering /json", cause);
      Answers.problem(request, Problem.of(500, "The request could not be judged."));
    }
  }
}
