// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import static java.util.Objects.requireNonNull;

import dev.weir.core.StoreException;
import dev.weir.policy.InvalidFileException;
import dev.weir.records.RecordConflictException;
import dev.weir.records.RecordStoreException;
import dev.weir.server.identity.ChangeRefused;
import dev.weir.server.wire.Answers;
import dev.weir.server.wire.BadRequest;
import dev.weir.server.wire.BearerTokens;
import dev.weir.server.wire.Body;
import dev.weir.server.wire.Call;
import dev.weir.server.wire.Causes;
import dev.weir.server.wire.Connection;
import dev.weir.server.wire.FrontEnd;
import dev.weir.server.wire.FullCall;
import dev.weir.server.wire.Problem;
import dev.weir.server.wire.Query;
import dev.weir.server.wire.SecurityLog;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The administration API over HTTP. Whoever has no token learns nothing but that: not even which
 * paths there are. One per listener and event loop; not safe for several threads.
 */
public final class AdminApi implements FrontEnd {
  /*
   * The order of the checks matters. A secret in the query is refused before anything else, so that
   * nobody gets used to it. The token is compared before the body is read: strangers send no
   * bodies. Wrong tokens are counted, and an address that has used up its failures is refused with
   * the right token too, or it could go on guessing; since the count may be asked of a store, the
   * answer to that is waited for after the body has come.
   */

  private static final Logger LOG = LoggerFactory.getLogger(AdminApi.class);

  /** The header of clients that sent their secret in the query before. */
  static final String KEY_HEADER = "X-Admin-Key";

  private static final Set<String> SECRETS =
      Set.of(
          "key",
          "adminkey",
          "apikey",
          "adminapikey",
          "token",
          "admintoken",
          "accesstoken",
          "secret",
          "adminsecret",
          "auth",
          "authorization",
          "password",
          "bearer",
          "xadminkey",
          "xapikey");
  private static final Problem NOT_KNOWN =
      Problem.of(503, "records: not reachable, so nobody can be let in yet");

  /**
   * Where and how it is served.
   *
   * @param listener the listener's name
   * @param clientAddress finds the address of whoever sent a request
   */
  public record Place(String listener, Function<Call, String> clientAddress) {
    public Place {
      requireNonNull(listener, "listener");
      requireNonNull(clientAddress, "clientAddress");
    }
  }

  private final String prefix;
  private final List<Route> routes;
  private final Administration administration;
  private final Place place;
  private final boolean keyHeader;

  private AdminApi(
      String prefix,
      List<Route> routes,
      Administration administration,
      Place place,
      boolean keyHeader) {
    this.prefix = prefix;
    this.routes = List.copyOf(routes);
    this.administration = requireNonNull(administration, "administration");
    this.place = requireNonNull(place, "place");
    this.keyHeader = keyHeader;
  }

  /** The API under {@code /v1/admin}. */
  public static AdminApi of(Administration administration, Place place) {
    return new AdminApi("/v1/admin/", routes(administration), administration, place, false);
  }

  private static List<Route> routes(Administration administration) {
    List<Route> routes = new ArrayList<>();
    routes.addAll(new ProcessRoutes(administration).routes());
    routes.addAll(new UserRoutes(administration).routes());
    routes.addAll(new KeyRoutes(administration).routes());
    routes.addAll(new StateRoutes(administration).routes());
    routes.addAll(new PolicyRoutes(administration).routes());
    routes.addAll(new CounterRoutes(administration).routes());
    routes.addAll(new TopRoutes(administration).routes());
    routes.addAll(new BanRoutes(administration).routes());
    routes.addAll(new AuditRoutes(administration).routes());
    routes.addAll(new LiveRoutes(administration).routes());
    return routes;
  }

  /** What can be asked under {@code /v1/admin}: method, path and the least role that may. */
  public static List<String> operations(Administration administration) {
    return routes(administration).stream().map(route -> route + " " + route.role().word()).toList();
  }

  /** The API of profile E under {@code /admin}, which also takes its own header. */
  public static AdminApi ofProfileE(Administration administration, Place place) {
    return new AdminApi(
        "/admin/", new ProfileE(administration).routes(), administration, place, true);
  }

