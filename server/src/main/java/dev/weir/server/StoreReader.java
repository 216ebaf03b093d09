// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.core.MemoryStore;
import dev.weir.policy.Fields;
import dev.weir.policy.InvalidFileException;
import dev.weir.policy.Node;
import dev.weir.policy.TiersJson;
import dev.weir.redis.RedisOptions;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** Reads where the state of limits is kept. */
final class StoreReader {

  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofSeconds(60);
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,2}([.][0-9]{1,9})?");
  private static final List<String> PARTS = List.of("port", "database", "username", "password");

  private final Path file;
  private final Optional<String> url;

  /**
   * @param file the configuration, beside which certificates are looked for
   * @param url the URL in place of the one in the file
   */
  StoreReader(Path file, Optional<String> url) {
    this.file = file;
    this.url = url;
  }

  StoreSettings read(Optional<Node> node) {
    if (node.isEmpty() || node.get().kind() == Node.Kind.SCALAR) {
      node.filter(n -> n.text().filter("memory"::equals).isEmpty())
          .ifPresent(n -> n.expect("memory, or a mapping of memory or redis"));
      return new StoreSettings(
          MemoryStore.defaultMaxKeys(), url.map(RedisOptions::of), OptionalInt.empty());
    }
    Fields fields = node.get().fields();
    Optional<Fields> memory = fields.node("memory").map(Node::fields);
    long maxKeys =
        memory
            .flatMap(f -> f.integer("max-keys", 1, 1_000_000_000))
            .orElse(MemoryStore.defaultMaxKeys());
    memory.ifPresent(Fields::done);
    Optional<RedisOptions> redis =
        fields.node("redis").map(this::redis).orElseGet(() -> url.map(RedisOptions::of));
    Optional<Long> nodes =
        fields
            .node("nodes")
            .filter(n -> n.kind() != Node.Kind.SCALAR || !n.isEmpty())
            .flatMap(n -> n.integer(1, StoreSettings.MAX_NODES));
    fields.done();
    return new StoreSettings(
        maxKeys,
        redis,
        nodes.map(count -> OptionalInt.of(count.intValue())).orElse(OptionalInt.empty()));
  }

  /** The Redis of a mapping or a URL; none if its place is empty. */
  Optional<RedisOptions> redis(Node node) {
    if (node.kind() == Node.Kind.SCALAR) {
      return url.or(() -> given(Optional.of(node)).flatMap(text -> checked(node, text)))
          .map(RedisOptions::of);
    }
    Fields fields = node.fields();
    Optional<Path> ca = path(fields, "ca");
    Optional<Path> certificate = path(fields, "certificate");
    Optional<Path> privateKey = path(fields, "private-key");
    Optional<TiersJson.Redis> told = given(fields.node("tiers-json")).flatMap(n -> told(node, n));
    Optional<String> where =
        fields.node("addresses").isPresent()
            ? addresses(node, fields)
            : where(node, fields, ca.isPresent() || certificate.isPresent(), told);
    Optional<String> prefix = fields.text("prefix");
    Optional<Duration> timeout =
        fields
            .duration("timeout", SHORTEST, LONGEST)
            .or(() -> seconds(fields.node("timeout-seconds")))
            .or(() -> told.flatMap(TiersJson.Redis::timeoutSeconds).map(StoreReader::duration));
    Optional<Long> maxWaiting = fields.integer("max-waiting", 1, 10_000_000);
    Optional<RedisOptions.ClusterBatches> clusterBatches =
        fields.choice("cluster-batches", RedisOptions.ClusterBatches.class);
    fields.done();
    return where
        .or(() -> Optional.of("redis://unused"))
        .flatMap(
            at ->
                node.attempt(
                    () ->
                        Optional.of(
                            new RedisOptions(
                                at,
                                prefix.orElse(RedisOptions.DEFAULT_PREFIX),
                                timeout.orElse(RedisOptions.DEFAULT_TIMEOUT),
                                1,
                                maxWaiting
                                    .map(Long::intValue)
                                    .orElse(RedisOptions.DEFAULT_MAX_WAITING),
                                clusterBatches.orElse(RedisOptions.ClusterBatches.NODE),
                                ca,
                                certificate,
                                privateKey))))
        // Without a place the rest is only checked: the same file serves with Redis and without.
        .filter(options -> where.isPresent());
  }

  private Optional<String> where(
      Node node, Fields fields, boolean tls, Optional<TiersJson.Redis> told) {
    Optional<Node> urlNode = fields.node("url");
    Optional<Node> hostNode = fields.node("host");
    Optional<Long> port =
        whole(fields.node("port"), 1, 65_535).or(() -> told.flatMap(other -> whole(other.port())));
    Optional<Long> database =
        whole(fields.node("database"), 0, 1_000_000)
            .or(() -> told.flatMap(other -> whole(other.database())));
    Optional<String> username = given(fields.node("username"));
    Optional<String> password = given(fields.node("password"));
    if (urlNode.isPresent() == hostNode.isPresent()) {
      node.report(
          "url and host: "
              + (urlNode.isPresent() ? "both" : "neither")
              + " (expected: one of them)");
      return Optional.empty();
    }
    if (urlNode.isPresent()) {
      for (String part : PARTS) {
        fields.node(part).ifPresent(n -> n.report("beside a url (expected: as part of the url)"));
      }
    }
    if (username.isPresent() && password.isEmpty()) {
      fields.node("username").ifPresent(n -> n.report("without a password (expected: both)"));
    }
    Optional<String> ofUrl = given(urlNode).flatMap(text -> checked(urlNode.orElseThrow(), text));
    Optional<String> ofHost =
        given(hostNode)
            .or(() -> told.map(TiersJson.Redis::host))
            .map(
                host ->
                    RedisUrl.of(
                        tls, host, port.orElse(6_379L), database.orElse(0L), username, password))
            .flatMap(text -> checked(hostNode.orElseThrow(), text));
    return url.or(() -> ofUrl).or(() -> ofHost);
  }

  /** Servers as {@code host:port,host:port}, and of which kind they are. */
  private Optional<String> addresses(Node node, Fields fields) {
    Optional<Node> listed = fields.node("addresses");
    Topology topology =
        given(fields.node("topology"))
            .flatMap(text -> fields.node("topology").flatMap(StoreReader::topology))
            .orElse(Topology.SINGLE);
    String socket = given(fields.node("socket")).orElse("tcp").toLowerCase(Locale.ROOT);
    boolean tls = fields.truth("tls").orElse(false) || socket.equals("tls");
    Optional<String> password = given(fields.node("password"));
    for (String other : List.of("url", "host", "port", "database", "username")) {
      fields.node(other).ifPresent(n -> n.report("beside addresses (expected: only one of them)"));
    }
    Optional<String> text = given(listed);
    if (url.isPresent() || text.isEmpty()) {
      return url;
    }
    if (!socket.equals("tcp") && !socket.equals("tls")) {
      fields.node("socket").orElse(node).report(socket + " (expected: tcp or tls)");
      return Optional.empty();
    }
    return listed.flatMap(
        n ->
            n.attempt(
                () ->
                    Optional.of(
                        RedisUrl.checked(RedisUrl.of(topology, tls, text.get(), password)))));
  }

  private static Optional<Topology> topology(Node node) {
    return node.convert(
        text -> {
          try {
            return Topology.valueOf(text.toUpperCase(Locale.ROOT));
          } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                "topology (expected: one of single, cluster, sentinel)", e);
          }
        });
  }

  /** What servers are to each other. */
  enum Topology {
    SINGLE("host:port"),
    CLUSTER("host:port,host:port"),
    SENTINEL("master,host:port,host:port");

    private final String expected;

    Topology(String expected) {
      this.expected = expected;
    }

    /** How its servers are written. */
    String expected() {
      return expected;
    }
  }

  /** A whole number, unless the text is empty once its variables are. */
  private static Optional<Long> whole(Optional<Node> node, long min, long max) {
    return given(node).isEmpty() ? Optional.empty() : node.flatMap(n -> n.integer(min, max));
  }

  private static Optional<Long> whole(OptionalInt value) {
    return value.isPresent() ? Optional.of((long) value.getAsInt()) : Optional.empty();
  }

  private static Optional<Duration> seconds(Optional<Node> node) {
    return given(node).isEmpty()
        ? Optional.empty()
        : node.flatMap(n -> n.convert(StoreReader::seconds));
  }

  private static Duration seconds(String text) {
    if (!SECONDS.matcher(text).matches()) {
      throw new IllegalArgumentException("timeout (expected: seconds, such as 0.025)");
    }
    return duration(new BigDecimal(text));
  }

  private static Duration duration(BigDecimal seconds) {
    Duration exact = Duration.ofNanos(seconds.movePointRight(9).longValue());
    return exact.compareTo(SHORTEST) < 0 ? SHORTEST : exact;
  }

  /** The Redis of a JSON file of tiers, which its own reader tells the mistakes of. */
  private Optional<TiersJson.Redis> told(Node node, String name) {
    Path path = file.toAbsolutePath().resolveSibling(name);
    try {
      return TiersFiles.read(path).redis();
    } catch (IOException e) {
      node.report("cannot be read: " + e);
    } catch (InvalidFileException e) {
      e.problems().forEach(problem -> node.report(problem.toString()));
    }
    return Optional.empty();
  }

  /* What is wrong with a URL is told without the text that stands there, which may be secret. */
  private static Optional<String> checked(Node node, String url) {
    try {
      return Optional.of(RedisUrl.checked(url));
    } catch (IllegalArgumentException e) {
      node.report(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /** A text that is not empty, once its variables are. */
  private static Optional<String> given(Optional<Node> node) {
    return node.flatMap(Node::text).filter(text -> !text.isEmpty());
  }

  private Optional<Path> path(Fields fields, String name) {
    return given(fields.node(name)).map(text -> file.toAbsolutePath().resolveSibling(text));
  }
}
