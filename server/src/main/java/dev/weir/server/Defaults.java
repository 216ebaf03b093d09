// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.TokenBucket;
import dev.weir.core.ValuePattern;
import dev.weir.server.gateway.Answer;
import dev.weir.server.gateway.ClientAddress;
import dev.weir.server.gateway.DescriptorTemplate;
import dev.weir.server.gateway.IdentitySource;
import dev.weir.server.gateway.PathTemplate;
import dev.weir.server.gateway.Route;
import dev.weir.server.gateway.Template;
import dev.weir.server.wire.HeaderProfile;
import dev.weir.server.wire.Tokens;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is served without a configuration: something to try at once. */
final class Defaults {

  static final int PORT = 8080;
  static final int ADMIN_PORT = 9090;

  private Defaults() {}

  /** The listener without a configuration, which serves everything that may be public. */
  static Listener sample() {
    return listener(
        EnumSet.complementOf(
            EnumSet.of(
                Surface.ADMIN,
                Surface.ADMIN_E,
                Surface.RLS_JSON,
                Surface.RLS_DEBUG,
                Surface.RESP)));
  }

  /** The administration, for those on this machine. */
  static Listener admin() {
    return listener("admin", "127.0.0.1", ADMIN_PORT, EnumSet.of(Surface.ADMIN));
  }

  /** The same on a free port, if somebody else has that one: it was not asked for. */
  static Listener freeAdmin() {
    Listener admin = admin();
    try (ServerSocket socket =
        new ServerSocket(admin.port(), 1, InetAddress.getByName(admin.host()))) {
      return admin.port(socket.getLocalPort());
    } catch (IOException e) {
      return admin.port(0);
    }
  }

  /**
   * The listener of a configuration that names none. Behind a gateway's routes the public must not
   * reach the decision API: it could refund itself.
   */
  static Listener listener(boolean gateway) {
    return listener(
        gateway
            ? EnumSet.of(Surface.ROUTES, Surface.HEALTH)
            : EnumSet.of(Surface.API, Surface.RLS, Surface.AUTH, Surface.HEALTH, Surface.METRICS));
  }

  private static Listener listener(Set<Surface> serves) {
    return listener("default", "0.0.0.0", PORT, serves);
  }

  private static Listener listener(String name, String host, int port, Set<Surface> serves) {
    return new Listener(
        name,
        host,
        port,
        serves,
        HeaderProfile.IETF,
        new ClientAddress(List.of()),
        Tokens.OPEN,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Access.OPEN,
        Optional.empty());
  }

  /**
   * The sample route allows 10 requests in 10 seconds; the decision API 100 a minute per user, and
   * the hook of proxies as many per address.
   */
  static PolicySet policies() {
    Policy hello =
        Policy.named("hello")
            .domain("sample")
            .key("client")
            .limit(Limit.of("ten-in-ten-seconds", TokenBucket.of(10, Duration.ofSeconds(10))))
            .build();
    Policy perUser =
        Policy.named("per-user")
            .domain("api")
            .match("user", ValuePattern.any())
            .key("user")
            .limit(Limit.of("per-minute", TokenBucket.of(100, Duration.ofMinutes(1))))
            .build();
    Policy perAddress =
        Policy.named("per-address")
            .domain("auth")
            .key("address")
            .limit(Limit.of("per-minute", TokenBucket.of(100, Duration.ofMinutes(1))))
            .build();
    return PolicySet.of(List.of(hello, perUser, perAddress));
  }

  static List<Route> routes() {
    IdentitySource address = new IdentitySource(IdentitySource.From.ADDRESS, "", "address", false);
    DescriptorTemplate descriptor =
        new DescriptorTemplate(
            "sample",
            List.of(new DescriptorTemplate.Entry("client", Template.of("{identity}"))),
            Optional.empty());
    Answer hello = Answer.json(200, "{\"message\":\"Hello from Weir.\",\"remaining\":{remaining}}");
    return List.of(
        new Route(
            "hello",
            PathTemplate.of("/hello"),
            Set.of("GET", "HEAD"),
            Route.Identification.of(List.of(address), Optional.empty()),
            List.of(descriptor),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Route.DecisionLog.NONE,
            new Route.Action.Respond(hello)));
  }
}
