// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import static java.util.Objects.requireNonNull;

import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterURIUtil;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How a {@link RedisStore} reaches Redis and what it may cost. Immutable; each method answers a
 * changed copy.
 *
 * <p>The URL is one of
 *
 * <ul>
 *   <li>{@code redis://[user:password@]host[:port][/database]}; {@code rediss://} for TLS,
 *   <li>{@code redis-sentinel://[user:password@]host[:port][,host…][/database]#master}; {@code
 *       rediss-sentinel://} for TLS,
 *   <li>several hosts, {@code redis://host:port,host:port}, for the seeds of a cluster. Whether a
 *       server is part of a cluster is found out from the server.
 * </ul>
 *
 * @param url where Redis is; never logged, since it may hold a password
 * @param prefix what all keys begin with; 0..64 characters, none of them a brace
 * @param timeout after which a check is judged by its failure policies; 1 ms..60 s
 * @param connections connections to each server; 1..64
 * @param maxWaiting checks that may wait for a connection's answers; beyond them a check fails at
 *     once; 1..10 000 000
 * @param clusterBatches which checks may share a call in a cluster
 * @param ca certificates that a server's is checked by, in PEM; the system's if none
 * @param certificate this client's certificate in PEM, for mutual TLS
 * @param privateKey the certificate's key in PEM (PKCS #8)
 */
public record RedisOptions(
    String url,
    String prefix,
    Duration timeout,
    int connections,
    int maxWaiting,
    ClusterBatches clusterBatches,
    Optional<Path> ca,
    Optional<Path> certificate,
    Optional<Path> privateKey) {

  public static final String DEFAULT_PREFIX = "weir:";
  public static final Duration DEFAULT_TIMEOUT = Duration.ofMillis(25);
  public static final int DEFAULT_MAX_WAITING = 65_536;

  /** Which checks may share a call to a node of a cluster. */
  public enum ClusterBatches {
    /**
     * All that only take. The names of their keys are arguments of the script, which reads and
     * writes them by itself; a server has to allow that, as Redis and Valkey do.
     */
    NODE,
    /** Those whose keys are in one slot, as the rules for scripts want it: few, of many keys. */
    SLOT
  }

  private static final Duration MAX_TIMEOUT = Duration.ofSeconds(60);

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException naming the value and what is expected; the URL's password is
   *     not repeated
   */
  public RedisOptions {
    uris(requireNonNull(url, "url"));
    if (prefix.length() > 64 || prefix.indexOf('{') >= 0 || prefix.indexOf('}') >= 0) {
      throw new IllegalArgumentException(
          "prefix: " + prefix + " (expected: at most 64 characters, none of them a brace)");
    }
    if (timeout.compareTo(Duration.ofMillis(1)) < 0 || timeout.compareTo(MAX_TIMEOUT) > 0) {
      throw new IllegalArgumentException("timeout: " + timeout + " (expected: 1 ms..60 s)");
    }
    within("connections", connections, 64);
    within("maxWaiting", maxWaiting, 10_000_000);
    if (certificate.isPresent() != privateKey.isPresent()) {
      throw new IllegalArgumentException(
          "certificate and privateKey: one alone (expected: both or neither)");
    }
  }

  private static void within(String name, int value, int max) {
    if (value < 1 || value > max) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: 1.." + max + ")");
    }
  }

  /** The defaults for a URL. */
  public static RedisOptions of(String url) {
    return new RedisOptions(
        url,
        DEFAULT_PREFIX,
        DEFAULT_TIMEOUT,
        1,
        DEFAULT_MAX_WAITING,
        ClusterBatches.NODE,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** The same with another prefix. */
  public RedisOptions prefix(String other) {
    return new RedisOptions(
        url, other, timeout, connections, maxWaiting, clusterBatches, ca, certificate, privateKey);
  }

  /** The same with another timeout. */
  public RedisOptions timeout(Duration other) {
    return new RedisOptions(
        url, prefix, other, connections, maxWaiting, clusterBatches, ca, certificate, privateKey);
  }

  /** The same with another number of connections. */
  public RedisOptions connections(int other) {
    return new RedisOptions(
        url, prefix, timeout, other, maxWaiting, clusterBatches, ca, certificate, privateKey);
  }

  /** The same with another bound on waiting checks. */
  public RedisOptions maxWaiting(int other) {
    return new RedisOptions(
        url, prefix, timeout, connections, other, clusterBatches, ca, certificate, privateKey);
  }

  /** The same with other batches in a cluster. */
  public RedisOptions clusterBatches(ClusterBatches other) {
    return new RedisOptions(
        url, prefix, timeout, connections, maxWaiting, other, ca, certificate, privateKey);
  }

  /** The same with an authority that vouches for the servers. */
  public RedisOptions ca(Path pem) {
    return new RedisOptions(
        url,
        prefix,
        timeout,
        connections,
        maxWaiting,
        clusterBatches,
        Optional.of(pem),
        certificate,
        privateKey);
  }

  /** The same with a certificate of the client's own. */
  public RedisOptions certificate(Path pem, Path key) {
    return new RedisOptions(
        url,
        prefix,
        timeout,
        connections,
        maxWaiting,
        clusterBatches,
        ca,
        Optional.of(pem),
        Optional.of(key));
  }

  /** Where Redis is, without user and password: {@code host:port}, or several with commas. */
  public String address() {
    return uris().stream()
        .flatMap(uri -> uri.getSentinels().isEmpty() ? Stream.of(uri) : uri.getSentinels().stream())
        .map(uri -> uri.getHost() + ":" + uri.getPort())
        .collect(Collectors.joining(","));
  }

  List<RedisURI> uris() {
    return uris(url);
  }

  private static List<RedisURI> uris(String url) {
    try {
      URI uri = URI.create(url);
      return uri.getAuthority() != null
              && uri.getAuthority().indexOf(',') >= 0
              && !uri.getScheme().contains("sentinel")
          ? RedisClusterURIUtil.toRedisURIs(uri)
          : List.of(RedisURI.create(url));
    } catch (IllegalArgumentException | NullPointerException e) {
      throw new IllegalArgumentException(
          "redis URL: cannot be read (expected: redis://, rediss:// or"
              + " redis-sentinel://host:port#master)");
    }
  }

  /** Everything but the URL, which may hold a password. */
  @Override
  public String toString() {
    return "RedisOptions[prefix="
        + prefix
        + ", timeout="
        + timeout
        + ", connections="
        + connections
        + "]";
  }
}
