// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.core.Network;
import dev.weir.core.NetworkMap;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.policy.Document;
import dev.weir.policy.Fields;
import dev.weir.policy.InvalidFileException;
import dev.weir.policy.Node;
import dev.weir.policy.PolicyCatalog;
import dev.weir.policy.Problem;
import dev.weir.policy.Problems;
import dev.weir.server.admin.AdminSettings;
import dev.weir.server.gateway.Answer;
import dev.weir.server.gateway.AnswerReader;
import dev.weir.server.gateway.AuthReader;
import dev.weir.server.gateway.AuthSettings;
import dev.weir.server.gateway.ClientAddress;
import dev.weir.server.gateway.Route;
import dev.weir.server.gateway.RouteReader;
import dev.weir.server.rls.RlsSettings;
import dev.weir.server.wire.BearerTokens;
import dev.weir.server.wire.HeaderProfile;
import dev.weir.server.wire.Tokens;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Reads a configuration file; everything that is wrong with it is told at once. */
final class ConfigurationReader {

  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofHours(1);

  private final Path file;
  private final Map<String, String> variables;
  private final Optional<String> redisUrl;
  private final Function<String, Optional<String>> environment;
  // Where it is read from again when that changes.
  private Optional<Path> source;

  private ConfigurationReader(Path file, Map<String, String> variables, Optional<String> redisUrl) {
    this.file = file;
    this.source = Optional.of(file);
    this.variables = variables;
    this.redisUrl = redisUrl;
    this.environment = name -> Optional.ofNullable(variables.get(name));
  }

  /**
   * @param redisUrl a URL of Redis in place of the one in the file
   * @throws IOException if the file cannot be read
   * @throws InvalidFileException if it cannot be used
   */
  static Configuration read(Path file, Map<String, String> variables, Optional<String> redisUrl)
      throws IOException {
    return new ConfigurationReader(file, variables, redisUrl).parse(Document.text(file));
  }

  /**
   * A configuration that comes with the program.
   *
   * @param name what problems call it, beside which files are looked for
   * @throws InvalidFileException if it cannot be used in this environment
   */
  static Configuration builtIn(
      Path name, String text, Map<String, String> variables, Optional<String> redisUrl) {
    ConfigurationReader reader = new ConfigurationReader(name, variables, redisUrl);
    reader.source = Optional.empty();
    return reader.parse(text);
  }

  private Configuration parse(String text) {
    Problems problems = new Problems();
    Optional<Node> root = Document.read(file.toString(), text, environment, problems);
    Optional<Configuration> configuration = root.map(this::configuration);
    problems.throwIfAny();
    return configuration.orElseThrow(
        () -> new InvalidFileException(List.of(new Problem(file.toString(), 1, 1, "", "empty"))));
  }

  private Configuration configuration(Node root) {
    Fields fields = root.fields();
    fields.required("version").ifPresent(version -> version.integer(1, 1));
    Optional<Node> server = fields.node("server");
    Optional<Node> http = fields.node("http");
    StoreSettings store = new StoreReader(file, redisUrl).read(fields.node("store"));
    IdentitySettings identities =
        new IdentityReader(file).read(fields.node("identities"), fields.node("records"));
    List<Route> routes = fields.node("routes").map(RouteReader::routes).orElse(List.of());
    AuthSettings auth = fields.node("auth").map(AuthReader::settings).orElse(AuthSettings.DEFAULT);
    List<Listener> listeners = listeners(fields, !routes.isEmpty());
    AdminSettings administration =
        fields.node("admin").map(AdminReader::read).orElse(AdminSettings.NONE);
    PolicyFilesReader files = new PolicyFilesReader(file, variables);
    PolicyCatalog catalog = files.catalog(root, fields);
    catalog.states().forEach(state -> checkShares(root, catalog.in(state), store));
    RlsSettings rls = fields.node("rls").map(RlsReader::read).orElse(RlsSettings.NONE);
    LogSettings log = LogSettings.read(fields.node("log"), root, variables);
    fields.done();
    Optional<Fields> process = server.map(Node::fields);
    int eventLoops =
        process.flatMap(f -> f.integer("event-loops", 0, 1_024)).map(Long::intValue).orElse(0);
    Duration drain =
        process
            .flatMap(f -> f.duration("drain", SHORTEST, LONGEST))
            .orElse(Configuration.DEFAULT_DRAIN);
    process.ifPresent(Fields::done);
    Configuration read =
        new Configuration(
            listeners,
            routes,
            auth,
            catalog,
            http.map(ConfigurationReader::limits).orElse(HttpLimits.DEFAULT),
            store,
            identities,
            administration,
            log,
            rls,
            eventLoops,
            drain,
            source,
            files.files(),
            variables,
            false);
    if (read.administered()) {
      try {
        return read.administrators(administration.or(variables));
      } catch (IllegalArgumentException e) {
        root.report(String.valueOf(e.getMessage()));
      }
    }
    return read;
  }

