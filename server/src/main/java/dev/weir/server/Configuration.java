// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.util.Objects.requireNonNull;

import dev.weir.core.PolicySet;
import dev.weir.policy.InvalidFileException;
import dev.weir.policy.PolicyCatalog;
import dev.weir.policy.Problem;
import dev.weir.redis.RedisOptions;
import dev.weir.server.admin.AdminSettings;
import dev.weir.server.gateway.AuthSettings;
import dev.weir.server.gateway.Route;
import dev.weir.server.rls.RlsSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Everything that a server is started with.
 *
 * @param listeners where it listens and what it serves there; at least one
 * @param routes the gateway's routes
 * @param auth what proxies that ask before they forward are answered
 * @param catalog which descriptors are limited, and how, in every load state
 * @param limits what one client may ask of the process
 * @param store where the state of limits is kept
 * @param identities who callers are, and where that is kept
 * @param administration who may administer; nobody named means a token made at the first start
 * @param log what is logged, and how
 * @param rls what Envoy's rate limit service answers
 * @param eventLoops threads that serve; 0 means one per processor
 * @param drain time that requests in flight have at the end
 * @param file where it was read from, and is read from again when that changes
 * @param policyFiles the files of policies that it names
 * @param environment the variables that it was read with
 * @param administratorsGiven whether {@code administration} is none that files or variables name,
 *     so that they are not asked for it again
 */
