// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.http;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.LimitState;
import dev.weir.core.RateLimiter;
import dev.weir.core.Receipt;
import dev.weir.server.wire.Answers;
import dev.weir.server.wire.BadRequest;
import dev.weir.server.wire.Body;
import dev.weir.server.wire.ByteWriter;
import dev.weir.server.wire.Causes;
import dev.weir.server.wire.Connection;
import dev.weir.server.wire.Denials;
import dev.weir.server.wire.Express;
import dev.weir.server.wire.FrontEnd;
import dev.weir.server.wire.FullCall;
import dev.weir.server.wire.HeaderProfile;
import dev.weir.server.wire.Judge;
import dev.weir.server.wire.Problem;
import dev.weir.server.wire.Query;
import dev.weir.server.wire.QuickCall;
import dev.weir.server.wire.RequestHead;
import dev.weir.server.wire.Tokens;
import dev.weir.server.wire.Unguarded;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The decision API: checks, peeks, records, holds and refunds as JSON over HTTP, under {@code /v1}.
 * One per event loop; not safe for several threads.
 */
public final class DecisionApi implements FrontEnd, Express {

  private static final Logger LOG = LoggerFactory.getLogger(DecisionApi.class);
  private static final String PREFIX = "/v1/";

  // What a plain check says and is answered.
  private static final byte[] CHECK = ascii("/v1/check");
  private static final byte[] JSON_FIELD = ascii("content-type: application/json\r\n");

  private static final Problem UNJUDGED = Problem.of(500, "The request could not be judged.");
  private static final Duration DEFAULT_HOLD = Duration.ofSeconds(30);

  /** Judges one kind of check. */
  private interface Judgement {
    CompletionStage<Decision> judge(RateLimiter limiter, CheckReader.Check check);
  }

  private final Judge judge;
  private final HeaderProfile profile;
  private final int maxBodyBytes;
  private final Tokens tokens;
  private final CheckReader reader = new CheckReader();
  private final DecisionWriter writer = new DecisionWriter();
  private final ByteWriter out = new ByteWriter();
  private final Body.Receiver check =
      guarded((request, bytes, from, to) -> single(request, bytes, from, to, DecisionApi::check));
  private final Body.Receiver peek =
      guarded((request, bytes, from, to) -> single(request, bytes, from, to, DecisionApi::peek));
  private final Body.Receiver record =
      guarded((request, bytes, from, to) -> single(request, bytes, from, to, DecisionApi::record));
  private final Body.Receiver checks = guarded(this::checks);
  private final Body.Receiver refund = guarded(this::refund);
  private final Body.Receiver hold = guarded(this::hold);
  private final Body.Receiver renew = guarded(this::renew);
  private final Body.Receiver release = guarded(this::release);

  /**
   * @param judge who decides
   * @param profile the fields of a denial that is asked for as a status
   * @param maxBodyBytes the longest body
   * @param tokens who may use it
   */
  public DecisionApi(Judge judge, HeaderProfile profile, int maxBodyBytes, Tokens tokens) {
    this.tokens = requireNonNull(tokens, "tokens");
    this.judge = requireNonNull(judge, "judge");
    this.profile = requireNonNull(profile, "profile");
    this.maxBodyBytes = maxBodyBytes;
  }

  @Override
  public boolean handle(HttpServerRequest request, String path, Connection connection) {
    if (!path.startsWith(PREFIX)) {
      return path.equals(OpenApiPage.PATH) && OpenApiPage.answer(request);
    }
    boolean isCheck = path.equals("/v1/check");
    Body.Receiver receiver = isCheck ? check : receiver(path);
    if (receiver == null) {
      return false;
    }
    if (refused(request, path)) {
      return true;
    }
    HttpMethod method = request.method();
    if (method == HttpMethod.POST) {
      if (Wish.accepts(request)) {
        Body.collect(request, connection, maxBodyBytes, receiver);
      }
    } else if (isCheck && method == HttpMethod.GET) {
      if (Wish.acceptsAnswer(request)) {
        plain(request);
      }
    } else {
      request.response().putHeader("Allow", isCheck ? "GET, POST" : "POST");
      Answers.problem(request, Problem.of(405, "method: " + method + " on " + path));
    }
    return true;
  }

