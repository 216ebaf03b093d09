// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What proxies that ask before they forward are answered.
 *
 * @param denied the status of a denial unless the proxy asks for another, 400..599; with 429 a
 *     denial has the status that says what it is
 * @param told which fields tell of the request that a proxy asks for
 * @param rules who is counted how, by the path and the method of that request
 */
public record AuthSettings(int denied, Told told, List<Route> rules) {

  /** Fields that tell of the request that a proxy asks for. */
  public enum Told {
    /** Either kind; a request in which they differ is refused. */
    ANY,
    /** {@code X-Forwarded-Method} and {@code X-Forwarded-Uri}. */
    X_FORWARDED,
    /** {@code X-Original-Method} and {@code X-Original-URI} or {@code X-Original-URL}. */
    X_ORIGINAL
  }

  /** Without a configuration. */
  public static final AuthSettings DEFAULT =
      new AuthSettings(AuthQuery.OWN_STATUS, Told.ANY, List.of());

  /**
   * @throws IllegalArgumentException if the status is none of a denial
   */
  public AuthSettings {
    if (denied < 400 || denied > 599) {
      throw new IllegalArgumentException("denied: " + denied + " (expected: 400..599)");
    }
    requireNonNull(told, "told");
    rules = List.copyOf(rules);
  }
}
