// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.redis.fixtures.EarlyInWindow;
import dev.weir.redis.fixtures.Loopback;
import io.vertx.core.json.JsonObject;
import io.vertx.core.json.pointer.JsonPointer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract of system E: its administration, on the port of its traffic. */
@EarlyInWindow
class TieredAdminContractTest {

  private static final String TOKEN = TieredKeysContractTest.ENVIRONMENT.get("ADMIN_API_KEY");
  private static final String FREE = "demo_free_key_123";
  private static final String PRO = "demo_pro_key_789";

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private ProfileServer server;

  /** Where the limits and the records are kept. */
  ProfileStore store() {
    return ProfileStore.MEMORY;
  }

  @BeforeEach
  void start() {
    server = ProfileServer.start("e", store(), TieredKeysContractTest.ENVIRONMENT);
  }

  @AfterEach
  void stop() {
    server.close();
    client.close();
  }

  private HttpResponse<String> ask(int port, String method, String target, String body) {
    HttpRequest.Builder request =
        Loopback.request(port, method, target, body, "X-Admin-Key", TOKEN);
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/json");
    }
    return Loopback.send(client, request);
  }

  private JsonObject admin(int status, String method, String target, String body) {
    HttpResponse<String> answer = ask(server.port(), method, target, body);
    assertThat(answer.statusCode())
        .as("%s %s: %s", method, target, answer.body())
        .isEqualTo(status);
    return new JsonObject(answer.body());
  }

  private static Object at(JsonObject json, String pointer) {
    return JsonPointer.from(pointer).queryJson(json);
  }

  private int admitted(ProfileServer at, String key, int times) {
    int admitted = 0;
    for (int i = 0; i < times; i++) {
      admitted += at.get("/test", "X-API-Key", key).statusCode() == 200 ? 1 : 0;
    }
    return admitted;
  }

  @Test
  void state_degradedByTheAdministrator_takesThePublishedLimits() {
    JsonObject set =
        admin(
            200,
            "POST",
            "/admin/health",
            "{\"status\":\"DEGRADED\",\"ttl_seconds\":60,\"updated_by\":\"test\",\"reason\":\"x\"}");
    assertThat(at(set, "/health_status/status")).isEqualTo("DEGRADED");
    assertThat(at(set, "/health_status/updated_by")).isEqualTo("test");
    assertThat(at(set, "/message")).isNotNull();
    assertThat(at(set, "/timestamp")).isNotNull();
    assertThat(admitted(server, FREE, 5)).isEqualTo(2);
    assertThat(admitted(server, PRO, 110)).isEqualTo(100);
    JsonObject health = admin(200, "GET", "/admin/health", "");
    assertThat(at(health, "/system_health/status")).isEqualTo("DEGRADED");
    assertThat(((Number) at(health, "/system_health/ttl_seconds")).longValue()).isBetween(1L, 60L);
    assertThat(at(health, "/health_check/overall_status")).isEqualTo("healthy");
    assertThat(
            health.getJsonObject("health_check").getJsonObject("components").containsKey("redis"))
        .isEqualTo(store() == ProfileStore.REDIS);
    admin(200, "POST", "/admin/health", "{\"status\":\"NORMAL\"}");
    // What was spent stays spent.
    assertThat(admitted(server, FREE, 25)).isEqualTo(18);
    assertThat(admitted(server, PRO, 60)).isEqualTo(50);
  }

  @Test
  void state_withATime_endsByItself() {
    admin(200, "POST", "/admin/health", "{\"status\":\"DEGRADED\",\"ttl_seconds\":1}");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                at(admin(200, "GET", "/admin/health", ""), "/system_health/status")
                    .equals("NORMAL"));
  }

  @Test
  void users_andTheirKeys_areMadeAndServed() {
    JsonObject users = admin(200, "GET", "/admin/users", "");
    assertThat(at(users, "/total_users")).isEqualTo(3);
    assertThat(at(users, "/users/demo_free_user/tier")).isEqualTo("free");
    assertThat(at(users, "/users/demo_free_user/api_key_count")).isEqualTo(1);
    admin(200, "POST", "/admin/users", "{\"user_id\":\"new_user\",\"tier\":\"pro\"}");
    admin(409, "POST", "/admin/users", "{\"user_id\":\"new_user\",\"tier\":\"pro\"}");
    admin(409, "POST", "/admin/users", "{\"user_id\":\"demo_free_user\",\"tier\":\"pro\"}");
    admin(422, "POST", "/admin/users", "{\"user_id\":\"other\",\"tier\":\"gold\"}");
    admin(404, "GET", "/admin/users/nobody", "");
    JsonObject made = admin(200, "POST", "/admin/api-keys", "{\"user_id\":\"new_user\"}");
    assertThat(at(made, "/tier")).isEqualTo("pro");
    String key = made.getString("api_key");
    assertThat(admitted(server, key, 3)).isEqualTo(3);
    JsonObject one = admin(200, "GET", "/admin/users/new_user", "");
    assertThat(at(one, "/rate_limit_status/current_count")).isEqualTo(3);
    assertThat(at(one, "/rate_limit_status/effective_limit")).isEqualTo(150);
    assertThat(at(one, "/rate_limit_status/remaining")).isEqualTo(147);
    assertThat(at(one, "/rate_limit_status/tier_config/base_limit")).isEqualTo(100);
    assertThat(at(one, "/rate_limit_status/tier_config/burst_limit")).isEqualTo(150);
    assertThat(at(one, "/rate_limit_status/tier_config/degraded_limit")).isEqualTo(100);
    assertThat(at(one, "/rate_limit_status/tier_config/window_minutes")).isEqualTo(1);
    JsonObject info = admin(200, "GET", "/admin/api-keys/" + FREE + "/info", "");
    assertThat(at(info, "/user_id")).isEqualTo("demo_free_user");
    admin(
        409, "POST", "/admin/api-keys", "{\"user_id\":\"new_user\",\"api_key\":\"" + FREE + "\"}");
  }

  @Test
  void reset_ofAUser_givesTheWholeLimitBack() {
    assertThat(admitted(server, FREE, 21)).isEqualTo(20);
    JsonObject status = admin(200, "GET", "/admin/rate-limits/status?user_id=demo_free_user", "");
    assertThat(at(status, "/rate_limits/demo_free_user/remaining")).isEqualTo(0);
    admin(200, "POST", "/admin/rate-limits/reset/demo_free_user", "");
    if (store() == ProfileStore.REDIS) {
      // Other nodes may remember a denial for a second; this one has forgotten it.
      assertThat(admin(200, "GET", "/admin/rate-limits/status", "").getJsonObject("rate_limits"))
          .hasSize(3);
    }
    assertThat(admitted(server, FREE, 21)).isEqualTo(20);
    admin(404, "POST", "/admin/rate-limits/reset/nobody", "");
  }

  @Test
  void config_isShownWithoutSecretsAndReloaded() {
    JsonObject config = admin(200, "GET", "/admin/config", "");
    assertThat(at(config, "/config/tiers/free/base_limit")).isEqualTo(10);
    assertThat(config.encode())
        .doesNotContain(TOKEN, FREE, TieredKeysContractTest.ENVIRONMENT.get("WEIR_KEY_SECRET"));
    admin(200, "POST", "/admin/config/reload", "");
  }

  @Test
  void administration_withoutTheToken_isClosed() {
    assertThat(server.get("/admin/users").statusCode()).isEqualTo(401);
    assertThat(server.get("/admin/users", "X-API-Key", PRO).statusCode()).isEqualTo(401);
    assertThat(server.get("/admin/users?admin_key=" + TOKEN).statusCode()).isEqualTo(400);
    assertThat(server.get("/v1/admin/me", "Authorization", "Bearer " + TOKEN).statusCode())
        .isEqualTo(404);
  }
}
