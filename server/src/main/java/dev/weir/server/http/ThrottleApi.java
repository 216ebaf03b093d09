// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.http;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.RateLimiter;
import dev.weir.core.RequestedLimit;
import dev.weir.server.wire.Answers;
import dev.weir.server.wire.BadRequest;
import dev.weir.server.wire.Body;
import dev.weir.server.wire.ByteWriter;
import dev.weir.server.wire.Causes;
import dev.weir.server.wire.Connection;
import dev.weir.server.wire.Express;
import dev.weir.server.wire.FrontEnd;
import dev.weir.server.wire.Judge;
import dev.weir.server.wire.Problem;
import dev.weir.server.wire.QuickCall;
import dev.weir.server.wire.RequestHead;
import dev.weir.server.wire.RequestedLimits;
import dev.weir.server.wire.Tokens;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /throttle} as throttlecrab serves it: a token bucket that the request brings. One per
 * event loop; not safe for several threads.
 */
public final class ThrottleApi implements FrontEnd, Express {

  private static final Logger LOG = LoggerFactory.getLogger(ThrottleApi.class);
  private static final String PATH = "/throttle";
  private static final byte[] TARGET = ascii(PATH);
  private static final byte[] JSON_FIELD = ascii("content-type: application/json\r\n");
  private static final Problem UNJUDGED = Problem.of(500, "The request could not be judged.");
  private static final String EXPECTED = "key, max_burst, count_per_period, period, quantity";

  /** What a body asks. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Asked(byte[] key, RequestedLimit limit, long cost) {
    boolean asksOnly() {
      return cost == 0;
    }

    List<Descriptor> descriptors() {
      String text = new String(key, StandardCharsets.UTF_8);
      return List.of(
          Descriptor.of(RequestedLimits.DOMAIN, RateLimiter.DEFAULT_KEY, text)
              .withLimit(limit.limit()));
    }
  }

  private final Judge judge;
  private final int maxBodyBytes;
  private final Tokens tokens;
  private final RequestedLimits limits;
  private final JsonReader json = new JsonReader(name -> name.isEmpty() ? "body" : name);
  private final ByteWriter out = new ByteWriter();

  /**
   * @param judge who decides
   * @param maxBodyBytes the longest body
   * @param tokens who may use it; needs the scope {@code override}
   */
  public ThrottleApi(Judge judge, int maxBodyBytes, Tokens tokens) {
    this.judge = requireNonNull(judge, "judge");
    this.maxBodyBytes = maxBodyBytes;
    this.tokens = requireNonNull(tokens, "tokens");
    this.limits = new RequestedLimits(judge::limiter);
  }

  @Override
  public boolean handle(HttpServerRequest request, String path, Connection connection) {
    if (!path.equals(PATH)) {
      return false;
    }
    if (Answers.refused(request, tokens, Tokens.Scope.OVERRIDE)) {
      return true;
    }
    if (request.method() != HttpMethod.POST) {
      request.response().putHeader("Allow", "POST");
      Answers.problem(request, Problem.of(405, "method: " + request.method() + " on " + path));
    } else if (Wish.accepts(request)) {
      Body.collect(request, connection, maxBodyBytes, this::receive);
    }
    return true;
  }

  /** A plain request goes the short way; a mistake, or a token, the full one. */
  @Override
  public Outcome answer(QuickCall call) {
    RequestHead head = call.head();
    if (!head.isFor(TARGET) || head.method() != RequestHead.Method.POST) {
      return Outcome.PASSED;
    }
    if (!tokens.open() || head.contentLength() > maxBodyBytes || !Wish.isPlain(head)) {
      return Outcome.LEFT;
    }
    long begin = judge.begin();
    try {
      Asked asked = read(call.bytes(), call.bodyFrom(), call.bodyTo());
      if (judge.limiter().immediate()) {
        Decision decision = asked.limit.check(asked.key, 0, asked.key.length, asked.cost);
        judge.end(begin, asked::descriptors, decision);
        answer(call, asked, decision);
        return Outcome.ANSWERED;
      }
      call.await(
          ask(begin, asked),
          (decision, error) -> {
            if (decision != null) {
              answer(call, asked, decision);
            } else {
              LOG.error("answering {}", PATH, error);
              call.failed(UNJUDGED);
            }
          });
      return Outcome.ANSWERED;
    } catch (IllegalArgumentException | BadRequest e) {
      return Outcome.LEFT;
    }
  }