  private static HttpLimits limits(Node node) {
    Fields fields = node.fields();
    HttpLimits other = HttpLimits.DEFAULT;
    HttpLimits limits =
        new HttpLimits(
            integer(fields, "max-request-line", 64, 1_048_576, other.maxRequestLineBytes()),
            integer(fields, "max-header", 256, 1_048_576, other.maxHeaderBytes()),
            integer(fields, "max-body", 1, 1_073_741_824, other.maxBodyBytes()),
            duration(fields, "header-deadline", other.headDeadline()),
            duration(fields, "body-deadline", other.bodyDeadline()),
            duration(fields, "idle-timeout", other.idleTimeout()),
            integer(fields, "max-connections", 1, 1_000_000, other.maxConnections()),
            integer(
                fields,
                "max-connections-per-address",
                1,
                1_000_000,
                other.maxConnectionsPerAddress()));
    fields.done();
    return limits;
  }

  private static int integer(Fields fields, String name, long min, long max, int otherwise) {
    return fields.integer(name, min, max).map(Long::intValue).orElse(otherwise);
  }

  private static Duration duration(Fields fields, String name, Duration otherwise) {
    return fields.duration(name, SHORTEST, LONGEST).orElse(otherwise);
  }

  private static void checkShares(Node root, PolicySet policies, StoreSettings store) {
    try {
      checkShares(policies, store);
    } catch (IllegalArgumentException e) {
      root.report(String.valueOf(e.getMessage()));
    }
  }

  /**
   * A share of a limit has to be countable before the store is away (R23).
   *
   * @throws IllegalArgumentException if it is not
   */
  static void checkShares(PolicySet policies, StoreSettings store) {
    RateLimiter.Builder probe =
        RateLimiter.builder().store(Nowhere.INSTANCE).denialMemory(0).policies(policies);
    // Without a number the nodes of a Redis count themselves, and the memory has one.
    probe.nodes(store.nodes().orElse(1));
    probe.build();
  }

