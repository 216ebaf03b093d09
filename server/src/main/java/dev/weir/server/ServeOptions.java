// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * What the command line of {@code weir serve} says; what it leaves out, the configuration decides.
 *
 * @param config the configuration file
 * @param host the address of the first listener
 * @param port the port of the first listener
 * @param eventLoops threads that serve
 * @param redis the URL of the Redis that keeps the state of limits
 * @param adminPort the port of the administration
 * @param grpcPort the port that Envoy's rate limit service has to itself
 * @param dataDir the folder that keeps records
 * @param respPort the port of the Redis protocol
 * @param envoyConfig the folder of the Envoy rate limit service's rules, in whose place it serves
 */
public record ServeOptions(
    Optional<Path> config,
    Optional<String> host,
    OptionalInt port,
    OptionalInt eventLoops,
    Optional<String> redis,
    OptionalInt adminPort,
    OptionalInt grpcPort,
    Optional<Path> dataDir,
    OptionalInt respPort,
    Optional<Path> envoyConfig) {

  /** Nothing said. */
  public static final ServeOptions NONE =
      new ServeOptions(
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty());

  public ServeOptions {
    requireNonNull(config, "config");
    requireNonNull(host, "host");
    requireNonNull(port, "port");
    requireNonNull(eventLoops, "eventLoops");
    requireNonNull(redis, "redis");
    requireNonNull(adminPort, "adminPort");
    requireNonNull(grpcPort, "grpcPort");
    requireNonNull(dataDir, "dataDir");
    requireNonNull(respPort, "respPort");
    requireNonNull(envoyConfig, "envoyConfig");
  }

  /** The same with a configuration file. */
  public ServeOptions config(Path given) {
    return with(draft -> draft.config = Optional.of(given));
  }

  /** The same with the first listener on another address. */
  public ServeOptions host(String given) {
    return with(draft -> draft.host = Optional.of(given));
  }

  /** The same with the first listener on another port. */
  public ServeOptions port(int given) {
    return with(draft -> draft.port = OptionalInt.of(given));
  }

  /** The same with a number of event loops. */
  public ServeOptions eventLoops(int given) {
    return with(draft -> draft.eventLoops = OptionalInt.of(given));
  }

  /** The same with a Redis. */
  public ServeOptions redis(String given) {
    return with(draft -> draft.redis = Optional.of(given));
  }

  /** The same with the administration on another port. */
  public ServeOptions adminPort(int given) {
    return with(draft -> draft.adminPort = OptionalInt.of(given));
  }

  /** The same with Envoy's rate limit service on a port of its own. */
  public ServeOptions grpcPort(int given) {
    return with(draft -> draft.grpcPort = OptionalInt.of(given));
  }

  /** The same with a folder for records. */
  public ServeOptions dataDir(Path given) {
    return with(draft -> draft.dataDir = Optional.of(given));
  }

  /** The same with the Redis protocol on a port. */
  public ServeOptions respPort(int given) {
    return with(draft -> draft.respPort = OptionalInt.of(given));
  }

  /** The same in the place of an Envoy rate limit service. */
  public ServeOptions envoyConfig(Path given) {
    return with(draft -> draft.envoyConfig = Optional.of(given));
  }

  private ServeOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.done();
  }

  /** Everything but the URL, which may hold a password. */
  @Override
  public String toString() {
    return "ServeOptions[config=" + config + ", host=" + host + ", port=" + port + "]";
  }

  /** Options that are being changed. */
  private static final class Draft {
    private Optional<Path> config;
    private Optional<String> host;
    private OptionalInt port;
    private OptionalInt eventLoops;
    private Optional<String> redis;
    private OptionalInt adminPort;
    private OptionalInt grpcPort;
    private Optional<Path> dataDir;
    private OptionalInt respPort;
    private Optional<Path> envoyConfig;

    Draft(ServeOptions from) {
      config = from.config;
      host = from.host;
      port = from.port;
      eventLoops = from.eventLoops;
      redis = from.redis;
      adminPort = from.adminPort;
      grpcPort = from.grpcPort;
      dataDir = from.dataDir;
      respPort = from.respPort;
      envoyConfig = from.envoyConfig;
    }

    ServeOptions done() {
      return new ServeOptions(
          config,
          host,
          port,
          eventLoops,
          redis,
          adminPort,
          grpcPort,
          dataDir,
          respPort,
          envoyConfig);
    }
  }
}