  private CompletionStage<Decision> ask(long begin, Asked asked) {
    return judge.timed(
        begin,
        asked::descriptors,
        asked.limit.checkAsync(asked.key, 0, asked.key.length, asked.cost));
  }

  private void answer(QuickCall call, Asked asked, Decision decision) {
    write(asked, decision);
    call.line(JSON_FIELD);
    call.end(out);
  }

  private void receive(HttpServerRequest request, byte[] bytes, int from, int to) {
    long begin = judge.begin();
    try {
      Asked asked = read(bytes, from, to);
      CompletableFuture<Decision> future = ask(begin, asked).toCompletableFuture();
      if (future.isDone()) {
        answer(request, asked, future.join());
        return;
      }
      var context = ((HttpServerRequestInternal) request).context();
      var unused =
          future.whenComplete(
              (decision, error) ->
                  context.emit(ignored -> answered(request, asked, decision, error)));
    } catch (RuntimeException e) {
      failed(request, e);
    }
  }

  private void answered(
      HttpServerRequest request,
      Asked asked,
      @Nullable Decision decision,
      @Nullable Throwable error) {
    if (decision != null) {
      answer(request, asked, decision);
    } else {
      failed(request, requireNonNull(error, "error"));
    }
  }

  private void answer(HttpServerRequest request, Asked asked, Decision decision) {
    write(asked, decision);
    request.response().putHeader(HttpHeaders.CONTENT_TYPE, Answers.JSON);
    request.response().end(out.toBuffer());
  }

  /** A mistake is the client's, told as a problem and, as throttlecrab does, as an error. */
  private static void failed(HttpServerRequest request, Throwable error) {
    Throwable cause = Causes.of(error);
    if (cause instanceof BadRequest bad) {
      Answers.problem(request, bad.problem().with("error", bad.problem().detail()));
    } else if (cause instanceof IllegalArgumentException) {
      String message = String.valueOf(cause.getMessage());
      Answers.problem(request, Problem.of(400, message).with("error", message));
    } else {
      LOG.error("answering {}", PATH, cause);
      Answers.problem(request, UNJUDGED);
    }
  }

  private void write(Asked asked, Decision decision) {
    boolean allowed = decision.allowed() || asked.asksOnly();
    out.clear().text(allowed ? "{\"allowed\":true" : "{\"allowed\":false");
    out.text(",\"limit\":").number(asked.limit.limit().algorithm().limit());
    out.text(",\"remaining\":").number(decision.remaining());
    out.text(",\"reset_after\":").number(RequestedLimits.resetSeconds(decision));
    out.text(",\"retry_after\":").number(allowed ? 0 : RequestedLimits.retrySeconds(decision));
    out.character('}');
  }

  private Asked read(byte[] bytes, int from, int to) {
    json.reset(bytes, from, to);
    json.expect('{', "", "a JSON object");
    String key = null;
    long burst = 0;
    long count = 0;
    long period = 0;
    long quantity = 1;
    int seen = 0;
    if (!json.skip('}')) {
      do {
        String name = json.field("");
        int bit =
            switch (name) {
              case "key" -> {
                key = json.string(name);
                yield 1;
              }
              case "max_burst" -> {
                burst = number(name);
                yield 2;
              }
              case "count_per_period" -> {
                count = number(name);
                yield 4;
              }
              case "period" -> {
                period = number(name);
                yield 8;
              }
              case "quantity" -> {
                quantity = json.isNull() ? 1 : json.number(name, 0, Long.MAX_VALUE);
                yield 16;
              }
              default -> throw BadRequest.at("field", name, EXPECTED, json.position());
            };
        if ((seen & bit) != 0) {
          throw BadRequest.at(name, "twice", "once", json.position());
        }
        seen |= bit;
      } while (json.another('}', ""));
    }
    json.atEnd();
    if (key == null || (seen & 15) != 15) {
      throw BadRequest.of("body", "incomplete", EXPECTED + ", of which quantity may be left out");
    }
    RequestedLimit limit = limits.of(burst, count, period);
    return new Asked(
        key.getBytes(StandardCharsets.UTF_8), limit, RequestedLimits.cost(quantity, burst));
  }

  private long number(String name) {
    return json.number(name, 1, (1L << 53) - 1);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
