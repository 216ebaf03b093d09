// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.server.identity.Callers;
import dev.weir.server.wire.Answers;
import dev.weir.server.wire.BadRequest;
import dev.weir.server.wire.ByteWriter;
import dev.weir.server.wire.Call;
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
import dev.weir.server.wire.SecurityLog;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves routes: identifies, checks, and then answers or passes on. One per event loop; not safe
 * for several threads.
 */
public final class Gateway implements FrontEnd, Express {

  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
  private static final Logger DECISIONS = LoggerFactory.getLogger("dev.weir.decisions");

  /**
   * What all routes of a listener share.
   *
   * @param listener its name
   * @param clients how a client's address is found
   * @param fields the rate limit fields of a route that names none
   * @param notFound what an unknown path answers, if not a problem
   * @param wrongMethod what a known path with another method answers, if not a problem
   * @param banned what a banned address is answered, if not a problem
   */
  public record Settings(
      String listener,
      ClientAddress clients,
      HeaderProfile fields,
      Optional<Answer> notFound,
      Optional<Answer> wrongMethod,
      Optional<Answer> banned) {}

  private final RouteTable routes;
  private final Settings settings;
  private final Judge judge;
  private final Entrance entrance;
  private final Supplier<Optional<String>> storeError;
  private final Proxy proxy;
  private final ByteWriter out = new ByteWriter();

  /**
   * @param judge who decides
   * @param callers who calls
   * @param security hears of bad keys and banned addresses
   * @param storeError tells why the store cannot be reached, if it cannot
   */
  public Gateway(
      List<Route> routes,
      Settings settings,
      Judge judge,
      Callers callers,
      SecurityLog security,
      Supplier<Optional<String>> storeError,
      Proxy proxy) {
    this.routes = new RouteTable(routes);
    this.settings = requireNonNull(settings, "settings");
    this.judge = requireNonNull(judge, "judge");
    this.entrance = new Entrance(callers, settings, security, out);
    this.storeError = requireNonNull(storeError, "storeError");
    this.proxy = requireNonNull(proxy, "proxy");
  }

  @Override
  public boolean handle(HttpServerRequest request, String sent, Connection connection) {
    try {
      String path = CanonicalPath.of(sent);
      Optional<RouteTable.Found> found = routes.find(path, request.method().name());
      if (found.isEmpty()) {
        return false;
      }
      Exchange exchange =
          exchange(new FullCall(request, connection), path, found.get().variables());
      Route route = found.get().route();
      if (route == null) {
        wrongMethod(exchange, found.get());
      } else {
        serve(route, exchange);
      }
    } catch (BadRequest e) {
      Answers.problem(request, e.problem());
    } catch (RuntimeException e) {
      failed(request, e);
    }
    return true;
  }

  /** Routes that answer by themselves do so as soon as the decision is there. */
  @Override
  public Outcome answer(QuickCall call) {
    String path = Query.path(call.target());
    if (!path.equals(quickly(path))) {
      return Outcome.LEFT;
    }
    Optional<RouteTable.Found> found = routes.find(path, call.method());
    if (found.isEmpty()) {
      return Outcome.PASSED;
    }
    Route route = found.get().route();
    // The short way knows bytes, and not who sent them.
    if (route == null
        || route.action() instanceof Route.Action.Upstream
        || route.identity().byCertificate()) {
      return Outcome.LEFT;
    }
    try {
      serve(route, exchange(call, path, found.get().variables()));
    } catch (BadRequest e) {
      call.failed(e.problem());
    } catch (RuntimeException e) {
      LOG.error("answering {}", path, e);
      call.failed(Problem.BROKEN);
    }
    return Outcome.ANSWERED;
  }

  /** The path as routes know it; another text if it is broken, which the full way tells. */
  private static String quickly(String path) {
    try {
      return CanonicalPath.of(path);
    } catch (BadRequest e) {
      return "";
    }
  }

  Exchange exchange(Call call, String path, Map<String, String> variables) {
    return new Exchange(call, path, variables, settings.clients, judge.time());
  }

  /**
   * Answers a path that nobody serves, if the listener says how.
   *
   * @return whether the request is answered
   */
  public boolean notFound(HttpServerRequest request, String path, Connection connection) {
    settings.notFound.ifPresent(
        answer -> answer.send(exchange(new FullCall(request, connection), path, Map.of()), out));
    return settings.notFound.isPresent();
  }

  private void wrongMethod(Exchange exchange, RouteTable.Found found) {
    Call call = exchange.call;
    call.field("Allow", String.join(", ", new TreeSet<>(found.methods())));
    if (settings.wrongMethod.isPresent()) {
      settings.wrongMethod.get().send(exchange, out);
    } else {
      call.problem(Problem.of(405, "method: " + call.method() + " on " + exchange.path));
    }
  }