  @Override
  public boolean handle(HttpServerRequest request, String path, Connection connection) {
    if (!path.startsWith(prefix)) {
      return false;
    }
    FullCall call = new FullCall(request, connection);
    request.response().putHeader(HttpHeaders.CACHE_CONTROL, Answers.NO_STORE);
    try {
      let(call, path);
    } catch (BadRequest e) {
      call.problem(e.problem());
    }
    return true;
  }

  private void let(FullCall call, String path) {
    List<Query.Parameter> parameters = Query.parameters(Query.query(call.target()));
    refuseSecrets(parameters);
    Optional<String> token = token(call);
    if (token.isEmpty()) {
      unknown(call, "Authorization: no bearer token");
    } else if (!administration.administrators().known()) {
      call.problem(NOT_KNOWN);
    } else {
      Optional<BearerTokens.Token<Administrator>> who =
          administration.administrators().token(token.get());
      if (who.isPresent()) {
        enter(call, path, parameters, who.get());
      } else {
        failed(call);
      }
    }
  }

  private static void refuseSecrets(List<Query.Parameter> parameters) {
    for (Query.Parameter parameter : parameters) {
      String plain = parameter.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
      if (SECRETS.contains(plain)) {
        throw new BadRequest(
            Problem.of(
                400,
                "query: a secret (expected: none; send it as Authorization: Bearer TOKEN, and take"
                    + " another one: URLs are kept in logs)"));
      }
    }
  }

  private Optional<String> token(FullCall call) {
    Optional<String> token = BearerTokens.text(call.header("Authorization"));
    return token.isEmpty() && keyHeader
        ? Optional.ofNullable(call.header(KEY_HEADER)).filter(text -> text.length() <= 1_024)
        : token;
  }

  private static void unknown(FullCall call, String detail) {
    call.field("WWW-Authenticate", "Bearer");
    call.problem(Problem.of(401, detail));
  }

  /** A wrong token. */
  private void failed(FullCall call) {
    String address = place.clientAddress().apply(call);
    administration
        .security()
        .alert(SecurityLog.Event.ADMIN_LOGIN_FAILED, address, place.listener());
    call.await(
        administration.failures().count(address),
        (blocked, error) -> {
          if (blocked == null || blocked.isEmpty()) {
            unknown(call, "Authorization: unknown token");
          } else {
            blocked(call, blocked.getAsLong());
          }
        });
  }

  private static void blocked(FullCall call, long seconds) {
    call.field("Retry-After", Long.toString(seconds));
    call.problem(
        Problem.of(429, "address: too many wrong tokens (expected: none for " + seconds + " s)"));
  }

  private void enter(
      FullCall call,
      String path,
      List<Query.Parameter> parameters,
      BearerTokens.Token<Administrator> who) {
    Route route = null;
    Map<String, String> variables = Map.of();
    Set<String> methods = new TreeSet<>();
    for (Route each : routes) {
      Optional<Map<String, String>> match = each.match(path);
      if (match.isPresent()) {
        methods.add(each.method().name());
        if (route == null && each.method().equals(call.request().method())) {
          route = each;
          variables = match.get();
        }
      }
    }
    if (methods.isEmpty()) {
      call.problem(Problem.of(404, "path: unknown"));
    } else if (route == null) {
      call.field("Allow", String.join(", ", methods));
      call.problem(
          Problem.of(
              405, "method: " + call.method() + " (expected: " + String.join(", ", methods) + ")"));
    } else if (!who.grant().role().includes(route.role())) {
      String role = who.grant().role().word();
      String expected = route.role().word();
      call.problem(Problem.of(403, "role: " + role + " (expected: " + expected + " or more)"));
    } else {
      refuseUnknown(parameters, route);
      read(
          call,
          route,
          new Visit(who, variables, parameters, ifMatch(call), false, Buffer.buffer()));
    }
  }

  private static Optional<String> ifMatch(FullCall call) {
    return Optional.ofNullable(call.header("If-Match"));
  }