  private boolean refused(HttpServerRequest request, String path) {
    Tokens.Scope scope = path.equals("/v1/refund") ? Tokens.Scope.REFUND : Tokens.Scope.CHECK;
    return Answers.refused(request, tokens, scope);
  }

  /**
   * A plain check goes the short way. Whoever brings a mistake, or asks for anything beside, goes
   * the full way: nothing is charged before the body is read to its end.
   */
  @Override
  public Outcome answer(QuickCall call) {
    RequestHead head = call.head();
    if (!head.isFor(CHECK) || head.method() != RequestHead.Method.POST) {
      return Outcome.PASSED;
    }
    if (!tokens.open() || head.contentLength() > maxBodyBytes || !Wish.isPlain(head)) {
      return Outcome.LEFT;
    }
    RateLimiter limiter = judge.limiter();
    long begin = judge.begin();
    try {
      CheckReader.Check check =
          reader.check(call.bytes(), call.bodyFrom(), call.bodyTo(), CheckReader.CHECK);
      if (limiter.immediate()) {
        Decision decision = limiter.check(check.descriptors());
        judge.end(begin, check.descriptors(), decision);
        answer(call, decision, check.states());
      } else {
        ask(call, limiter.checkAsync(check.descriptors()), check, begin);
      }
    } catch (IllegalArgumentException | BadRequest e) {
      return Outcome.LEFT;
    }
    return Outcome.ANSWERED;
  }

  private void ask(
      QuickCall call, CompletionStage<Decision> stage, CheckReader.Check check, long begin) {
    CompletableFuture<Decision> future = stage.toCompletableFuture();
    if (future.isDone() && !future.isCompletedExceptionally()) {
      judge.end(begin, check.descriptors(), future.join());
      answer(call, future.join(), check.states());
      return;
    }
    call.await(
        future,
        (decision, error) -> {
          if (decision != null) {
            judge.end(begin, check.descriptors(), decision);
            answer(call, decision, check.states());
          } else {
            judge.failed(begin);
            LOG.error("answering {}", Query.path(call.target()), error);
            call.failed(UNJUDGED);
          }
        });
  }

  private void answer(QuickCall call, Decision decision, boolean states) {
    writer.write(out.clear(), decision, states);
    call.line(JSON_FIELD);
    call.end(out);
  }

  private Body.@org.jspecify.annotations.Nullable Receiver receiver(String path) {
    return switch (path) {
      case "/v1/checks" -> checks;
      case "/v1/peek" -> peek;
      case "/v1/record" -> record;
      case "/v1/refund" -> refund;
      case "/v1/hold" -> hold;
      case "/v1/renew" -> renew;
      case "/v1/release" -> release;
      default -> null;
    };
  }

  /** A body's mistake is the client's; anything else is ours, and the client sees only that. */
  private static Body.Receiver guarded(Body.Receiver receiver) {
    return (request, bytes, from, to) -> {
      try {
        receiver.receive(request, bytes, from, to);
      } catch (BadRequest e) {
        Answers.problem(request, e.problem());
      } catch (RuntimeException e) {
        failed(request, e);
      }
    };
  }

  private static void failed(HttpServerRequest request, Throwable error) {
    Throwable cause = Causes.of(error);
    if (cause instanceof BadRequest bad) {
      Answers.problem(request, bad.problem());
    } else if (cause instanceof IllegalArgumentException) {
      Answers.problem(request, Problem.of(400, String.valueOf(cause.getMessage())));
    } else {
      LOG.error("answering {}", request.path(), cause);
      Answers.problem(request, UNJUDGED);
    }
  }

