// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.Loopback;
import dev.weir.server.Configuration;
import dev.weir.server.WeirServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/** A server on free loopback ports, with an administrator of each role. */
final class DashboardServer implements AutoCloseable {

  static final String ADMIN = "admin-token-0123456789";
  static final String OPERATOR = "operator-token-0123456789";
  static final String VIEWER = "viewer-token-0123456789";

  static final String POLICIES =
      """
      version: 1
      tiers:
        free: { minute: { normal: 20 per minute sliding, busy: 5 per minute sliding } }
        pro: { minute: 150 per minute sliding }
      states:
        busy: { shed: low }
      policies:
        - name: per-user
          domain: api
          match: { user: "*" }
          key: [user]
          tier: tier
          limits:
            - { name: minute, rate: 10 per minute sliding }
        - name: search
          domain: shop
          match: { path: /search }
          limits:
            - { name: all, rate: 60000000 per minute }
      """;

  private final WeirServer server;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private DashboardServer(WeirServer server) {
    this.server = server;
  }

  /** One in memory. */
  static DashboardServer start(Path folder) {
    return start(folder, "  memory: {}", POLICIES);
  }

  /**
   * @param folder for its files, empty at first
   * @param store the lines below {@code store}
   * @param policies the policy file
   */
  static DashboardServer start(Path folder, String store, String policies) {
    String text =
        """
        version: 1
        log: { level: warn }
        store:
        %s
        listeners:
          - { name: public, host: 127.0.0.1, port: 0, serves: [api] }
          - { name: admin, host: 127.0.0.1, port: 0, serves: [admin, metrics] }
        identities: { secret: "a secret of tests, long enough" }
        admin:
          tokens:
            - { name: ada, role: admin, sha256: %s }
            - { name: otto, role: operator, sha256: %s }
            - { name: vera, role: viewer, sha256: %s }
        policy-files: [{ file: policies.yaml }]
        """
            .formatted(store, digest(ADMIN), digest(OPERATOR), digest(VIEWER));
    try {
      Files.writeString(folder.resolve("policies.yaml"), policies, UTF_8);
      Path file = Files.writeString(folder.resolve("weir.yaml"), text, UTF_8);
      return new DashboardServer(WeirServer.start(Configuration.read(file, Map.of())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String digest(String token) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Where the pages are. */
  String origin() {
    return "http://127.0.0.1:" + server.ports().get("admin");
  }

  AdministrationClient administration(String token) {
    return new AdministrationClient(server.ports().get("admin"), token);
  }

  /** Changes something by the API; it has to work. */
  HttpResponse<String> administer(String method, String path, String body) {
    HttpResponse<String> answer = administration(ADMIN).send(method, "/v1/admin/" + path, body);
    assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
    return answer;
  }

  /** One check of a domain by one entry; the answer. */
  String check(String domain, String key, String value, int cost) {
    String body =
        "{\"domain\":%s,\"descriptors\":[{\"entries\":[{\"key\":%s,\"value\":%s}],\"cost\":%d}]}"
            .formatted(quoted(domain), quoted(key), quoted(value), cost);
    return post("/v1/check", body);
  }

  /** Sends a body to the decision API. */
  String post(String path, String body) {
    HttpResponse<String> answer =
        Loopback.send(client, Loopback.request(server.ports().get("public"), "POST", path, body));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  /** A text as JSON writes it. */
  static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }

  @Override
  public void close() {
    server.close();
  }
}