  private List<Listener> listeners(Fields fields, boolean gateway) {
    List<Listener> listeners = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Node item : fields.items("listeners")) {
      Optional<Listener> listener = listener(item, listeners.size());
      listener.ifPresent(listeners::add);
      if (listener.isPresent() && !names.add(listener.get().name())) {
        item.report("name: " + listener.get().name() + " (expected: each name once)");
      }
    }
    if (!listeners.isEmpty()) {
      return listeners;
    }
    fields.node("listeners").ifPresent(node -> node.report("none (expected: at least one)"));
    return List.of(Defaults.listener(gateway));
  }

  private Optional<Listener> listener(Node node, int index) {
    Fields fields = node.fields();
    String name = fields.text("name").orElse("listener-" + index);
    String host = fields.text("host").orElse("0.0.0.0");
    Optional<Long> port = fields.required("port").flatMap(n -> n.integer(0, 65_535));
    Set<Surface> serves = EnumSet.noneOf(Surface.class);
    Optional<Node> named = fields.required("serves");
    for (Node item : named.map(Node::items).orElse(List.of())) {
      item.choice(Surface.class).ifPresent(serves::add);
    }
    HeaderProfile profile =
        fields.node("limit-headers").flatMap(RouteReader::profile).orElse(HeaderProfile.IETF);
    List<Network> proxies = networks(fields, "trusted-proxies");
    Access access = access(fields);
    Optional<Node> secured = fields.node("tls");
    Optional<Tls> tls = secured.flatMap(new TlsReader(file)::read);
    Tokens tokens = tokens(fields);
    Optional<Answer> notFound =
        fields.node("not-found").map(answer -> AnswerReader.answer(answer, 404));
    Optional<Answer> wrongMethod =
        fields.node("wrong-method").map(answer -> AnswerReader.answer(answer, 405));
    Optional<Answer> banned = fields.node("banned").map(answer -> AnswerReader.answer(answer, 429));
    fields.done();
    if (serves.contains(Surface.RESP) && (serves.size() > 1 || !proxies.isEmpty())) {
      node.report("resp: with others or with proxies (expected: alone, since it is no HTTP)");
      return Optional.empty();
    }
    // Never in plain text what was meant to be secured.
    boolean unsafe = secured.isPresent() && tls.isEmpty();
    if (port.isEmpty() || serves.isEmpty() || unsafe) {
      named
          .filter(n -> n.kind() == Node.Kind.SEQUENCE && n.items().isEmpty())
          .ifPresent(
              n ->
                  n.report(
                      "nothing (expected: routes, api, rls, rls-json, rls-debug, auth, admin,"
                          + " admin-e, metrics, health, throttle, resp)"));
      return Optional.empty();
    }
    return Optional.of(
        new Listener(
            name,
            host,
            port.get().intValue(),
            serves,
            profile,
            new ClientAddress(proxies),
            tokens,
            notFound,
            wrongMethod,
            banned,
            access,
            tls));
  }

  /** An empty list is a problem: it would let everybody in, or nobody. */
  private static Access access(Fields fields) {
    for (String name : List.of("allow", "deny")) {
      fields
          .node(name)
          .filter(node -> node.kind() == Node.Kind.SEQUENCE && node.items().isEmpty())
          .ifPresent(node -> node.report("no network (expected: at least one, or no list)"));
    }
    return new Access(
        NetworkMap.of(networks(fields, "allow")), NetworkMap.of(networks(fields, "deny")));
  }

  private static List<Network> networks(Fields fields, String name) {
    List<Network> networks = new ArrayList<>();
    for (Node item : fields.items(name)) {
      item.convert(Network::of).ifPresent(networks::add);
    }
    return networks;
  }

  /** An empty list, like a token that cannot be read, is a problem: it must not open the API. */
  private static Tokens tokens(Fields fields) {
    List<BearerTokens.Token<Set<Tokens.Scope>>> tokens = new ArrayList<>();
    for (Node item : fields.items("tokens")) {
      Fields token = item.fields();
      Set<Tokens.Scope> scopes = EnumSet.noneOf(Tokens.Scope.class);
      Optional<Node> named = token.required("scopes");
      for (Node scope : named.map(Node::items).orElse(List.of())) {
        scope.choice(Tokens.Scope.class).ifPresent(scopes::add);
      }
      token.required("sha256").flatMap(digest -> token(digest, scopes)).ifPresent(tokens::add);
      token.done();
    }
    fields
        .node("tokens")
        .filter(node -> node.items().isEmpty())
        .ifPresent(node -> node.report("none (expected: at least one, or no tokens at all)"));
    return new Tokens(tokens);
  }

  /**
   * The value is not told: whoever writes a token in place of its digest must not find it in a log.
   */
  private static Optional<BearerTokens.Token<Set<Tokens.Scope>>> token(
      Node digest, Set<Tokens.Scope> scopes) {
    try {
      return Optional.of(Tokens.token(digest.text().orElse(""), scopes));
    } catch (IllegalArgumentException e) {
      digest.report(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }
}
