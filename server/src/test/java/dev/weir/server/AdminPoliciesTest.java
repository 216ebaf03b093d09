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
import org.junit.jupiter.api.Test;

/** Policies, tiers and load states as administrators change them. */
@EarlyInWindow
class AdminPoliciesTest {

  private static final String POLICIES = "/v1/admin/policies";
  private static final String STATE = "/v1/admin/state";

  static Configuration tiered() {
    return TestConfiguration.of(
        """
        version: 1
        listeners:
          - { name: api, host: 127.0.0.1, port: 0, serves: [api] }
          - { name: admin, host: 127.0.0.1, port: 0, serves: [admin] }
        tiers:
          free: { quota: { normal: 20 per minute sliding, degraded: 2 per minute sliding } }
          pro: { quota: { normal: 150 per minute sliding, degraded: 100 per minute sliding } }
        states: { degraded: {} }
        policies:
          - name: per-user
            domain: e
            key: user
            tier: tier
            limits:
              - { name: quota, rate: 20 per minute sliding }
        """);
  }

  private static String check(String user, int cost) {
    return "{\"domain\":\"api\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\""
        + user
        + "\"}],\"cost\":"
        + cost
        + "}]}";
  }

  private static String file(int limit) {
    return """
        version: 1
        policies:
          - name: per-user
            domain: api
            key: user
            limits: [{ name: per-minute, rate: %d per minute }]
        """
        .formatted(limit);
  }

  private static HttpResponse<String> put(AdminServer server, String text, String... headers) {
    String[] all = new String[4 + headers.length];
    all[0] = "Authorization";
    all[1] = "Bearer " + ADMIN;
    all[2] = "Content-Type";
    all[3] = "application/yaml";
    System.arraycopy(headers, 0, all, 4, headers.length);
    return server.send("PUT", POLICIES + "?reason=test", text, all);
  }

  private static HttpResponse<String> expect(int status, HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return answer;
  }

  @Test
  void policies_putWithTheRightVersion_areInForceAndRolledBack() {
    try (AdminServer server = AdminServer.start()) {
      HttpResponse<String> before = expect(200, server.get(POLICIES));
      assertThat(before.headers().firstValue("ETag")).hasValue("\"0\"");
      assertThat(json(before).getString("text")).contains("per-user", "hello");

      HttpResponse<String> done = expect(200, put(server, file(5), "If-Match", "\"0\""));
      assertThat(done.headers().firstValue("ETag")).hasValue("\"1\"");
      assertThat(json(done).getString("author")).isEqualTo("anna");
      assertThat(json(done).getString("reason")).isEqualTo("test");
      assertThat(server.server().post("/v1/check", check("p", 1)).body())
          .contains("\"remaining\":4");

      expect(409, put(server, file(6), "If-Match", "\"0\""));
      expect(428, put(server, file(6)));
      String body = new JsonObject().put("text", file(7)).put("expectedVersion", 1).encode();
      expect(200, server.call("PUT", POLICIES, body));

      JsonObject history = json(expect(200, server.get(POLICIES + "/versions")));
      assertThat(history.getLong("current")).isEqualTo(2);
      assertThat(history.getJsonArray("versions")).hasSize(2);
      JsonObject first = json(expect(200, server.get(POLICIES + "/versions/1")));
      assertThat(first.getString("text")).isEqualTo(file(5));
      assertThat(first.getString("author")).isEqualTo("anna");
      expect(404, server.get(POLICIES + "/versions/99"));
      expect(404, server.get(POLICIES + "/versions/x"));

      String back = "{\"version\":0,\"expectedVersion\":2,\"reason\":\"too tight\"}";
      expect(200, server.call("POST", POLICIES + "/rollback", back));
      assertThat(json(server.get(POLICIES)).getString("text")).contains("hello");
      assertThat(server.get("/v1/admin/audit?max=1").body())
          .contains("policies.rollback", "too tight");
      expect(409, server.call("POST", POLICIES + "/rollback", back));
    }
  }

