// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The lines of the log that tell where a server that has started listens. */
final class StartLines {

  private static final Logger LOG = LoggerFactory.getLogger(WeirServer.class);

  private final Configuration configuration;
  private final Map<String, Integer> ports;

  /**
   * @param ports the port of each listener by its name
   */
  StartLines(Configuration configuration, Map<String, Integer> ports) {
    this.configuration = configuration;
    this.ports = ports;
  }

  void tell() {
    for (Listener listener : configuration.listeners()) {
      String served =
          listener.serves().stream().map(Surface::word).sorted().collect(Collectors.joining(", "));
      LOG.info("{} on {}: {}", listener.name(), url(listener), served);
    }
    if (configuration.file().isEmpty() && configuration.policyFiles().isEmpty()) {
      LOG.info(
          "no configuration: try  curl -i {}/hello", url(configuration.listeners().getFirst()));
    }
    warnIfOpen();
  }

  private String url(Listener listener) {
    String host = listener.host();
    boolean anywhere = host.equals("0.0.0.0") || host.equals("::");
    String name = anywhere ? "localhost" : host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    String scheme = listener.resp() ? "redis" : "http";
    String secure = listener.tls().isPresent() ? "s://" : "://";
    return scheme + secure + name + ":" + ports.get(listener.name());
  }

  /** Whoever has decisions made may spend and refund anybody's permits. */
  private void warnIfOpen() {
    for (Listener listener : configuration.listeners()) {
      if (listener.decides() && listener.tokens().open() && !isLoopback(listener.host())) {
        LOG.warn(
            "listener {} serves decisions on {} to everybody who reaches it",
            listener.name(),
            listener.host());
      }
    }
  }

  private static boolean isLoopback(String host) {
    return host.equals("localhost") || host.equals("::1") || host.startsWith("127.");
  }
}
