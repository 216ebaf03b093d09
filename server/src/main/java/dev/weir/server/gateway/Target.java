// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import java.net.URI;
import java.time.Duration;

/**
 * A service behind the gateway.
 *
 * @param host its name or address
 * @param port its port
 * @param tls whether it is spoken to in TLS
 * @param basePath put before the request's path; empty or without a slash at the end
 * @param keepHost whether it gets the client's {@code Host}
 * @param connectTimeout time for a connection
 * @param timeout time from the request to the head of the answer, and between any two bytes of it
 */
public record Target(
    String host,
    int port,
    boolean tls,
    String basePath,
    boolean keepHost,
    Duration connectTimeout,
    Duration timeout) {

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /**
   * @param url {@code http://host:port/base} or {@code https://…}
   * @throws IllegalArgumentException if it is no such URL
   */
  public static Target of(String url) {
    URI uri = parse(url);
    boolean tls = "https".equals(uri.getScheme());
    boolean known = tls || "http".equals(uri.getScheme());
    if (!known || uri.getHost() == null || uri.getQuery() != null || uri.getFragment() != null) {
      throw wrong(url);
    }
    String host = uri.getHost();
    if (host.startsWith("[")) {
      host = host.substring(1, host.length() - 1);
    }
    int port = uri.getPort() >= 0 ? uri.getPort() : tls ? 443 : 80;
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    String base = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    return new Target(host, port, tls, base, false, CONNECT_TIMEOUT, TIMEOUT);
  }

  private static URI parse(String url) {
    try {
      return URI.create(url);
    } catch (IllegalArgumentException e) {
      throw wrong(url);
    }
  }

  private static IllegalArgumentException wrong(String url) {
    return new IllegalArgumentException(
        "url: \"" + url + "\" (expected: http://host:port/path or https://host:port/path)");
  }

  /** The same service with another time to answer. */
  public Target timeout(Duration timeout) {
    return new Target(host, port, tls, basePath, keepHost, connectTimeout, timeout);
  }

  /** The same service with another time to connect. */
  public Target connectTimeout(Duration connectTimeout) {
    return new Target(host, port, tls, basePath, keepHost, connectTimeout, timeout);
  }

  /** The same service, told the client's {@code Host}. */
  public Target keepingHost() {
    return new Target(host, port, tls, basePath, true, connectTimeout, timeout);
  }

  /** Its {@code Host} field. */
  String authority() {
    String name = host.indexOf(':') >= 0 ? '[' + host + ']' : host;
    boolean standard = port == (tls ? 443 : 80);
    return standard ? name : name + ':' + port;
  }
}