  @Test
  void policies_thatAreWrong_areToldWithTheirPlacesAndNotTaken() {
    try (AdminServer server = AdminServer.start()) {
      String wrong = file(5).replace("5 per minute", "lots");
      HttpResponse<String> refused = expect(422, put(server, wrong, "If-Match", "\"0\""));
      assertThat(refused.body()).contains("\"problems\":[", "policies[0].limits[0].rate");
      JsonObject told =
          json(
              expect(
                  200,
                  server.as(
                      VIEWER,
                      "POST",
                      POLICIES + "/validate",
                      new JsonObject().put("text", wrong).encode())));
      assertThat(told.getBoolean("valid")).isFalse();
      assertThat(told.getJsonArray("problems").getJsonObject(0).getInteger("line")).isEqualTo(6);
      JsonObject right =
          json(
              server.as(
                  VIEWER,
                  "POST",
                  POLICIES + "/validate",
                  new JsonObject().put("text", file(5)).encode()));
      assertThat(right.getBoolean("valid")).isTrue();
      assertThat(json(server.get(POLICIES)).getLong("version")).isZero();
      expect(413, put(server, "#".repeat(5_000_000), "If-Match", "\"0\""));
      String text = new JsonObject().put("text", file(5)).put("expectedVersion", 0).encode();
      expect(403, server.as(OPERATOR, "PUT", POLICIES, text));
      // What the environment says is not for whoever writes policies.
      expect(422, put(server, file(5).replace("api", "${HOME}"), "If-Match", "\"0\""));
    }
  }

  @Test
  void rule21_state_setByAnOperator_holdsUntilItIsNormalAgain() {
    try (AdminServer server = AdminServer.start(tiered())) {
      JsonObject normal = json(expect(200, server.get(STATE)));
      assertThat(normal.getString("name")).isEqualTo("normal");
      assertThat(normal.getJsonArray("known").getList().toString()).isEqualTo("[normal, degraded]");
      String set = "{\"name\":\"degraded\",\"ttlSeconds\":60,\"reason\":\"database\"}";
      expect(403, server.as(VIEWER, "PUT", STATE, set));
      JsonObject degraded = json(expect(200, server.as(OPERATOR, "PUT", STATE, set)));
      assertThat(degraded.getString("name")).isEqualTo("degraded");
      assertThat(degraded.getString("author")).isEqualTo("olaf");
      assertThat(degraded.getString("until")).isNotNull();
      server.call("POST", "/v1/admin/users", "{\"id\":\"f\",\"tier\":\"free\"}");
      JsonObject limit =
          json(server.get("/v1/admin/users/f")).getJsonArray("limits").getJsonObject(0);
      assertThat(limit.getLong("capacity")).isEqualTo(2);
      expect(200, server.as(OPERATOR, "PUT", STATE, "{\"name\":\"normal\"}"));
      limit = json(server.get("/v1/admin/users/f")).getJsonArray("limits").getJsonObject(0);
      assertThat(limit.getLong("capacity")).isEqualTo(20);
      expect(422, server.as(OPERATOR, "PUT", STATE, "{\"name\":\"panic\"}"));
      expect(422, server.as(OPERATOR, "PUT", STATE, "{\"name\":\"degraded\",\"ttlSeconds\":0}"));
    }
  }

  @Test
  void tiers_areToldWithTheirRatesInEachState() {
    try (AdminServer server = AdminServer.start(tiered())) {
      JsonObject tiers = json(expect(200, server.get("/v1/admin/tiers")));
      assertThat(tiers.encode())
          .contains(
              "\"name\":\"free\"",
              "\"degraded\":{\"algorithm\":\"sliding-window\",\"capacity\":2,\"windowMillis\":60000}");
      String nobody = "{\"id\":\"g\",\"tier\":\"gold\"}";
      assertThat(expect(422, server.call("POST", "/v1/admin/users", nobody)).body())
          .contains("free", "pro");
    }
  }
}
