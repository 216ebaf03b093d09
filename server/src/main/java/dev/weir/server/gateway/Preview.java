// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Descriptor;
import dev.weir.server.wire.BadRequest;
import dev.weir.server.wire.ByteWriter;
import dev.weir.server.wire.Call;
import dev.weir.server.wire.Problem;
import dev.weir.server.wire.Query;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells what the gateway would check a request by that somebody else served, such as one of a log.
 * Immutable; safe for use by any number of threads.
 *
 * <p>Routes are found and templates filled in as the gateway does it. API keys and certificates are
 * in no log: in their place the user counts whom the log names.
 */
public final class Preview {

  /**
   * A request as somebody wrote it down.
   *
   * @param address who sent it
   * @param method its method
   * @param target its target, as it was sent
   * @param headers its header fields as far as they are known, by their names in lower case
   * @param user whose it is, if that is known
   * @param micros when it came
   */
  public record Request(
      String address,
      String method,
      String target,
      Map<String, String> headers,
      Optional<String> user,
      long micros) {
    public Request {
      requireNonNull(address, "address");
      requireNonNull(method, "method");
      requireNonNull(target, "target");
      headers = Map.copyOf(headers);
      requireNonNull(user, "user");
    }
  }

  private final RouteTable routes;
  private final ClientAddress clients;

  /**
   * @param routes those of the configuration
   * @param clients how a listener finds the client's address
   */
  public Preview(List<Route> routes, ClientAddress clients) {
    this.routes = new RouteTable(routes);
    this.clients = requireNonNull(clients, "clients");
  }

  /**
   * The descriptors of the check; none where nothing is charged: no route, a route without a check,
   * or a request that is refused before.
   */
  public List<Descriptor> descriptors(Request request) {
    try {
      String path = CanonicalPath.of(Query.path(request.target()));
      Optional<RouteTable.Found> found = routes.find(path, request.method());
      Route route = found.isEmpty() ? null : found.get().route();
      if (route == null || route.action() instanceof Route.Action.Peek) {
        return List.of();
      }
      Exchange exchange =
          new Exchange(
              new Logged(request), path, found.get().variables(), clients, request::micros);
      return identify(route, exchange, request.user())
          ? Gateway.descriptors(route, exchange)
          : List.of();
    } catch (BadRequest e) {
      return List.of();
    }
  }

  /** Whether the request gets past the question whose it is. */
  private static boolean identify(Route route, Exchange exchange, Optional<String> user) {
    Route.Identification identification = route.identity();
    for (IdentitySource source : identification.sources()) {
      Optional<Identity> identity =
          switch (source.from()) {
            case API_KEY, CERTIFICATE -> user.map(name -> Identity.plain("user", name));
            case HEADER, QUERY, PATH, ADDRESS -> source.identity(exchange);
          };
      if (identity.isPresent()) {
        exchange.identified(identity.get());
        return true;
      }
    }
    return identification.absent().isEmpty();
  }

  /** A call that nobody waits for the answer of. */
  private record Logged(Request request) implements Call {

    @Override
    public String method() {
      return request.method();
    }

    @Override
    public String target() {
      return request.target();
    }

    @Override
    public @Nullable String header(String name) {
      return request.headers().get(name.toLowerCase(Locale.ROOT));
    }

    @Override
    public List<String> headers(String name) {
      String value = header(name);
      return value == null ? List.of() : List.of(value);
    }

    @Override
    public String peer() {
      return request.address();
    }

    @Override
    public void status(int status) {
      throw unanswered();
    }

    @Override
    public void field(CharSequence name, CharSequence value) {
      throw unanswered();
    }

    @Override
    public boolean hasContentType() {
      return false;
    }

    @Override
    public void end() {
      throw unanswered();
    }

    @Override
    public void end(ByteWriter body) {
      throw unanswered();
    }

    @Override
    public <T> void await(
        CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> next) {
      throw unanswered();
    }

    @Override
    public void failed(Problem problem) {
      throw unanswered();
    }

    private static UnsupportedOperationException unanswered() {
      return new UnsupportedOperationException("a logged request is not answered");
    }
  }
}
