// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the command line of {@code weir serve} says; what it leaves out, the configuration decides.
 *
 * @param config the configuration file
 * @param host the address of the first listener
 * @param port the port of the first listener
 * @param eventLoops threads that serve
 * @param redis the URL of the Redis that keeps the state of limits
 */
public record ServeOptions(
    Optional<Path> config,
    Optional<String> host,
    OptionalInt port,
    OptionalInt eventLoops,
    Optional<String> redis) {

  /** Nothing said. */
  public static final ServeOptions NONE =
      new ServeOptions(
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          Optional.empty());

  public ServeOptions {
    requireNonNull(config, "config");
    requireNonNull(host, "host");
    requireNonNull(port, "port");
    requireNonNull(eventLoops, "eventLoops");
    requireNonNull(redis, "redis");
  }

  /** The same with a Redis. */
  public ServeOptions redis(String url) {
    return new ServeOptions(config, host, port, eventLoops, Optional.of(url));
  }

  /** Everything but the URL, which may hold a password. */
  @Override
  public String toString() {
    return "ServeOptions[config=" + config + ", host=" + host + ", port=" + port + "]";
  }
}
