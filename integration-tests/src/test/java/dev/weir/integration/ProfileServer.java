// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import dev.weir.redis.fixtures.Loopback;
import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.server.Configuration;
import dev.weir.server.WeirServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** One of {@code examples/profiles}, served on a free loopback port, and a client for it. */
final class ProfileServer implements AutoCloseable {

  private final WeirServer server;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private ProfileServer(WeirServer server) {
    this.server = server;
  }

  /**
   * @param name of the file, without its ending
   * @param store where it keeps its limits, empty at first
   * @param environment further variables
   */
  static ProfileServer start(String name, ProfileStore store, Map<String, String> environment) {
    Map<String, String> variables = new HashMap<>(store.variables());
    variables.putAll(environment);
    return start(name, variables);
  }

  private static ProfileServer start(String name, Map<String, String> environment) {
    Map<String, String> variables = new HashMap<>(environment);
    variables.put("HOST", "127.0.0.1");
    variables.put("PORT", "0");
    try {
      return new ProfileServer(WeirServer.start(Configuration.read(file(name), variables)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One whose limits are in this Redis, with what that holds. */
  static ProfileServer start(String name, RedisProcess redis, Map<String, String> environment) {
    Map<String, String> variables = new HashMap<>(ProfileStore.variables(redis));
    variables.putAll(environment);
    return start(name, variables);
  }

  static Path file(String name) {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(folder.resolve("examples/profiles"))) {
      folder = folder.getParent();
    }
    return folder.resolve("examples/profiles/" + name + ".yaml");
  }

  int port() {
    return server.ports().values().iterator().next();
  }

  HttpResponse<String> get(String target, String... headers) {
    return send("GET", target, headers);
  }

  HttpResponse<String> send(String method, String target, String... headers) {
    return send(method, target, "", headers);
  }

  HttpResponse<String> post(String target, String body, String... headers) {
    return send("POST", target, body, headers);
  }

  private HttpResponse<String> send(String method, String target, String body, String[] headers) {
    return Loopback.send(client, Loopback.request(port(), method, target, body, headers));
  }

  static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  @Override
  public void close() {
    server.close();
  }
}