  private void single(
      HttpServerRequest request, byte[] bytes, int from, int to, Judgement judgement) {
    Wish wish = Wish.of(request);
    CheckReader.Check check = reader.check(bytes, from, to, CheckReader.CHECK);
    boolean states = check.states() || wish.states();
    long begin = judge.begin();
    then(
        request,
        judge.timed(begin, check.descriptors(), judgement.judge(judge.limiter(), check)),
        (answered, decision) -> answer(answered, decision, states, wish.denialAsStatus()));
  }

  private static CompletionStage<Decision> check(RateLimiter limiter, CheckReader.Check check) {
    return limiter.checkAsync(check.descriptors());
  }

  private static CompletionStage<Decision> peek(RateLimiter limiter, CheckReader.Check check) {
    return limiter.peekAsync(check.descriptors());
  }

  private static CompletionStage<Decision> record(RateLimiter limiter, CheckReader.Check check) {
    return limiter.recordAsync(check.descriptors());
  }

  /** A check in the query: the domain, the cost, and every other parameter an entry. */
  private void plain(HttpServerRequest request) {
    try {
      CheckQuery query = CheckQuery.of(Query.parameters(Query.query(request.uri())));
      List<Descriptor> descriptors = List.of(query.descriptor());
      long begin = judge.begin();
      then(
          request,
          judge.timed(begin, descriptors, judge.limiter().checkAsync(descriptors)),
          (answered, decision) ->
              answer(answered, decision, query.states(), query.denialAsStatus()));
    } catch (BadRequest e) {
      Answers.problem(request, e.problem());
    } catch (RuntimeException e) {
      failed(request, e);
    }
  }

  private void checks(HttpServerRequest request, byte[] bytes, int from, int to) {
    Wish wish = Wish.of(request);
    if (wish.denialAsStatus()) {
      throw BadRequest.of("query", "denial", "verbose; each check of a batch has its own answer");
    }
    List<CheckReader.Check> checks = reader.checks(bytes, from, to);
    RateLimiter current = judge.limiter();
    long begin = judge.begin();
    for (CheckReader.Check check : checks) {
      // One mistake refuses the batch, and then nothing of it may have been charged.
      current.validate(check.descriptors());
    }
    Decision[] decisions = new Decision[checks.size()];
    CompletableFuture<?>[] open = new CompletableFuture<?>[checks.size()];
    int waiting = 0;
    for (int i = 0; i < decisions.length; i++) {
      int index = i;
      CompletableFuture<Decision> judged =
          current.checkAsync(checks.get(i).descriptors()).toCompletableFuture();
      if (judged.isDone()) {
        decisions[i] = judged.join();
      } else {
        open[waiting++] = judged.thenAccept(decision -> decisions[index] = decision);
      }
    }
    CompletionStage<Void> all =
        waiting == 0 ? DONE : CompletableFuture.allOf(Arrays.copyOf(open, waiting));
    then(
        request,
        all,
        (answered, done) -> {
          judge.end(begin, checks.stream().map(CheckReader.Check::descriptors).toList(), decisions);
          answer(answered, checks, decisions, wish.states());
        });
  }

  private static final CompletionStage<Void> DONE = CompletableFuture.completedFuture(null);

  private void refund(HttpServerRequest request, byte[] bytes, int from, int to) {
    List<String> texts = reader.receipts(bytes, from, to);
    List<Receipt> receipts = new ArrayList<>(texts.size());
    for (int i = 0; i < texts.size(); i++) {
      receipts.add(Receipts.read(texts.get(i), i));
    }
    then(
        request,
        judge.limiter().refundAsync(receipts),
        (answered, amount) -> number(answered, "{\"refunded\":", amount));
  }

  private void hold(HttpServerRequest request, byte[] bytes, int from, int to) {
    Wish wish = Wish.of(request);
    CheckReader.Check check = reader.check(bytes, from, to, CheckReader.HOLD);
    String id = check.id() == null ? UUID.randomUUID().toString() : check.id();
    holdAs(request, wish, check, id);
  }

