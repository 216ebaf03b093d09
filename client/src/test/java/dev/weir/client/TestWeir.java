// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.redis.fixtures.Ports;
import dev.weir.server.Configuration;
import dev.weir.server.WeirServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A real Weir on a loopback port, which may be ended and started again. */
final class TestWeir implements AutoCloseable {

  private static final String CONFIGURATION =
      """
      version: 1
      server: { drain: 1s }
      listeners:
        - { name: api, host: 127.0.0.1, port: %d, serves: [api, metrics]%s }
      policies:
        - name: per-user
          domain: api
          match: { user: "*" }
          key: user
          limits: [{ name: hourly, rate: 100 per day fixed }]
      """;

  private final int port = Ports.free();
  private final String more;
  private WeirServer server;

  private TestWeir(String more) {
    this.more = more;
    server = started();
  }

  static TestWeir start() {
    return new TestWeir("");
  }

  /** With further fields of its listener. */
  static TestWeir start(String more) {
    return new TestWeir(", " + more);
  }

  private WeirServer started() {
    try {
      Path file = Files.createTempFile("weir", ".yaml");
      file.toFile().deleteOnExit();
      Files.writeString(file, CONFIGURATION.formatted(port, more));
      return WeirServer.start(Configuration.read(file, Map.of()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return port;
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + port);
  }

  void end() {
    server.close();
  }

  void startAgain() {
    server = started();
  }

  /** Answers of a class of status so far, the asking for metrics aside. */
  int answered(String status) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      String metrics =
          http.send(
                  HttpRequest.newBuilder(uri().resolve("/metrics")).build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      Matcher count =
          Pattern.compile("weir_http_requests_total\\{.*status=\"" + status + "\".*} (\\d+)")
              .matcher(metrics);
      return count.find() ? Integer.parseInt(count.group(1)) : 0;
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