  /** The route of a path and a method. */
  Optional<RouteTable.Found> find(String path, String method) {
    return routes.find(path, method);
  }

  void serve(Route route, Exchange exchange) {
    serve(route, exchange, () -> descriptors(route, exchange));
  }

  /** Serves a route that charges something else than its own check. */
  void serve(Route route, Exchange exchange, Supplier<List<Descriptor>> charged) {
    if (!entrance.admits(route, exchange)) {
      return;
    }
    List<Descriptor> descriptors = charged.get();
    if (descriptors.isEmpty()) {
      act(route, exchange);
    } else if (route.action() instanceof Route.Action.Peek) {
      then(
          exchange,
          judge.limiter().peekAsync(descriptors),
          decision -> {
            exchange.decided(decision);
            act(route, exchange);
          });
    } else {
      then(
          exchange,
          judge.timed(
              judge.begin(),
              descriptors,
              judge.limiter().checkAsync(descriptors),
              () -> Optional.of(exchange.requestId())),
          decision -> {
            exchange.decided(decision);
            decided(route, exchange, decision);
          });
    }
  }

  /** What a route charges a request. */
  static List<Descriptor> descriptors(Route route, Exchange exchange) {
    List<Descriptor> descriptors = new ArrayList<>(route.check().size());
    for (DescriptorTemplate template : route.check()) {
      template.fill(exchange).ifPresent(descriptors::add);
    }
    return descriptors;
  }

  private void decided(Route route, Exchange exchange, Decision decision) {
    if (decision.allowed()) {
      log(route.log().allowed(), exchange);
      act(route, exchange);
    } else {
      log(route.log().denied(), exchange);
      deny(route, exchange, decision);
    }
  }

  private static void log(Optional<Template> line, Exchange exchange) {
    if (line.isPresent() && DECISIONS.isInfoEnabled()) {
      DECISIONS.info("{}", line.get().line(exchange));
    }
  }

  private void deny(Route route, Exchange exchange, Decision decision) {
    Call call = exchange.call;
    Denials.head(call, decision, profile(route));
    boolean quota = Denials.status(decision) == Denials.TOO_MANY_REQUESTS;
    if (route.denied().isEmpty() || !quota) {
      // A template speaks of a quota with numbers that a failed store did not give.
      call.problem(Denials.problem(decision));
      return;
    }
    for (Answer.Header header : route.extraHeaders()) {
      header.value().field(exchange).ifPresent(value -> call.field(header.name(), value));
    }
    route.denied().get().send(exchange, out);
  }

  private HeaderProfile profile(Route route) {
    return route.fields().orElse(settings.fields);
  }

  private void act(Route route, Exchange exchange) {
    Call call = exchange.call;
    exchange.decision().ifPresent(decision -> profile(route).fields(decision, call::field));
    for (Answer.Header header : route.extraHeaders()) {
      header.value().field(exchange).ifPresent(value -> call.field(header.name(), value));
    }
    switch (route.action()) {
      case Route.Action.Respond respond -> respond.answer().send(exchange, out);
      case Route.Action.Peek peek -> peek.answer().send(exchange, out);
      case Route.Action.Health health -> health(health, exchange);
      case Route.Action.Admit admit -> {
        call.status(200);
        call.end();
      }
      case Route.Action.Upstream upstream -> proxy.pass(upstream.target(), exchange);
    }
  }

  private void health(Route.Action.Health health, Exchange exchange) {
    Optional<String> error = storeError.get();
    error.ifPresent(exchange::storeFailed);
    (error.isEmpty() ? health.healthy() : health.unhealthy()).send(exchange, out);
  }

  /** Goes on at once if the decision is there, as it is in memory; else on the event loop. */
  private static void then(
      Exchange exchange, CompletionStage<Decision> stage, Consumer<Decision> next) {
    CompletableFuture<Decision> future = stage.toCompletableFuture();
    if (future.isDone()) {
      next.accept(future.join());
      return;
    }
    Call call = exchange.call;
    call.await(
        future,
        (decision, error) -> {
          if (decision == null) {
            LOG.error("answering {}", exchange.path, error);
            call.failed(Problem.BROKEN);
            return;
          }
          try {
            next.accept(decision);
          } catch (BadRequest e) {
            call.failed(e.problem());
          }
        });
  }

  private static void failed(HttpServerRequest request, Throwable error) {
    LOG.error("answering {}", request.path(), error);
    Answers.problem(request, Problem.BROKEN);
  }
}
