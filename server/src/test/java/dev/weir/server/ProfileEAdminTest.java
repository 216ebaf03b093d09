// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static dev.weir.server.AdminServer.ADMIN;
import static dev.weir.server.AdminServer.OPERATOR;
import static dev.weir.server.AdminServer.VIEWER;
import static dev.weir.server.AdminServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.EarlyInWindow;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The administration as clients of profile E know it. */
@EarlyInWindow
class ProfileEAdminTest {

  private AdminServer server;

  @BeforeEach
  void start() {
    server = AdminServer.start(AdminPoliciesTest.tiered());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static HttpResponse<String> expect(int status, HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return answer;
  }

  private JsonObject create(String user, String tier) {
    String body = new JsonObject().put("user_id", user).put("tier", tier).encode();
    return json(expect(200, server.call("POST", "/admin/users", body)));
  }

  private void spend(String user, String tier, int times) {
    String check =
        "{\"domain\":\"e\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\""
            + user
            + "\"},{\"key\":\"tier\",\"value\":\""
            + tier
            + "\"}],\"cost\":"
            + times
            + "}]}";
    assertThat(server.server().post("/v1/check", check).body()).contains("\"allowed\":true");
  }

  @Test
  void users_createdAndAskedFor_lookAsTheyDid() {
    create("demo", "free");
    expect(409, server.call("POST", "/admin/users", "{\"user_id\":\"demo\",\"tier\":\"free\"}"));
    expect(422, server.call("POST", "/admin/users", "{\"user_id\":\"demo\"}"));
    expect(422, server.call("POST", "/admin/users", "{\"user_id\":\"x\",\"tier\":\"gold\"}"));
    expect(404, server.call("GET", "/admin/users/nobody", ""));
    JsonObject all = json(expect(200, server.call("GET", "/admin/users", "")));
    assertThat(all.getInteger("total_users")).isEqualTo(1);
    assertThat(all.getString("timestamp")).isNotNull();
    JsonObject shown = all.getJsonObject("users").getJsonObject("demo");
    assertThat(shown.getString("user_id")).isEqualTo("demo");
    assertThat(shown.getString("tier")).isEqualTo("free");
    assertThat(shown.getInteger("api_key_count")).isZero();
    assertThat(shown.getJsonArray("api_keys")).isEmpty();

    spend("demo", "free", 5);
    JsonObject status =
        json(expect(200, server.call("GET", "/admin/users/demo", "")))
            .getJsonObject("rate_limit_status");
    assertThat(status.getInteger("current_count")).isEqualTo(5);
    assertThat(status.getInteger("effective_limit")).isEqualTo(20);
    assertThat(status.getInteger("remaining")).isEqualTo(15);
    assertThat(status.getInteger("window_seconds")).isEqualTo(60);
    assertThat(status.getJsonObject("tier_config").encode())
        .isEqualTo("{\"burst_limit\":20,\"degraded_limit\":2,\"window_minutes\":1}");
  }

  @Test
  void keys_madeHereOrElsewhere_areToldOnce() {
    create("demo", "pro");
    String chosen = "demo_pro_key_789";
    HttpResponse<String> made =
        server.call(
            "POST", "/admin/api-keys", "{\"user_id\":\"demo\",\"api_key\":\"" + chosen + "\"}");
    JsonObject key = json(expect(200, made));
    assertThat(key.getString("api_key")).isEqualTo(chosen);
    assertThat(key.getString("user_id")).isEqualTo("demo");
    assertThat(key.getString("tier")).isEqualTo("pro");
    assertThat(key.getString("created_at")).isNotNull();
    JsonObject other =
        json(expect(200, server.call("POST", "/admin/api-keys", "{\"user_id\":\"demo\"}")));
    assertThat(other.getString("api_key")).startsWith("weir_");
    expect(
        409,
        server.call(
            "POST", "/admin/api-keys", "{\"user_id\":\"demo\",\"api_key\":\"" + chosen + "\"}"));
    expect(404, server.call("POST", "/admin/api-keys", "{\"user_id\":\"nobody\"}"));
    expect(
        422,
        server.call("POST", "/admin/api-keys", "{\"user_id\":\"demo\",\"api_key\":\"short\"}"));

    HttpResponse<String> byKey = server.call("GET", "/admin/api-keys/" + chosen + "/info", "");
    JsonObject info = json(expect(200, byKey));
    assertThat(info.getString("user_id")).isEqualTo("demo");
    assertThat(info.getBoolean("is_active")).isTrue();
    assertThat(byKey.body()).doesNotContain(chosen);
    String id = key.getString("key_id");
    assertThat(json(server.call("GET", "/admin/api-keys/" + id + "/info", "")).getString("key_id"))
        .isEqualTo(id);
    expect(404, server.call("GET", "/admin/api-keys/unknown_key_1/info", ""));
    assertThat(server.call("GET", "/admin/users", "").body()).doesNotContain(chosen).contains(id);
    assertThat(server.call("GET", "/v1/admin/audit", "").body()).doesNotContain(chosen);
  }

  @Test
  void health_beforeAnySwitch_isNormalSinceTheStart() {
    JsonObject health = json(expect(200, server.call("GET", "/admin/health", "")));
    JsonObject state = health.getJsonObject("system_health");
    assertThat(state.getString("status")).isEqualTo("NORMAL");
    Instant since = Instant.parse(state.getString("timestamp"));
    assertThat(since)
        .isBetween(
            Instant.parse("2020-01-01T00:00:00Z"), Instant.parse(health.getString("timestamp")));
    JsonObject again = json(expect(200, server.call("GET", "/admin/health", "")));
    assertThat(again.getJsonObject("system_health").getString("timestamp"))
        .isEqualTo(since.toString());
  }

  @Test
  void rule21_health_setToDegraded_changesTheLimitsUntilNormal() {
    create("demo", "free");
    String set =
        "{\"status\":\"DEGRADED\",\"ttl_seconds\":300,\"updated_by\":\"pager\",\"reason\":\"load\"}";
    JsonObject answer = json(expect(200, server.call("POST", "/admin/health", set)));
    assertThat(answer.getString("message")).isNotEmpty();
    JsonObject status = answer.getJsonObject("health_status");
    assertThat(status.getString("status")).isEqualTo("DEGRADED");
    assertThat(status.getString("updated_by")).isEqualTo("pager");
    assertThat(status.getLong("ttl_seconds")).isBetween(1L, 300L);
    JsonObject now = json(expect(200, server.call("GET", "/admin/health", "")));
    assertThat(now.getJsonObject("system_health").getString("status")).isEqualTo("DEGRADED");
    JsonObject check = now.getJsonObject("health_check");
    assertThat(check.getString("overall_status")).isEqualTo("healthy");
    assertThat(check.getJsonObject("components").fieldNames()).contains("store", "records");
    assertThat(
            json(server.call("GET", "/admin/rate-limits/status?user_id=demo", ""))
                .getJsonObject("rate_limits")
                .getJsonObject("demo")
                .getInteger("effective_limit"))
        .isEqualTo(2);
    // Who set it stands in the trail, whoever it is said for.
    assertThat(server.call("GET", "/v1/admin/audit?max=1", "").body()).contains("anna for pager");
    expect(200, server.call("POST", "/admin/health", "{\"status\":\"NORMAL\"}"));
    expect(422, server.call("POST", "/admin/health", "{\"status\":\"BURNING\"}"));
    expect(422, server.call("POST", "/admin/health", "{}"));
    assertThat(
            json(server.call("GET", "/admin/users/demo", ""))
                .getJsonObject("rate_limit_status")
                .getInteger("effective_limit"))
        .isEqualTo(20);
  }

  @Test
  void reset_ofAUser_reallyResets() {
    create("demo", "free");
    create("other", "free");
    spend("demo", "free", 20);
    spend("other", "free", 7);
    JsonObject all =
        json(expect(200, server.call("GET", "/admin/rate-limits/status", "")))
            .getJsonObject("rate_limits");
    assertThat(all.getJsonObject("demo").getInteger("remaining")).isZero();
    assertThat(all.getJsonObject("other").getInteger("remaining")).isEqualTo(13);
    expect(200, server.as(OPERATOR, "POST", "/admin/rate-limits/reset/demo", ""));
    spend("demo", "free", 20);
    assertThat(
            json(server.call("GET", "/admin/rate-limits/status?user_id=other", ""))
                .getJsonObject("rate_limits")
                .getJsonObject("other")
                .getInteger("remaining"))
        .isEqualTo(13);
    expect(404, server.call("POST", "/admin/rate-limits/reset/nobody", ""));
    expect(404, server.call("GET", "/admin/rate-limits/status?user_id=nobody", ""));
    assertThat(server.call("GET", "/v1/admin/audit?max=1", "").body())
        .contains("counter.reset", "user demo", "olaf");
  }

  @Test
  void config_isShownAndReloaded() {
    JsonObject config = json(expect(200, server.call("GET", "/admin/config", "")));
    assertThat(config.getJsonObject("config").getJsonObject("tiers").encode())
        .contains("\"free\":{\"burst_limit\":20");
    assertThat(config.encode()).doesNotContain(ADMIN);
    expect(200, server.call("POST", "/admin/config/reload", ""));
    expect(403, server.as(OPERATOR, "POST", "/admin/config/reload", ""));
  }

  @Test
  void routes_withoutTheAdministratorsToken_answer401() {
    for (String path :
        List.of(
            "/admin/health",
            "/admin/users",
            "/admin/users/demo",
            "/admin/api-keys/x/info",
            "/admin/rate-limits/status",
            "/admin/config")) {
      expect(401, server.send("GET", path, ""));
      expect(400, server.send("GET", path + "?admin_key=" + ADMIN, ""));
      assertThat(server.send("GET", path, "", "X-Admin-Key", VIEWER).statusCode()).isIn(200, 404);
      expect(401, server.send("GET", path, "", "X-API-Key", VIEWER));
      expect(401, server.send("GET", path, "", "X-Admin-Key", "wrong-wrong-wrong"));
      expect(200, server.send("GET", "/v1/admin/me", "", "Authorization", "Bearer " + VIEWER));
    }
    expect(403, server.as(VIEWER, "POST", "/admin/health", "{\"status\":\"NORMAL\"}"));
    expect(405, server.call("DELETE", "/admin/users", ""));
  }

  @Test
  void trafficListener_thatNamesIt_servesItToo() {
    Configuration both =
        TestConfiguration.of(
            """
            version: 1
            listeners:
              - { name: public, host: 127.0.0.1, port: 0, serves: [routes, admin-e] }
              - { name: admin, host: 127.0.0.1, port: 0, serves: [admin] }
            policies: none
            routes:
              - { path: /test, methods: [GET], respond: { body: ok } }
            """);
    try (AdminServer traffic = AdminServer.start(both)) {
      int port = traffic.server().port("public");
      expect(200, traffic.send(port, "GET", "/test", ""));
      expect(401, traffic.send(port, "GET", "/admin/users", ""));
      expect(200, traffic.send(port, "GET", "/admin/users", "", "X-Admin-Key", VIEWER));
      expect(
          404, traffic.send(port, "GET", "/v1/admin/me", "", "Authorization", "Bearer " + ADMIN));
    }
  }
}
