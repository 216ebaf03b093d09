// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.redis.fixtures.Loopback;
import dev.weir.server.admin.AdminSettings;
import dev.weir.server.admin.Administrator;
import dev.weir.server.admin.Role;
import dev.weir.server.wire.BearerTokens;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;

/** A server with an administrator of each role, and a client that asks as one of them. */
final class AdminServer implements AutoCloseable {

  static final String VIEWER = "viewer-token-0123456789";
  static final String OPERATOR = "operator-token-0123456789";
  static final String ADMIN = "admin-token-0123456789";

  private static final AdminSettings SETTINGS =
      new AdminSettings(
          List.of(
              BearerTokens.Token.ofText(VIEWER, new Administrator("vera", Role.VIEWER)),
              BearerTokens.Token.ofText(OPERATOR, new Administrator("olaf", Role.OPERATOR)),
              BearerTokens.Token.ofText(ADMIN, new Administrator("anna", Role.ADMIN))),
          Optional.empty(),
          true,
          Optional.of("test"));

  private final TestServer server;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private AdminServer(TestServer server) {
    this.server = server;
  }

  static AdminServer start() {
    return start(Configuration.defaults());
  }

  static AdminServer start(Configuration configuration) {
    return new AdminServer(TestServer.start(configuration.administration(SETTINGS)));
  }

  TestServer server() {
    return server;
  }

  int port() {
    return server.port("admin");
  }

  HttpResponse<String> get(String target) {
    return send("GET", target, "", "Authorization", "Bearer " + VIEWER);
  }

  /** Asks as an administrator. */
  HttpResponse<String> call(String method, String target, String body) {
    return as(ADMIN, method, target, body);
  }

  HttpResponse<String> as(String token, String method, String target, String body) {
    return body.isEmpty()
        ? send(method, target, body, "Authorization", "Bearer " + token)
        : send(
            method,
            target,
            body,
            "Authorization",
            "Bearer " + token,
            "Content-Type",
            "application/json");
  }

  HttpResponse<String> send(String method, String target, String body, String... headers) {
    return send(port(), method, target, body, headers);
  }

  HttpResponse<String> send(
      int port, String method, String target, String body, String... headers) {
    return Loopback.send(client, Loopback.request(port, method, target, body, headers));
  }

  static JsonObject json(HttpResponse<String> answer) {
    return new JsonObject(answer.body());
  }

  @Override
  public void close() {
    server.close();
    client.close();
  }
}
