// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.redis.RedisOptions;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** URLs of Redis, which may hold a password. */
public final class RedisUrl {

  private static final String EXPECTED =
      "redis://[user:password@]host[:port][/database], rediss:// for TLS, several hosts for a"
          + " cluster, or redis-sentinel://host:port,host:port#master";

  private RedisUrl() {}

  /**
   * Checks a URL.
   *
   * @return the URL
   * @throws IllegalArgumentException that repeats the URL without its password
   */
  public static String checked(String url) {
    try {
      return RedisOptions.of(url).url();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(shown(url) + " (expected: " + EXPECTED + ")");
    }
  }

  /** The URL without user and password, as far as it can be told where they end. */
  static String shown(String url) {
    int end = url.lastIndexOf('@');
    int scheme = url.indexOf("://");
    if (end < 0) {
      return url;
    }
    return (scheme >= 0 && scheme < end ? url.substring(0, scheme + 3) : "")
        + "…"
        + url.substring(end);
  }

  /** The URL of a Redis whose parts are known. */
  static String of(
      boolean tls,
      String host,
      long port,
      long database,
      Optional<String> username,
      Optional<String> password) {
    String name = host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
    String user = username.map(RedisUrl::escaped).orElse("");
    String login = password.map(secret -> user + ":" + escaped(secret) + "@").orElse("");
    return (tls ? "rediss://" : "redis://") + login + name + ":" + port + "/" + database;
  }

  private static String escaped(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