  private void renew(HttpServerRequest request, byte[] bytes, int from, int to) {
    Wish wish = Wish.of(request);
    CheckReader.Check check = reader.check(bytes, from, to, CheckReader.HOLD);
    if (check.id() == null) {
      throw BadRequest.of("id", "missing", "the id of the hold");
    }
    then(
        request,
        judge.limiter().renewAsync(check.descriptors(), check.id(), ttl(check)),
        (answered, decision) ->
            answer(answered, decision, check.states() || wish.states(), wish.denialAsStatus()));
  }

  private void holdAs(HttpServerRequest request, Wish wish, CheckReader.Check check, String id) {
    then(
        request,
        judge.limiter().holdAsync(check.descriptors(), id, ttl(check)),
        (answered, decision) -> {
          if (denied(answered, decision, wish.denialAsStatus())) {
            return;
          }
          writer.write(
              out.clear().text("{\"id\":").quoted(id).text(",\"decision\":"),
              decision,
              check.states() || wish.states());
          send(answered, out.character('}'));
        });
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static Duration ttl(CheckReader.Check check) {
    return check.ttlMillis() == 0 ? DEFAULT_HOLD : Duration.ofMillis(check.ttlMillis());
  }

  private void release(HttpServerRequest request, byte[] bytes, int from, int to) {
    CheckReader.Check check = reader.check(bytes, from, to, CheckReader.RELEASE);
    if (check.id() == null) {
      throw BadRequest.of("id", "missing", "the id of the hold");
    }
    then(
        request,
        judge.limiter().releaseAsync(check.descriptors(), check.id()),
        (answered, decision) -> number(answered, "{\"released\":", released(decision)));
  }

  private static long released(Decision decision) {
    long amount = 0;
    for (LimitState state : decision.states()) {
      amount += state.verdict().amount();
    }
    return amount;
  }

  /** Goes on at once if the stage is complete, as it is in memory; else on the event loop. */
  private static <T> void then(
      HttpServerRequest request, CompletionStage<T> stage, BiConsumer<HttpServerRequest, T> next) {
    CompletableFuture<T> future = stage.toCompletableFuture();
    if (future.isDone()) {
      next.accept(request, future.join());
      return;
    }
    var context = ((HttpServerRequestInternal) request).context();
    var unused =
        future.whenComplete(
            (value, error) ->
                context.emit(
                    ignored -> {
                      if (error == null) {
                        next.accept(request, value);
                      } else {
                        failed(request, error);
                      }
                    }));
  }

  private void answer(
      HttpServerRequest request, Decision decision, boolean states, boolean denialAsStatus) {
    if (denied(request, decision, denialAsStatus)) {
      return;
    }
    writer.write(out.clear(), decision, states);
    send(request, out);
  }

  private boolean denied(HttpServerRequest request, Decision decision, boolean denialAsStatus) {
    if (decision.allowed() || !denialAsStatus) {
      return false;
    }
    Denials.head(new FullCall(request, Unguarded.INSTANCE), decision, profile);
    Answers.problem(request, Denials.problem(decision));
    return true;
  }

  private void answer(
      HttpServerRequest request,
      List<CheckReader.Check> checks,
      Decision[] decisions,
      boolean states) {
    out.clear().text("{\"results\":[");
    for (int i = 0; i < decisions.length; i++) {
      if (i > 0) {
        out.character(',');
      }
      writer.write(out, decisions[i], states || checks.get(i).states());
    }
    send(request, out.text("]}"));
  }

  private void number(HttpServerRequest request, String head, long amount) {
    send(request, out.clear().text(head).number(amount).character('}'));
  }

  private static void send(HttpServerRequest request, ByteWriter out) {
    HttpServerResponse response = request.response();
    response.putHeader(HttpHeaders.CONTENT_TYPE, Answers.JSON);
    response.end(out.toBuffer());
  }
}
