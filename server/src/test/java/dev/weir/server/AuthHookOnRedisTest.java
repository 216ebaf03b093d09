// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.RedisProcess;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The hook of proxies where decisions take time, and where they cannot be made. */
class AuthHookOnRedisTest {

  private static final String CONFIGURATION =
      """
      version: 1
      store: { redis: { url: "${URL}", timeout: 2s } }
      listeners:
        - { name: hook, host: 127.0.0.1, port: 0, serves: [auth] }
      identities: { secret: a-secret-of-this-test-0123456789, invalid-keys: { limit: 2, window: 1m, ban: 1m } }
      policies:
        - { name: open, domain: open, key: client, limits: [{ name: l, rate: 3 per day, on-failure: open }] }
        - { name: closed, domain: closed, key: client, limits: [{ name: l, rate: 3 per day, on-failure: closed }] }
      auth:
        rules:
          - path: /open
            check: { domain: open, entries: { client: "{address}" } }
            headers: { X-Told: "{header:X-Tell} {address} {path} {method}" }
          - path: /closed
            check: { domain: closed, entries: { client: "{address}" } }
          - path: /key
            identity: { from: [{ api-key: X-API-Key }] }
            check: { domain: open, entries: { client: "{identity}" } }
      """;

  private static TestServer start(RedisProcess redis) {
    return TestServer.start(
        TestConfiguration.of(CONFIGURATION, Map.of("URL", "redis://127.0.0.1:" + redis.port())));
  }

  @Test
  void requestsThatWait_areAnsweredInOrder_eachByItsOwnFields() throws Exception {
    try (RedisProcess redis = RedisProcess.start();
        TestServer server = start(redis);
        RawClient client = new RawClient(server.port())) {
      StringBuilder pipeline = new StringBuilder();
      for (int i = 0; i < 12; i++) {
        pipeline.append(
            "GET /v1/auth?denied=403 HTTP/1.1\r\nHost: a\r\nX-Forwarded-Uri: /open\r\n");
        pipeline.append("X-Forwarded-For: 192.0.2.").append(i / 4).append("\r\n");
        pipeline.append("X-Forwarded-Method: PUT\r\nX-Tell: no-").append(i).append("\r\n\r\n");
      }
      client.send(pipeline.toString());
      for (int i = 0; i < 12; i++) {
        String answer = client.readAnswer();
        if (i % 4 < 3) {
          assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n");
          assertThat(answer).contains("X-Told: no-" + i + " 192.0.2." + i / 4 + " /open PUT\r\n");
          assertThat(answer).contains("RateLimit: \"l\";r=" + (2 - i % 4));
        } else {
          assertThat(answer).startsWith("HTTP/1.1 403 Forbidden\r\n");
          assertThat(answer).contains("X-Weir-Status: 429\r\n", "RateLimit: \"l\";r=0");
        }
      }
    }
  }

  @Test
  void withoutRedis_failurePoliciesDecide() {
    try (RedisProcess redis = RedisProcess.start();
        TestServer server = start(redis)) {
      assertThat(ask(server, "/closed").statusCode()).isEqualTo(200);
      redis.kill();
      assertThat(ask(server, "/open").statusCode()).isEqualTo(200);
      HttpResponse<String> closed = ask(server, "/closed");
      assertThat(closed.statusCode()).isEqualTo(403);
      assertThat(closed.headers().firstValue("X-Weir-Status")).hasValue("503");
      assertThat(closed.body()).contains("temporary-reduced-capacity");
    }
  }

  @Test
  void badKeys_banTheAddressThatTheProxyTells() {
    try (RedisProcess redis = RedisProcess.start();
        TestServer server = start(redis)) {
      for (int i = 0; i < 2; i++) {
        HttpResponse<String> bad = key(server, "203.0.113.9");
        assertThat(bad.statusCode()).isIn(401, 403);
        assertThat(bad.headers().firstValue("X-Weir-Status").orElse("")).isIn("400", "401");
      }
      HttpResponse<String> banned = key(server, "203.0.113.9");
      assertThat(banned.statusCode()).isEqualTo(403);
      assertThat(banned.headers().firstValue("X-Weir-Status")).hasValue("429");
      assertThat(banned.headers().firstValue("Retry-After")).isPresent();
      assertThat(key(server, "203.0.113.8").headers().firstValue("X-Weir-Status").orElse(""))
          .isIn("400", "401");
    }
  }

  private static HttpResponse<String> key(TestServer server, String address) {
    return server.get(
        "/v1/auth?denied=403",
        "X-Forwarded-Uri",
        "/key",
        "X-Forwarded-For",
        address,
        "X-API-Key",
        "weir_nobodys");
  }

  private static HttpResponse<String> ask(TestServer server, String target) {
    return server.get(
        "/v1/auth?denied=403", "X-Forwarded-Uri", target, "X-Forwarded-For", "192.0.2.9");
  }
}
