// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.util.Objects.requireNonNull;

import dev.weir.server.gateway.Answer;
import dev.weir.server.gateway.ClientAddress;
import dev.weir.server.wire.HeaderProfile;
import dev.weir.server.wire.Tokens;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An address that the server listens on, and what it serves there.
 *
 * @param name its name in logs and in {@link WeirServer#ports}
 * @param host the address to bind
 * @param port the port; 0 takes a free one
 * @param serves what it serves; nothing else is reachable
 * @param fields the rate limit fields of its answers
 * @param clients how a client's address is found
 * @param tokens who may use the decision API
 * @param notFound what an unknown path answers, if not a problem
 * @param wrongMethod what a known path with another method answers, if not a problem
 * @param banned what a banned address is answered, if not a problem
 * @param access which clients it serves
 * @param tls what it speaks TLS with; plain text if nothing
 */
public record Listener(
    String name,
    String host,
    int port,
    Set<Surface> serves,
    HeaderProfile fields,
    ClientAddress clients,
    Tokens tokens,
    Optional<Answer> notFound,
    Optional<Answer> wrongMethod,
    Optional<Answer> banned,
    Access access,
    Optional<Tls> tls) {

  public Listener {
    requireNonNull(name, "name");
    requireNonNull(host, "host");
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port: " + port + " (expected: 0..65535)");
    }
    serves = Set.copyOf(serves);
    if (serves.isEmpty()) {
      throw new IllegalArgumentException("serves: nothing (expected: at least one)");
    }
    if (serves.contains(Surface.RESP) && serves.size() > 1) {
      throw new IllegalArgumentException(
          "serves: resp with others (expected: alone, since it is no HTTP)");
    }
    requireNonNull(fields, "fields");
    requireNonNull(clients, "clients");
    requireNonNull(tokens, "tokens");
    requireNonNull(notFound, "notFound");
    requireNonNull(wrongMethod, "wrongMethod");
    requireNonNull(banned, "banned");
    requireNonNull(access, "access");
    requireNonNull(tls, "tls");
  }

  /** One beside it that speaks the Redis protocol to the same clients. */
  Listener asResp(int other) {
    return new Listener(
        "resp",
        host,
        other,
        Set.of(Surface.RESP),
        fields,
        new ClientAddress(List.of()),
        tokens,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        access,
        tls);
  }

  /** Whether it speaks the Redis protocol. */
  boolean resp() {
    return serves.contains(Surface.RESP);
  }

  /** Whether whoever reaches it has decisions made. */
  boolean decides() {
    return serves.contains(Surface.API)
        || serves.contains(Surface.RLS)
        || serves.contains(Surface.RLS_JSON)
        || serves.contains(Surface.AUTH)
        || serves.contains(Surface.THROTTLE)
        || resp();
  }

  /** The same on another port. */
  Listener port(int other) {
    return copy(name, host, other, serves);
  }

  /** Another of one surface only, open to the same clients. */
  Listener alone(String other, Surface surface) {
    return copy(other, host, port, Set.of(surface));
  }

  /** The same on another address. */
  Listener host(String other) {
    return copy(name, other, port, serves);
  }

  private Listener copy(String name, String host, int port, Set<Surface> serves) {
    return new Listener(
        name,
        host,
        port,
        serves,
        fields,
        clients,
        tokens,
        notFound,
        wrongMethod,
        banned,
        access,
        tls);
  }
}