public record Configuration(
    List<Listener> listeners,
    List<Route> routes,
    AuthSettings auth,
    PolicyCatalog catalog,
    HttpLimits limits,
    StoreSettings store,
    IdentitySettings identities,
    AdminSettings administration,
    LogSettings log,
    RlsSettings rls,
    int eventLoops,
    Duration drain,
    Optional<Path> file,
    List<Path> policyFiles,
    Map<String, String> environment,
    boolean administratorsGiven) {

  static final Duration DEFAULT_DRAIN = Duration.ofSeconds(10);

  public Configuration {
    listeners = List.copyOf(listeners);
    routes = List.copyOf(routes);
    requireNonNull(auth, "auth");
    requireNonNull(catalog, "catalog");
    requireNonNull(limits, "limits");
    requireNonNull(store, "store");
    requireNonNull(identities, "identities");
    requireNonNull(administration, "administration");
    requireNonNull(log, "log");
    requireNonNull(rls, "rls");
    requireNonNull(drain, "drain");
    requireNonNull(file, "file");
    policyFiles = List.copyOf(policyFiles);
    environment = Map.copyOf(environment);
    if (listeners.isEmpty()) {
      throw new IllegalArgumentException("listeners: none (expected: at least one)");
    }
    if (eventLoops < 0 || eventLoops > 1_024) {
      throw new IllegalArgumentException("eventLoops: " + eventLoops + " (expected: 0..1024)");
    }
  }

  /** What {@code weir serve} starts without a file. */
  public static Configuration defaults() {
    return new Configuration(
        List.of(Defaults.sample(), Defaults.admin()),
        Defaults.routes(),
        AuthSettings.DEFAULT,
        PolicyCatalog.of(Defaults.policies()),
        HttpLimits.DEFAULT,
        StoreSettings.memory(),
        IdentitySettings.NONE,
        AdminSettings.NONE,
        LogSettings.DEFAULT,
        RlsSettings.NONE,
        0,
        DEFAULT_DRAIN,
        Optional.empty(),
        List.of(),
        Map.of(),
        false);
  }

  /**
   * The configuration of a file.
   *
   * @param environment the values of variables
   * @throws InvalidFileException if the file cannot be used
   * @throws IOException if it cannot be read
   */
  public static Configuration read(Path file, Map<String, String> environment) throws IOException {
    return ConfigurationReader.read(file, environment, Optional.empty());
  }

  /**
   * The configuration of a command line and its environment.
   *
   * @throws InvalidFileException if the file cannot be used
   * @throws UncheckedIOException if it cannot be read
   * @throws IllegalArgumentException if the URL of Redis or a variable of the log cannot be used
   */
  public static Configuration of(ServeOptions options, Map<String, String> environment) {
    Optional<String> redis = options.redis().map(RedisUrl::checked);
    Configuration configuration = base(options, environment, redis);
    Listener first = configuration.listeners.getFirst();
    first = options.host().map(first::host).orElse(first);
    if (options.port().isPresent()) {
      first = first.port(options.port().getAsInt());
    }
    List<Listener> all = new ArrayList<>(configuration.listeners);
    all.set(0, first);
    options.adminPort().ifPresent(port -> administer(all, port));
    options.respPort().ifPresent(port -> addResp(all, port));
    options.grpcPort().ifPresent(port -> serve(all, Surface.RLS, "grpc", port));
    configuration = configuration.listeners(all);
    if (options.dataDir().isPresent()) {
      configuration =
          configuration.identities(
              configuration.identities.records(RecordSettings.folder(options.dataDir().get())));
    }
    configuration = configuration.administrators(administrators(configuration, environment));
    return options.eventLoops().isPresent()
        ? configuration.eventLoops(options.eventLoops().getAsInt())
        : configuration;
  }

  private static Configuration base(
      ServeOptions options, Map<String, String> environment, Optional<String> redis) {
    if (options.envoyConfig().isPresent()) {
      if (options.config().isPresent()) {
        throw new IllegalArgumentException(
            "--envoy-config: beside --config (expected: one of them; a configuration has"
                + " policy-files with format: envoy)");
      }
      return EnvoyProfile.read(
          EnvoyProfile.variables(options.envoyConfig().get(), environment), redis);
    }
    return options.config().isPresent()
        ? readNow(options.config().get(), environment, redis)
        : redis
            .map(url -> defaults().store(StoreSettings.redis(RedisOptions.of(url))))
            .orElseGet(Configuration::defaults)
            .listeners(List.of(Defaults.sample(), Defaults.freeAdmin()))
            .log(LogSettings.of(environment));
  }

  /** A variable that others read as well is not looked at where nothing is administered. */
  private static AdminSettings administrators(
      Configuration configuration, Map<String, String> environment) {
    return configuration.administered()
        ? configuration.administration.or(environment)
        : configuration.administration;
  }

  /** Whether any listener serves the administration. */
  boolean administered() {
    return listeners.stream()
        .anyMatch(
            listener ->
                listener.serves().contains(Surface.ADMIN)
                    || listener.serves().contains(Surface.ADMIN_E));
  }

  /** Puts the administration on a port, where it is or by itself on the loopback address. */
  private static void administer(List<Listener> listeners, int port) {
    for (int i = 0; i < listeners.size(); i++) {
      Listener listener = listeners.get(i);
      if (listener.serves().equals(Set.of(Surface.ADMIN))) {
        listeners.set(i, listener.port(port));
        return;
      }
    }
    listeners.add(Defaults.admin().port(port));
  }

  /**
   * Puts the Redis protocol on a port, where it is, or beside the first listener on its address and
   * with its tokens, lists and certificates.
   */
  private static void addResp(List<Listener> listeners, int port) {
    for (int i = 0; i < listeners.size(); i++) {
      if (listeners.get(i).resp()) {
        listeners.set(i, listeners.get(i).port(port));
        return;
      }
    }
    listeners.add(listeners.getFirst().asResp(port));
  }

  /**
   * Serves one thing on a port of its own, where that is already so or to whom the first listener
   * serves.
   */
  private static void serve(List<Listener> listeners, Surface surface, String name, int port) {
    for (int i = 0; i < listeners.size(); i++) {
      Listener listener = listeners.get(i);
      if (listener.serves().equals(Set.of(surface))) {
        listeners.set(i, listener.port(port));
        return;
      }
    }
    listeners.add(listeners.getFirst().alone(name, surface).port(port));
  }

  /**
   * What its files say now, of that which is followed while a server runs.
   *
   * @param administrators who may administer according to the file and variables; nothing if they
   *     never said
   */
  record Again(PolicyCatalog catalog, Optional<AdminSettings> administrators) {}

  /**
   * Reads its files once more; blocks.
   *
   * @throws InvalidFileException if one cannot be used or read
   */
  Again again() {
    Configuration now = readAgain();
    return new Again(
        now.catalog,
        file.isPresent() && administered() && !administratorsGiven
            ? Optional.of(now.administration.or(environment))
            : Optional.empty());
  }

  private Configuration readAgain() {
    if (EnvoyProfile.isRead(environment)) {
      return EnvoyProfile.read(environment, Optional.empty());
    }
    try {
      return file.isPresent() ? read(file.get(), environment) : this;
    } catch (IOException e) {
      throw new InvalidFileException(
          List.of(new Problem(file.toString(), 1, 1, "", Unreadable.why(e))));
    }
  }

  private static Configuration readNow(
      Path file, Map<String, String> environment, Optional<String> redis) {
    try {
      return ConfigurationReader.read(file, environment, redis);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same with other listeners. */
  public Configuration listeners(List<Listener> others) {
    return with(parts -> parts.listeners = others);
  }

  /** The same with other bounds on clients. */
  public Configuration limits(HttpLimits others) {
    return with(parts -> parts.limits = others);
  }

  /** The same with another number of event loops. */
  public Configuration eventLoops(int others) {
    return with(parts -> parts.eventLoops = others);
  }

  /** Which descriptors are limited, and how, in normal times. */
  public PolicySet policies() {
    return catalog.in(PolicyCatalog.NORMAL);
  }

  /** The same with other policies, which are the same in every state. */
  public Configuration policies(PolicySet others) {
    return catalog(PolicyCatalog.of(others));
  }

  /** The same with other policies. */
  public Configuration catalog(PolicyCatalog other) {
    return with(parts -> parts.catalog = other);
  }

  /** The same with another time to drain. */
  public Configuration drain(Duration other) {
    return with(parts -> parts.drain = other);
  }

  /** The same with another store. */
  public Configuration store(StoreSettings others) {
    return with(parts -> parts.store = others);
  }

  /** The same with other identities. */
  public Configuration identities(IdentitySettings others) {
    return with(parts -> parts.identities = others);
  }

  /** The same with other administrators, whatever its file says of them later. */
  public Configuration administration(AdminSettings others) {
    return with(
        parts -> {
          parts.administration = others;
          parts.administratorsGiven = true;
        });
  }

  /** The same with those that its file and variables name. */
  Configuration administrators(AdminSettings named) {
    return with(parts -> parts.administration = named);
  }

  /** The same with another log. */
  public Configuration log(LogSettings other) {
    return with(parts -> parts.log = other);
  }

  private Configuration with(Consumer<Parts> change) {
    Parts parts = new Parts(this);
    change.accept(parts);
    return new Configuration(
        parts.listeners,
        routes,
        auth,
        parts.catalog,
        parts.limits,
        parts.store,
        parts.identities,
        parts.administration,
        parts.log,
        rls,
        parts.eventLoops,
        parts.drain,
        file,
        policyFiles,
        environment,
        parts.administratorsGiven);
  }

  /** The parts that may differ in a copy. */
  private static final class Parts {
    private List<Listener> listeners;
    private PolicyCatalog catalog;
    private HttpLimits limits;
    private StoreSettings store;
    private IdentitySettings identities;
    private AdminSettings administration;
    private boolean administratorsGiven;
    private LogSettings log;
    private int eventLoops;
    private Duration drain;

    Parts(Configuration of) {
      listeners = of.listeners;
      catalog = of.catalog;
      limits = of.limits;
      store = of.store;
      identities = of.identities;
      administration = of.administration;
      administratorsGiven = of.administratorsGiven;
      log = of.log;
      eventLoops = of.eventLoops;
      drain = of.drain;
    }
  }

  /** Its listeners and files; not the environment, which may hold secrets. */
  @Override
  public String toString() {
    return "Configuration[listeners=" + listeners + ", file=" + file + "]";
  }
}
