// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static dev.weir.integration.ProfileServer.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.EarlyInWindow;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract of system E: tiers by API key, in front of one sample answer. */
@EarlyInWindow
class TieredKeysContractTest {

  static final Map<String, String> ENVIRONMENT =
      Map.of(
          "ADMIN_API_KEY",
          "the-administrator-of-this-test",
          "WEIR_KEY_SECRET",
          "what-this-test-hashes-its-keys-with",
          "WEIR_ADMIN_PORT",
          "0",
          "REDIS_TIMEOUT",
          "5");

  private static final String FREE = "demo_free_key_123";
  private static final String PRO = "demo_pro_key_789";
  private static final String ENTERPRISE = "demo_enterprise_key_abc";
  private static final String ID = "[0-9a-f]{32}";

  /** Where the limits are kept. */
  ProfileStore store() {
    return ProfileStore.MEMORY;
  }

  private ProfileServer server;

  @BeforeEach
  void start() {
    server = ProfileServer.start("e", store(), ENVIRONMENT);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private HttpResponse<String> test(String key, String... headers) {
    String[] all = new String[headers.length + 2];
    all[0] = "X-API-Key";
    all[1] = key;
    System.arraycopy(headers, 0, all, 2, headers.length);
    return server.get("/test", all);
  }

  private void admits(String key, int limit) {
    for (int i = 1; i <= limit; i++) {
      HttpResponse<String> answer = test(key);
      assertThat(answer.statusCode()).as("request %d of %s", i, key).isEqualTo(200);
      assertThat(header(answer, "X-RateLimit-Limit")).isEqualTo(Integer.toString(limit));
      assertThat(header(answer, "X-RateLimit-Remaining")).isEqualTo(Integer.toString(limit - i));
    }
    assertThat(test(key).statusCode()).isEqualTo(429);
  }

  @Test
  void freeUser_has20() {
    admits(FREE, 20);
  }

  @Test
  void proUser_has150() {
    admits(PRO, 150);
  }

  @Test
  void enterpriseUser_has1000() {
    admits(ENTERPRISE, 1_000);
  }

  @Test
  void allowed_tellsUserAndLimit() {
    HttpResponse<String> answer = test(FREE);
    long now = Instant.now().getEpochSecond();
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .matches(
            "\\{\"message\":\"[^\"]+\",\"timestamp\":\"[^\"]+Z\",\"request_id\":\""
                + ID
                + "\",\"user_info\":\\{\"user_id\":\"demo_free_user\",\"tier\":\"free\"},"
                + "\"rate_limit_info\":\\{\"limit\":20,\"remaining\":19,\"reset\":\\d+}}");
    assertThat(Long.parseLong(header(answer, "X-RateLimit-Reset"))).isBetween(now, now + 121);
    assertThat(header(answer, "X-Request-ID")).matches(ID);
    assertThat(answer.body()).contains(header(answer, "X-Request-ID"));
  }

  @Test
  void denied_tellsWhenToRetry() {
    admits(FREE, 20);
    HttpResponse<String> answer = test(FREE);
    String retryAfter = header(answer, "Retry-After");
    // The rest of the minute, and until a twentieth of its requests has left the window.
    assertThat(Integer.parseInt(retryAfter)).isBetween(1, 63);
    assertThat(answer.body())
        .matches(
            "\\{\"error\":\"Rate limit exceeded\",\"error_code\":\"RATE_LIMIT_EXCEEDED\","
                + "\"message\":\"You have exceeded the rate limit of 20 requests per minute.\","
                + "\"retry_after\":"
                + retryAfter
                + ",\"request_id\":\""
                + ID
                + "\"}");
    assertThat(header(answer, "X-RateLimit-Limit")).isEqualTo("20");
    assertThat(header(answer, "X-RateLimit-Remaining")).isEqualTo("0");
    assertThat(header(answer, "X-RateLimit-Reset")).isNotEmpty();
    assertThat(header(answer, "X-Request-ID")).matches(ID);
  }

  @Test
  void badKeys_areToldApart() {
    isRefused(server.get("/test"), 401, "MISSING_API_KEY");
    isRefused(test(" "), 401, "EMPTY_API_KEY");
    isRefused(test("short"), 400, "MALFORMED_API_KEY");
    isRefused(test("x".repeat(201)), 400, "MALFORMED_API_KEY");
    isRefused(test("no spaces please"), 400, "MALFORMED_API_KEY");
    isRefused(test("unknown_key_000"), 401, "INVALID_API_KEY");
  }

  private static void isRefused(HttpResponse<String> answer, int status, String code) {
    assertThat(answer.statusCode()).as(code).isEqualTo(status);
    assertThat(answer.body())
        .matches(
            "\\{\"error\":\"[^\"]+\",\"error_code\":\""
                + code
                + "\",\"timestamp\":\"[^\"]+\",\"request_id\":\""
                + ID
                + "\"}");
    assertThat(header(answer, "X-Request-ID")).matches(ID);
    assertThat(header(answer, "X-RateLimit-Limit")).isEmpty();
  }

  @Test
  void eleventhBadKey_bansItsAddressWithItsGoodKeys() {
    String[] attacker = {"X-Forwarded-For", "198.51.100.9"};
    for (int i = 0; i < 10; i++) {
      isRefused(test("unknown_key_00" + i, attacker), 401, "INVALID_API_KEY");
    }
    assertThat(test(PRO, attacker).statusCode()).isEqualTo(200);
    HttpResponse<String> eleventh = test("unknown_key_010", attacker);
    assertThat(eleventh.statusCode()).isEqualTo(429);
    assertThat(header(eleventh, "Retry-After")).isEqualTo("900");
    HttpResponse<String> good = test(PRO, attacker);
    assertThat(good.statusCode()).isEqualTo(429);
    assertThat(good.body()).contains("\"error_code\":\"IP_BLOCKED\"");
    assertThat(Integer.parseInt(header(good, "Retry-After"))).isBetween(890, 900);
    assertThat(test(PRO, "X-Forwarded-For", "198.51.100.10").statusCode()).isEqualTo(200);
  }

  private static final String TOKEN = "the-administrator-of-this-test";

  private HttpResponse<String> ask(String target) {
    return server.get(target, "Authorization", "Bearer " + TOKEN);
  }

  private HttpResponse<String> order(String target, String body) {
    return server.post(
        target, body, "Authorization", "Bearer " + TOKEN, "Content-Type", "application/json");
  }

  private void enter(String state) {
    HttpResponse<String> answer =
        order(
            "/admin/health",
            "{\"status\":\"" + state + "\",\"updated_by\":\"tester\",\"reason\":\"test\"}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body())
        .contains("\"message\"", "\"health_status\"", "\"status\":\"" + state + "\"")
        .contains("\"updated_by\":\"tester\"");
  }

  @Test
  void degraded_freeHas2_proHas100() {
    enter("DEGRADED");
    admits(FREE, 2);
    admits(PRO, 100);
    enter("NORMAL");
    // What was spent stays spent: 2 of 20, and 100 of 150.
    assertThat(header(test(FREE), "X-RateLimit-Remaining")).isEqualTo("17");
    assertThat(header(test(PRO), "X-RateLimit-Remaining")).isEqualTo("49");
  }

  @Test
  void administration_needsItsToken_andNoQueryParameterIsOne() {
    assertThat(server.get("/admin/users").statusCode()).isEqualTo(401);
    assertThat(server.get("/admin/users", "Authorization", "Bearer wrong").statusCode())
        .isEqualTo(401);
    HttpResponse<String> inQuery = server.get("/admin/users?admin_key=" + TOKEN);
    assertThat(inQuery.statusCode()).isEqualTo(400);
    assertThat(inQuery.body()).contains("Authorization").doesNotContain(TOKEN);
    assertThat(server.get("/test", "X-API-Key", TOKEN).statusCode()).isEqualTo(401);
  }

  @Test
  void userAndKey_areMadeAndServed() {
    assertThat(order("/admin/users", "{\"user_id\":\"ann\",\"tier\":\"pro\"}").statusCode())
        .isEqualTo(200);
    assertThat(order("/admin/users", "{\"user_id\":\"ann\",\"tier\":\"pro\"}").statusCode())
        .isEqualTo(409);
    assertThat(order("/admin/users", "{\"user_id\":\"bob\",\"tier\":\"gold\"}").statusCode())
        .isEqualTo(422);
    assertThat(order("/admin/api-keys", "{\"user_id\":\"nobody\"}").statusCode()).isEqualTo(404);
    String chosen = "{\"user_id\":\"ann\",\"api_key\":\"anns_own_key_1\"}";
    HttpResponse<String> made = order("/admin/api-keys", chosen);
    assertThat(made.statusCode()).isEqualTo(200);
    assertThat(made.body())
        .contains("\"api_key\":\"anns_own_key_1\"", "\"user_id\":\"ann\"", "\"tier\":\"pro\"")
        .contains("\"created_at\"");
    assertThat(order("/admin/api-keys", chosen).statusCode()).isEqualTo(409);
    assertThat(test("anns_own_key_1").body()).contains("\"user_id\":\"ann\",\"tier\":\"pro\"");
    assertThat(ask("/admin/api-keys/anns_own_key_1/info").body())
        .contains("\"user_id\":\"ann\"", "\"tier\":\"pro\"");
    assertThat(ask("/admin/users/ann").body())
        .contains("\"current_count\":1", "\"effective_limit\":150", "\"remaining\":149")
        .contains("\"tier_config\"");
    assertThat(ask("/admin/users/nobody").statusCode()).isEqualTo(404);
    assertThat(ask("/admin/users").body())
        .contains("\"total_users\":4", "\"demo_free_user\"", "\"api_key_count\":1");
  }

  @Test
  void reset_reallyResets() {
    admits(FREE, 20);
    assertThat(ask("/admin/rate-limits/status?user_id=demo_free_user").body())
        .contains("\"current_count\":20", "\"remaining\":0");
    assertThat(order("/admin/rate-limits/reset/demo_free_user", "").statusCode()).isEqualTo(200);
    assertThat(header(test(FREE), "X-RateLimit-Remaining")).isEqualTo("19");
    assertThat(order("/admin/rate-limits/reset/nobody", "").statusCode()).isEqualTo(404);
  }

  @Test
  void configuration_isShownWithoutSecrets_andReloaded() {
    HttpResponse<String> shown = ask("/admin/config");
    assertThat(shown.statusCode()).isEqualTo(200);
    assertThat(shown.body())
        .contains("\"burst_limit\":150")
        .doesNotContain(FREE, TOKEN, ENVIRONMENT.get("WEIR_KEY_SECRET"));
    assertThat(order("/admin/config/reload", "").statusCode()).isEqualTo(200);
    assertThat(test(FREE).statusCode()).isEqualTo(200);
    HttpResponse<String> health = ask("/admin/health");
    assertThat(health.body())
        .contains("\"system_health\"", "\"status\":\"NORMAL\"", "\"health_check\"")
        .contains("\"overall_status\"", "\"components\"");
  }

  @Test
  void preflight_isAnsweredAndFree() {
    for (int i = 0; i < 30; i++) {
      HttpResponse<String> answer =
          server.send(
              "OPTIONS",
              "/test",
              "Origin",
              "https://example.org",
              "Access-Control-Request-Method",
              "GET");
      assertThat(answer.statusCode()).isEqualTo(204);
      assertThat(header(answer, "Access-Control-Allow-Headers")).contains("X-API-Key");
    }
    assertThat(header(test(FREE), "X-RateLimit-Remaining")).isEqualTo("19");
  }

  @Test
  void health_isHealthyAndFree() {
    HttpResponse<String> answer = server.get("/health");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("\"status\":\"healthy\"");
  }
}
