// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.server.identity.Configured;
import dev.weir.server.identity.Identities;
import dev.weir.server.identity.Identities.KeyRequest;
import dev.weir.server.identity.User;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ApiKeyGatewayTest {

  private static final String CONFIGURATION =
      """
      version: 1
      listeners:
        - name: public
          port: 0
          serves: [routes]
          trusted-proxies: [127.0.0.1]
          banned: { status: 429, json: { code: BLOCKED, wait: "{retry-after}" } }
      identities:
        invalid-keys: { limit: 3, window: 5m, ban: 15m }
      policies:
        - name: per-user
          domain: d
          key: user
          limits: [{ name: few, algorithm: fixed-window, limit: 2, window: 1d }]
          overrides:
            - match: { tier: pro }
              limits: [{ name: few, algorithm: fixed-window, limit: 4, window: 1d }]
      routes:
        - path: /test
          identity:
            from: [{ api-key: X-API-Key }]
            absent: { status: 401, json: { code: MISSING } }
            empty: { status: 401, json: { code: EMPTY } }
            malformed: { status: 400, json: { code: MALFORMED } }
            unknown: { status: 401, json: { code: INVALID } }
          check: { domain: d, entries: { user: "{user}", tier: "{tier}" } }
          respond: { json: { user: "{user}", tier: "{tier}", left: "{remaining}" } }
        - path: /write
          identity:
            from: [{ api-key: X-API-Key }]
            absent: { status: 401 }
            scope: write
          respond: { body: written }
        - path: /any
          identity: [{ api-key: X-API-Key }, { header: X-User, as: user }, address]
          check: { domain: d, entries: { user: "{identity}" } }
          respond: { body: "{identity}" }
      """;

  private static TestServer serve() {
    TestServer server = TestServer.start(TestConfiguration.of(CONFIGURATION));
    identities(server)
        .configure(
            new Configured(
                Map.of("free_user", "free", "pro_user", "pro"),
                Map.of("free_key_123", "free_user", "pro_key_456", "pro_user")));
    return server;
  }

  private static Identities identities(TestServer server) {
    return server.server().callers().identities();
  }

  private static HttpResponse<String> test(TestServer server, String key) {
    return server.get("/test", "X-API-Key", key);
  }

  @Test
  void keyedRequest_isCountedByItsUserAndTier() {
    try (TestServer server = serve()) {
      assertThat(test(server, "free_key_123").body())
          .isEqualTo("{\"user\":\"free_user\",\"tier\":\"free\",\"left\":1}");
      assertThat(test(server, "pro_key_456").body())
          .isEqualTo("{\"user\":\"pro_user\",\"tier\":\"pro\",\"left\":3}");
      assertThat(test(server, "free_key_123").statusCode()).isEqualTo(200);
      assertThat(test(server, "free_key_123").statusCode()).isEqualTo(429);
    }
  }

  @Test
  void badKeys_areAnsweredByWhatTheyAre() {
    try (TestServer server = serve()) {
      assertThat(server.get("/test").body()).isEqualTo("{\"code\":\"MISSING\"}");
      assertThat(test(server, " ").body()).isEqualTo("{\"code\":\"EMPTY\"}");
      HttpResponse<String> malformed = test(server, "x");
      assertThat(malformed.statusCode()).isEqualTo(400);
      assertThat(malformed.body()).isEqualTo("{\"code\":\"MALFORMED\"}");
      HttpResponse<String> unknown = test(server, "unknown_key_000");
      assertThat(unknown.statusCode()).isEqualTo(401);
      assertThat(unknown.body()).isEqualTo("{\"code\":\"INVALID\"}");
      assertThat(unknown.headers().firstValue("Cache-Control")).contains("no-store");
    }
  }

  @Test
  void tooManyBadKeys_banTheAddressWithItsGoodKeys() {
    try (TestServer server = serve()) {
      String[] attacker = {"X-API-Key", "guessed_key_1", "X-Forwarded-For", "198.51.100.9"};
      for (int i = 0; i < 3; i++) {
        assertThat(server.get("/test", attacker).statusCode()).isEqualTo(401);
      }
      HttpResponse<String> fourth = server.get("/test", attacker);
      assertThat(fourth.statusCode()).isEqualTo(429);
      assertThat(fourth.headers().firstValue("Retry-After")).contains("900");
      assertThat(fourth.body()).isEqualTo("{\"code\":\"BLOCKED\",\"wait\":900}");
      HttpResponse<String> good =
          server.get("/test", "X-API-Key", "pro_key_456", "X-Forwarded-For", "198.51.100.9");
      assertThat(good.statusCode()).isEqualTo(429);
      assertThat(good.body()).contains("BLOCKED");
      assertThat(test(server, "pro_key_456").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void spoofedAddress_leftOfTheProxys_isNotBanned() {
    try (TestServer server = serve()) {
      for (int i = 0; i < 4; i++) {
        server.get(
            "/test",
            "X-API-Key",
            "guessed_key_1",
            "X-Forwarded-For",
            "10.9.9." + i + ", 198.51.100.9");
      }
      assertThat(
              server
                  .get(
                      "/test",
                      "X-API-Key",
                      "pro_key_456",
                      "X-Forwarded-For",
                      "1.2.3.4, 198.51.100.9")
                  .statusCode())
          .isEqualTo(429);
      assertThat(server.server().callers().bans().all())
          .extracting(ban -> ban.network())
          .containsExactly("198.51.100.9");
    }
  }

  @Test
  void keyWithoutTheScope_isForbidden() {
    try (TestServer server = serve()) {
      Identities identities = identities(server);
      identities
          .create(new User("bob", "free", Optional.empty(), 0, false), "test")
          .toCompletableFuture()
          .join();
      String reader =
          identities
              .issue(
                  new KeyRequest("bob", Optional.empty(), "", Set.of("read"), OptionalLong.empty()),
                  "test")
              .toCompletableFuture()
              .join()
              .text();
      assertThat(server.get("/write", "X-API-Key", reader).statusCode()).isEqualTo(403);
      assertThat(server.get("/write", "X-API-Key", "pro_key_456").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void sources_areTriedInOrder() {
    try (TestServer server = serve()) {
      assertThat(server.get("/any", "X-API-Key", "free_key_123", "X-User", "carol").body())
          .isEqualTo("free_user");
      assertThat(server.get("/any", "X-User", "carol").body()).isEqualTo("carol");
      assertThat(server.get("/any").body()).isEqualTo("127.0.0.1");
      // A bad key is no way to another identity.
      assertThat(server.get("/any", "X-API-Key", "unknown_key_000", "X-User", "carol").statusCode())
          .isEqualTo(401);
    }
  }
}
