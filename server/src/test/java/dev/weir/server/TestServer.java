// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.redis.fixtures.Loopback;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.util.List;

/** A server on a free loopback port, and a client that speaks to it. */
final class TestServer implements AutoCloseable {

  private final WeirServer server;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private TestServer(WeirServer server) {
    this.server = server;
  }

  static TestServer start(Configuration configuration) {
    List<Listener> listeners =
        configuration.listeners().stream()
            .map(listener -> listener.host("127.0.0.1").port(0))
            .toList();
    return new TestServer(WeirServer.start(configuration.listeners(listeners).eventLoops(1)));
  }

  static TestServer start() {
    return start(Configuration.defaults());
  }

  WeirServer server() {
    return server;
  }

  int port() {
    return server.ports().values().iterator().next();
  }

  int port(String listener) {
    return server.ports().get(listener);
  }

  HttpResponse<String> get(String target, String... headers) {
    return send("GET", target, "", headers);
  }

  HttpResponse<String> post(String target, String body, String... headers) {
    return send("POST", target, body, headers);
  }

  HttpResponse<String> send(String method, String target, String body, String... headers) {
    return Loopback.send(client, Loopback.request(port(), method, target, body, headers));
  }

  @Override
  public void close() {
    server.close();
  }
}
