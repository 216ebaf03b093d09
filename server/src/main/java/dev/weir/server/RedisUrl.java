// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.redis.RedisOptions;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** URLs of Redis, which may hold a password. */
public final class RedisUrl {

  private static final String EXPECTED =
      "redis://[user:password@]host[:port][/database], rediss:// for TLS, several hosts for a"
          + " cluster, or redis-sentinel://host:port,host:port#master";

  private static final Pattern ADDRESS =
      Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[^\\s:@/,\\[\\]]+):[0-9]{1,5}");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,200}");

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

  /**
   * The URL of servers in a list.
   *
   * @param addresses {@code host:port,host:port}; of sentinels, the master's name first
   * @throws IllegalArgumentException if it is no such list, or has another number of servers
   */
  static String of(
      StoreReader.Topology topology, boolean tls, String addresses, Optional<String> password) {
    List<String> parts = new ArrayList<>(List.of(addresses.split(",", -1)));
    String login = password.map(secret -> ":" + escaped(secret) + "@").orElse("");
    String scheme = tls ? "rediss" : "redis";
    String master = "";
    if (topology == StoreReader.Topology.SENTINEL) {
      master = parts.removeFirst();
    }
    boolean fits = (topology == StoreReader.Topology.SINGLE) ? parts.size() == 1 : !parts.isEmpty();
    for (String part : parts) {
      fits &= ADDRESS.matcher(part).matches();
    }
    if (!fits || (topology == StoreReader.Topology.SENTINEL && !NAME.matcher(master).matches())) {
      throw new IllegalArgumentException(
          "addresses: "
              + (addresses.indexOf('@') < 0 ? addresses : "…")
              + " (expected: "
              + topology.expected()
              + ")");
    }
    return switch (topology) {
      case SINGLE -> scheme + "://" + login + parts.getFirst();
      // Whether a server is of a cluster, it says itself.
      case CLUSTER -> scheme + "://" + login + String.join(",", parts);
      case SENTINEL -> scheme + "-sentinel://" + login + String.join(",", parts) + "#" + master;
    };
  }

  private static String escaped(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
