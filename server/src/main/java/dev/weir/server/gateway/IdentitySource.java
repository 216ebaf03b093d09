// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import static java.util.Objects.requireNonNull;

import dev.weir.server.wire.ClientCertificate;
import java.util.Optional;

/**
 * Where an identity may come from. A route tries its sources in order; the first that the request
 * has is taken.
 *
 * @param from the part of the request; an API key is looked up, and its user is the identity
 * @param name the header, parameter or path variable; empty for the address; of a certificate
 *     {@code subject} or {@code san}
 * @param kind the word that tells this identity from others of the same text, such as {@code user}
 * @param secret whether the value is a secret, which is counted and shown as a digest only
 */
public record IdentitySource(From from, String name, String kind, boolean secret) {

  /** What {@code name} says of a certificate whose first alternative name counts. */
  static final String ALTERNATIVE = "san";

  /** A part of a request. */
  public enum From {
    API_KEY,
    HEADER,
    QUERY,
    PATH,
    ADDRESS,
    CERTIFICATE
  }

  public IdentitySource {
    requireNonNull(from, "from");
    requireNonNull(name, "name");
    requireNonNull(kind, "kind");
  }

  /** The identity, unless the request lacks it or has it empty. */
  Optional<Identity> identity(Exchange exchange) {
    return value(exchange)
        .filter(value -> !value.isEmpty())
        .map(value -> secret ? Identity.secret(kind, value) : Identity.plain(kind, value));
  }

  private Optional<String> value(Exchange exchange) {
    return switch (from) {
      case API_KEY, HEADER -> exchange.header(name);
      case QUERY -> exchange.queryValue(name);
      case PATH -> Optional.ofNullable(exchange.pathVariables.get(name));
      case ADDRESS -> Optional.of(exchange.address());
      case CERTIFICATE -> certificate(exchange.full().connection().certificate());
    };
  }

  private Optional<String> certificate(ClientCertificate shown) {
    return name.equals(ALTERNATIVE) ? shown.alternative() : shown.subject();
  }
}
