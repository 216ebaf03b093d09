// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Descriptor;
import dev.weir.server.wire.BadRequest;
import dev.weir.server.wire.Call;
import dev.weir.server.wire.Connection;
import dev.weir.server.wire.Express;
import dev.weir.server.wire.FrontEnd;
import dev.weir.server.wire.FullCall;
import dev.weir.server.wire.Problem;
import dev.weir.server.wire.Query;
import dev.weir.server.wire.QuickCall;
import dev.weir.server.wire.SecurityLog;
import dev.weir.server.wire.Tokens;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hook of proxies that ask before they forward, {@code /v1/auth}: a 2xx lets the request go on,
 * anything else does not. What is counted is the request that the proxy tells of. One per event
 * loop; not safe for several threads.
 */
public final class AuthHook implements FrontEnd, Express {

  private static final Logger LOG = LoggerFactory.getLogger(AuthHook.class);

  static final String PATH = "/v1/auth";
  private static final byte[] PATH_BYTES = PATH.getBytes(StandardCharsets.US_ASCII);

  /** Clients' own {@code Authorization} passes through proxies, so a token may stand elsewhere. */
  private static final String TOKEN_FIELD = "x-weir-token";

  private static final String DEFAULT_DOMAIN = "auth";

  /** What is asked without a rule: it matters who calls, and what is checked stands elsewhere. */
  private static final Route UNRULED =
      new Route(
          "auth",
          PathTemplate.of("/**"),
          Set.of(),
          Route.Identification.of(
              List.of(new IdentitySource(IdentitySource.From.ADDRESS, "", "address", false)),
              Optional.empty()),
          List.of(),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Route.DecisionLog.NONE,
          new Route.Action.Admit());

  private final Gateway gateway;
  private final AuthSettings settings;
  private final ClientAddress clients;
  private final Tokens tokens;
  private final SecurityLog security;
  private final String listener;

  // Most proxies always ask with the same query.
  private String lastText = "";
  private AuthQuery last = AuthQuery.NOTHING;

  /**
   * @param gateway judges by the rules
   * @param clients which proxies are believed; the same as the gateway's
   * @param tokens who may use it
   * @param security hears of peers that pretend to be proxies
   * @param listener the name of the listener
   */
  public AuthHook(
      Gateway gateway,
      AuthSettings settings,
      ClientAddress clients,
      Tokens tokens,
      SecurityLog security,
      String listener) {
    this.gateway = requireNonNull(gateway, "gateway");
    this.settings = requireNonNull(settings, "settings");
    this.clients = requireNonNull(clients, "clients");
    this.tokens = requireNonNull(tokens, "tokens");
    this.security = requireNonNull(security, "security");
    this.listener = requireNonNull(listener, "listener");
  }

  @Override
  public boolean handle(HttpServerRequest request, String path, Connection connection) {
    if (!path.equals(PATH)) {
      return false;
    }
    answer(new FullCall(request, connection));
    return true;
  }

  @Override
  public Outcome answer(QuickCall call) {
    if (!call.head().isForPath(PATH_BYTES)) {
      return Outcome.PASSED;
    }
    answer((Call) call);
    return Outcome.ANSWERED;
  }

  private void answer(Call proxy) {
    Call answered = ForwardedCall.unread(proxy, settings.denied());
    try {
      AuthQuery query = query(proxy);
      int denied = query.denied().orElse(settings.denied());
      answered = ForwardedCall.unread(proxy, denied);
      if (!isGet(proxy)) {
        answered.field("Allow", "GET, HEAD");
        answered.problem(Problem.of(405, "method: " + proxy.method() + " on " + PATH));
      } else if (!refused(proxy, answered)) {
        ForwardedCall call = ForwardedCall.of(proxy, settings.told(), denied);
        answered = call;
        judge(call, query);
      }
    } catch (BadRequest e) {
      answered.problem(e.problem());
    } catch (RuntimeException e) {
      LOG.error("answering {}", PATH, e);
      proxy.failed(Problem.BROKEN);
    }
  }

  private static boolean isGet(Call proxy) {
    return proxy.method().equals("GET") || proxy.method().equals("HEAD");
  }

  private AuthQuery query(Call proxy) {
    String text = Query.query(proxy.target());
    if (!text.isEmpty() && isTheClients(text, proxy)) {
      return AuthQuery.NOTHING;
    }
    if (!text.equals(lastText)) {
      last = settings.rules().isEmpty() ? AuthQuery.of(text) : AuthQuery.ofStatus(text);
      lastText = text;
    }
    return last;
  }

  /*
   * Caddy's forward_auth keeps the query of the client where its own path has none: a client would
   * say what is checked.
   */
  private static boolean isTheClients(String query, Call proxy) {
    for (String name : ForwardedCall.TARGETS) {
      String target = proxy.header(name);
      if (target != null && query.equals(Query.query(target))) {
        return true;
      }
    }
    return false;
  }

  private boolean refused(Call proxy, Call answered) {
    Optional<Problem> refusal = tokens.open() ? Optional.empty() : refusal(proxy);
    if (refusal.isPresent()) {
      answered.field("WWW-Authenticate", "Bearer");
      answered.problem(refusal.get());
      return true;
    }
    // Taken for a client, the proxy would have one counter for all of its clients.
    if (!clients.trustsPeer(proxy) && ForwardedCall.tells(proxy)) {
      security.alert(SecurityLog.Event.UNTRUSTED_PROXY, proxy.peer(), listener);
      answered.problem(
          Problem.of(
              403, "peer " + proxy.peer() + ": no trusted proxy (expected: in trusted-proxies)"));
      return true;
    }
    return false;
  }

  private Optional<Problem> refusal(Call proxy) {
    String token = proxy.header(TOKEN_FIELD);
    return tokens.refusal(
        token == null ? proxy.header("authorization") : "Bearer " + token, Tokens.Scope.CHECK);
  }

  private void judge(ForwardedCall call, AuthQuery query) {
    String path = CanonicalPath.of(Query.path(call.target()));
    if (!settings.rules().isEmpty()) {
      if (path.isEmpty()) {
        throw BadRequest.of("x-forwarded-uri", "missing", "the target of the request");
      }
      Optional<RouteTable.Found> found = gateway.find(path, call.method());
      Route rule = found.map(RouteTable.Found::route).orElse(null);
      if (rule != null) {
        gateway.serve(rule, gateway.exchange(call, path, found.get().variables()));
        return;
      }
    }
    Exchange exchange = gateway.exchange(call, path, Map.of());
    gateway.serve(UNRULED, exchange, () -> List.of(descriptor(exchange, query)));
  }

  private static Descriptor descriptor(Exchange exchange, AuthQuery query) {
    List<Descriptor.Entry> entries = new ArrayList<>(query.entries());
    add(entries, query, "address", exchange.address());
    exchange.header("host").ifPresent(host -> add(entries, query, "host", host));
    add(entries, query, "method", exchange.call.method());
    add(entries, query, "path", exchange.path);
    try {
      return Descriptor.of(query.domain().orElse(DEFAULT_DOMAIN), entries)
          .withCost(query.cost().orElse(1L));
    } catch (IllegalArgumentException e) {
      // What is too long or too much came from the request.
      throw BadRequest.of("request", String.valueOf(e.getMessage()), "a smaller descriptor");
    }
  }

  private static void add(
      List<Descriptor.Entry> entries, AuthQuery query, String key, String value) {
    if (!value.isEmpty() && !query.names(key)) {
      entries.add(new Descriptor.Entry(key, value));
    }
  }
}