  private static void refuseUnknown(List<Query.Parameter> parameters, Route route) {
    Set<String> seen = new HashSet<>();
    for (Query.Parameter parameter : parameters) {
      if (!route.parameters().contains(parameter.name()) || !seen.add(parameter.name())) {
        String expected =
            route.parameters().isEmpty()
                ? "no parameters"
                : new TreeSet<>(route.parameters()) + ", each once";
        throw new BadRequest(Problem.of(400, "query: unknown name (expected: " + expected + ")"));
      }
    }
  }

  private void read(FullCall call, Route route, Visit visit) {
    if (route.maxBytes() == 0) {
      visit(call, route, visit);
      return;
    }
    String type = essence(call.header("Content-Type"));
    boolean isText = route.texts().contains(type);
    boolean empty = type.isEmpty() && !hasBody(call);
    if (!empty && !isText && !type.equals("application/json")) {
      String expected =
          "application/json" + (route.texts().isEmpty() ? "" : " or one of " + route.texts());
      call.problem(Problem.of(415, "Content-Type: another (expected: " + expected + ")"));
      return;
    }
    Body.collect(
        call.request(),
        call.connection(),
        route.maxBytes(),
        (request, bytes, from, to) ->
            visit(
                call,
                route,
                visit.with(isText, Buffer.buffer(Arrays.copyOfRange(bytes, from, to)))));
  }

  private static boolean hasBody(FullCall call) {
    String length = call.header("Content-Length");
    return call.header("Transfer-Encoding") != null || length != null && !length.equals("0");
  }

  private static String essence(@Nullable String type) {
    if (type == null) {
      return "";
    }
    int parameters = type.indexOf(';');
    String essence = parameters < 0 ? type : type.substring(0, parameters);
    return essence.strip().toLowerCase(Locale.ROOT);
  }

  private void visit(FullCall call, Route route, Visit visit) {
    String address = place.clientAddress().apply(call);
    call.await(
        administration.failures().blocked(address),
        (blocked, error) -> {
          if (blocked != null && blocked.isPresent()) {
            blocked(call, blocked.getAsLong());
          } else {
            call.await(
                answer(route, visit),
                (reply, failure) -> {
                  if (reply != null) {
                    send(call, reply);
                  } else {
                    call.problem(problem(route, failure));
                  }
                });
          }
        });
  }

  private CompletionStage<Reply> answer(Route route, Visit visit) {
    if (route.worker()) {
      return CompletableFuture.supplyAsync(
              () -> route.handler().handle(visit), administration.workers())
          .thenCompose(stage -> stage);
    }
    try {
      return route.handler().handle(visit);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static void send(FullCall call, Reply reply) {
    HttpServerResponse response = call.request().response();
    if (response.headWritten() || response.closed()) {
      return;
    }
    if (reply.going().isPresent()) {
      reply.going().get().accept(call);
      return;
    }
    response.setStatusCode(reply.status());
    reply.fields().forEach(response::putHeader);
    if (reply.body().length() > 0) {
      response.putHeader(HttpHeaders.CONTENT_TYPE, Answers.JSON);
      response.end(reply.body());
    } else {
      response.end();
    }
  }

  private static Problem problem(Route route, @Nullable Throwable failure) {
    Throwable cause = failure == null ? null : Causes.of(failure);
    String message = cause == null ? "" : String.valueOf(cause.getMessage());
    return switch (cause) {
      case BadRequest bad -> bad.problem();
      case ChangeRefused refused -> Problem.of(status(refused.why()), message);
      case RecordConflictException conflict ->
          Problem.of(409, conflict.key() + ": was changed at the same time");
      case RecordStoreException lost -> Problem.of(503, "records: " + message);
      case StoreException lost -> Problem.of(503, "store: " + message);
      case InvalidFileException invalid -> PolicyRoutes.wrong(invalid.problems());
      case IllegalArgumentException wrong -> Problem.of(422, message);
      case null, default -> {
        // The path is the route's, not the caller's: that may hold a key.
        LOG.error("answering {}", route, cause);
        yield Problem.BROKEN;
      }
    };
  }

  private static int status(ChangeRefused.Why why) {
    return switch (why) {
      case NOT_FOUND -> 404;
      case CONFLICT -> 409;
      case INVALID -> 422;
    };
  }
}
