// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.util.Objects.requireNonNull;

import dev.weir.core.MemoryStore;
import dev.weir.core.PolicySet;
import dev.weir.policy.InvalidFileException;
import dev.weir.policy.Problem;
import dev.weir.server.gateway.Route;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that a server is started with.
 *
 * @param listeners where it listens and what it serves there; at least one
 * @param routes the gateway's routes
 * @param policies which descriptors are limited, and how
 * @param limits what one client may ask of the process
 * @param maxKeys most keys that the in-memory store holds
 * @param eventLoops threads that serve; 0 means one per processor
 * @param drain time that requests in flight have at the end
 * @param file where it was read from, and is read from again when that changes
 * @param policyFiles the files of policies that it names
 * @param environment the variables that it was read with
 */
public record Configuration(
    List<Listener> listeners,
    List<Route> routes,
    PolicySet policies,
    HttpLimits limits,
    long maxKeys,
    int eventLoops,
    Duration drain,
    Optional<Path> file,
    List<Path> policyFiles,
    Map<String, String> environment) {

  static final Duration DEFAULT_DRAIN = Duration.ofSeconds(10);

  public Configuration {
    listeners = List.copyOf(listeners);
    routes = List.copyOf(routes);
    requireNonNull(policies, "policies");
    requireNonNull(limits, "limits");
    requireNonNull(drain, "drain");
    requireNonNull(file, "file");
    policyFiles = List.copyOf(policyFiles);
    environment = Map.copyOf(environment);
    if (listeners.isEmpty()) {
      throw new IllegalArgumentException("listeners: none (expected: at least one)");
    }
    if (maxKeys < 1) {
      throw new IllegalArgumentException("maxKeys: " + maxKeys + " (expected: 1 or more)");
    }
    if (eventLoops < 0 || eventLoops > 1_024) {
      throw new IllegalArgumentException("eventLoops: " + eventLoops + " (expected: 0..1024)");
    }
  }

  /** What {@code weir serve} starts without a file. */
  public static Configuration defaults() {
    return new Configuration(
        List.of(Defaults.sample()),
        Defaults.routes(),
        Defaults.policies(),
        HttpLimits.DEFAULT,
        MemoryStore.defaultMaxKeys(),
        0,
        DEFAULT_DRAIN,
        Optional.empty(),
        List.of(),
        Map.of());
  }

  /**
   * The configuration of a file.
   *
   * @param environment the values of variables
   * @throws InvalidFileException if the file cannot be used
   * @throws IOException if it cannot be read
   */
  public static Configuration read(Path file, Map<String, String> environment) throws IOException {
    return ConfigurationReader.read(file, environment);
  }

  /**
   * The configuration of a command line and its environment.
   *
   * @throws InvalidFileException if the file cannot be used
   * @throws UncheckedIOException if it cannot be read
   */
  public static Configuration of(ServeOptions options, Map<String, String> environment) {
    Configuration configuration =
        options.config().isPresent() ? readNow(options, environment) : defaults();
    Listener first = configuration.listeners.getFirst();
    first = options.host().map(first::host).orElse(first);
    if (options.port().isPresent()) {
      first = first.port(options.port().getAsInt());
    }
    List<Listener> all = new ArrayList<>(configuration.listeners);
    all.set(0, first);
    configuration = configuration.listeners(all);
    return options.eventLoops().isPresent()
        ? configuration.eventLoops(options.eventLoops().getAsInt())
        : configuration;
  }

  /** What its files say about policies now. */
  PolicySet policiesAgain() {
    try {
      return file.isPresent() ? read(file.get(), environment).policies : policies;
    } catch (IOException e) {
      throw new InvalidFileException(
          List.of(new Problem(file.toString(), 1, 1, "", "cannot be read: " + e)));
    }
  }

  private static Configuration readNow(ServeOptions options, Map<String, String> environment) {
    try {
      return read(options.config().orElseThrow(), environment);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same with other listeners. */
  public Configuration listeners(List<Listener> others) {
    return new Configuration(
        others,
        routes,
        policies,
        limits,
        maxKeys,
        eventLoops,
        drain,
        file,
        policyFiles,
        environment);
  }

  /** The same with other bounds on clients. */
  public Configuration limits(HttpLimits others) {
    return new Configuration(
        listeners,
        routes,
        policies,
        others,
        maxKeys,
        eventLoops,
        drain,
        file,
        policyFiles,
        environment);
  }

  /** The same with another number of event loops. */
  public Configuration eventLoops(int others) {
    return new Configuration(
        listeners,
        routes,
        policies,
        limits,
        maxKeys,
        others,
        drain,
        file,
        policyFiles,
        environment);
  }

  /** The same with other policies. */
  public Configuration policies(PolicySet others) {
    return new Configuration(
        listeners,
        routes,
        others,
        limits,
        maxKeys,
        eventLoops,
        drain,
        file,
        policyFiles,
        environment);
  }

  /** The same with another time to drain. */
  public Configuration drain(Duration other) {
    return new Configuration(
        listeners,
        routes,
        policies,
        limits,
        maxKeys,
        eventLoops,
        other,
        file,
        policyFiles,
        environment);
  }

  /** The same with another bound on keys. */
  public Configuration maxKeys(long others) {
    return new Configuration(
        listeners,
        routes,
        policies,
        limits,
        others,
        eventLoops,
        drain,
        file,
        policyFiles,
        environment);
  }
}
