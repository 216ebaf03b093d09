// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static dev.weir.server.AdminServer.ADMIN;
import static dev.weir.server.AdminServer.OPERATOR;
import static dev.weir.server.AdminServer.VIEWER;
import static dev.weir.server.AdminServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What administrators see and change. */
class AdminApiTest {

  private static AdminServer server;

  @BeforeAll
  static void start() {
    server = AdminServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static HttpResponse<String> expect(int status, HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return answer;
  }

  private static JsonObject create(String user, String tier) {
    String body = new JsonObject().put("id", user).put("tier", tier).encode();
    return json(expect(201, server.call("POST", "/v1/admin/users", body)));
  }

  /** The newest entry of the audit trail. */
  private static JsonObject newest() {
    return json(server.get("/v1/admin/audit?max=1")).getJsonArray("entries").getJsonObject(0);
  }

  @Test
  void me_ofEachToken_isItsNameAndRole() {
    assertThat(server.get("/v1/admin/me").body())
        .isEqualTo("{\"name\":\"vera\",\"role\":\"viewer\"}");
    assertThat(server.as(OPERATOR, "GET", "/v1/admin/me", "").body()).contains("operator");
    assertThat(server.as(ADMIN, "GET", "/v1/admin/me", "").body()).contains("\"role\":\"admin\"");
  }

  @Test
  void health_ofARunningServer_tellsEveryComponent() {
    JsonObject health = json(expect(200, server.get("/v1/admin/health")));
    assertThat(health.getString("status")).isEqualTo("ok");
    assertThat(health.getJsonArray("components").stream())
        .extracting(each -> ((JsonObject) each).getString("name"))
        .contains("store", "records", "policies", "listener default", "listener admin");
  }

  @Test
  void user_createdUpdatedAndDeleted_isAuditedWithBeforeAndAfter() {
    JsonObject made = create("carla", "free");
    assertThat(made.getString("tier")).isEqualTo("free");
    assertThat(newest().getString("action")).isEqualTo("user.create");
    assertThat(newest().getString("author")).isEqualTo("anna");
    String patch = "{\"tier\":\"pro\",\"tenant\":\"acme\"}";
    HttpResponse<String> updated = server.call("PATCH", "/v1/admin/users/carla", patch);
    assertThat(json(expect(200, updated)).getString("tenant")).isEqualTo("acme");
    JsonObject entry = newest();
    assertThat(entry.getString("target")).isEqualTo("carla");
    assertThat(entry.getString("before")).contains("free");
    assertThat(entry.getString("after")).contains("pro", "acme");
    expect(204, server.call("DELETE", "/v1/admin/users/carla", ""));
    expect(404, server.get("/v1/admin/users/carla"));
    expect(404, server.call("DELETE", "/v1/admin/users/carla", ""));
  }

  @Test
  void user_existing_isConflict_andBadOnesAreRefused() {
    create("twice", "free");
    String again = "{\"id\":\"twice\",\"tier\":\"free\"}";
    expect(409, server.call("POST", "/v1/admin/users", again));
    for (String body :
        new String[] {
          "{}",
          "{\"id\":\"x\"}",
          "{\"id\":1,\"tier\":\"free\"}",
          "{\"id\":\"a b\",\"tier\":\"free\"}",
          "{\"id\":\"x\",\"tier\":\"\"}",
          "{\"id\":\"x\",\"tier\":\"free\",\"more\":1}"
        }) {
      HttpResponse<String> refused = expect(422, server.call("POST", "/v1/admin/users", body));
      assertThat(refused.headers().firstValue("Content-Type")).contains("application/problem+json");
      assertThat(refused.body()).as(body).contains("(expected: ");
    }
  }

  @Test
  void users_inPages_areAllListedOnce() {
    for (int i = 0; i < 5; i++) {
      create("page-" + i, "paged");
    }
    JsonArray seen = new JsonArray();
    String next = "";
    do {
      String target = "/v1/admin/users?tier=paged&max=2&after=" + next;
      JsonObject page = json(expect(200, server.get(target)));
      page.getJsonArray("users").forEach(user -> seen.add(((JsonObject) user).getString("id")));
      next = page.getString("next", "");
    } while (!next.isEmpty());
    assertThat(seen.stream().map(Object::toString))
        .containsExactly("page-0", "page-1", "page-2", "page-3", "page-4");
  }

  @Test
  void user_withLimits_tellsHowTheyAre() {
    create("metered", "free");
    server
        .server()
        .post(
            "/v1/check",
            "{\"domain\":\"api\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":"
                + "\"metered\"}],\"cost\":30}]}");
    JsonObject limit =
        json(server.get("/v1/admin/users/metered")).getJsonArray("limits").getJsonObject(0);
    assertThat(limit.getString("policy")).isEqualTo("per-user");
    assertThat(limit.getLong("capacity")).isEqualTo(100);
    assertThat(limit.getLong("used")).isEqualTo(30);
    assertThat(limit.getLong("remaining")).isEqualTo(70);
  }

  @Test
  void key_isShownOnce_rotatesAndIsRevoked() {
    create("keyed", "free");
    String keys = "/v1/admin/users/keyed/keys";
    HttpResponse<String> made =
        server.as(OPERATOR, "POST", keys, "{\"name\":\"ci\",\"scopes\":[\"read\"]}");
    JsonObject key = json(expect(201, made));
    String text = key.getString("key");
    String id = key.getString("id");
    assertThat(text).startsWith("weir_").startsWith(key.getString("start"));
    assertThat(made.headers().firstValue("Location")).hasValue("/v1/admin/keys/" + id);
    assertThat(server.get(keys).body()).contains(id).doesNotContain(text);
    assertThat(server.get("/v1/admin/keys/" + id).body()).contains("ci").doesNotContain(text);

    HttpResponse<String> rotated =
        server.as(OPERATOR, "POST", "/v1/admin/keys/" + id + "/rotate", "{\"overlapSeconds\":60}");
    JsonObject next = json(expect(201, rotated));
    assertThat(next.getString("key")).isNotEqualTo(text);
    JsonObject old = json(server.get("/v1/admin/keys/" + id));
    assertThat(old.getBoolean("inForce")).isTrue();
    assertThat(old.getString("expiresAt")).isNotNull();

    expect(200, server.as(OPERATOR, "DELETE", "/v1/admin/keys/" + id, ""));
    assertThat(json(server.get("/v1/admin/keys/" + id)).getBoolean("inForce")).isFalse();
    expect(409, server.as(OPERATOR, "DELETE", "/v1/admin/keys/" + id, ""));
    expect(404, server.get("/v1/admin/keys/0000000000000000"));
    assertThat(newest().encode()).contains("key.revoke").doesNotContain(text);
  }

  @Test
  void key_outOfShape_isRefusedWithoutBeingShown() {
    create("shapes", "free");
    String keys = "/v1/admin/users/shapes/keys";
    String secret = "bad key with spaces";
    HttpResponse<String> chosen = server.call("POST", keys, "{\"key\":\"" + secret + "\"}");
    assertThat(expect(422, chosen).body()).doesNotContain(secret);
    expect(422, server.call("POST", keys, "{\"expiresAt\":\"tomorrow\"}"));
    expect(422, server.call("POST", keys, "{\"expiresAt\":\"2001-01-01T00:00:00Z\"}"));
    expect(422, server.call("POST", keys, "{\"scopes\":[1]}"));
    expect(404, server.call("POST", "/v1/admin/users/nobody/keys", "{}"));
  }

  private static String descriptor(String user, String more) {
    return "{\"domain\":\"api\",\"entries\":[{\"key\":\"user\",\"value\":\""
        + user
        + "\"}]"
        + more
        + "}";
  }

  private static long remaining(HttpResponse<String> answer) {
    return json(expect(200, answer)).getJsonArray("limits").getJsonObject(0).getLong("remaining");
  }

  @Test
  void rule10_counters_arePeekedGrantedAndReset() {
    server.server().post("/v1/check", check("counted", 60));
    String peek = "/v1/admin/counters/peek";
    assertThat(remaining(server.as(VIEWER, "POST", peek, descriptor("counted", "")))).isEqualTo(40);
    assertThat(remaining(server.as(VIEWER, "POST", peek, descriptor("counted", "")))).isEqualTo(40);
    HttpResponse<String> granted =
        server.as(
            OPERATOR,
            "POST",
            "/v1/admin/counters/grant",
            descriptor("counted", ",\"amount\":10,\"reason\":\"goodwill\""));
    assertThat(remaining(granted)).isEqualTo(50);
    JsonObject entry = newest();
    assertThat(entry.getString("action")).isEqualTo("counter.grant");
    assertThat(entry.getString("author")).isEqualTo("olaf");
    assertThat(entry.getString("before")).contains("\"remaining\":40");
    assertThat(entry.getString("after")).contains("goodwill");
    assertThat(
            remaining(
                server.as(OPERATOR, "POST", "/v1/admin/counters/reset", descriptor("counted", ""))))
        .isEqualTo(100);
    assertThat(server.server().post("/v1/check", check("counted", 100)).body())
        .contains("\"allowed\":true");
  }

  private static String check(String user, int cost) {
    return "{\"domain\":\"api\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\""
        + user
        + "\"}],\"cost\":"
        + cost
        + "}]}";
  }

  @Test
  void counter_ofNoLimit_isPeekedButNotChanged() {
    String nowhere = "{\"domain\":\"nowhere\",\"entries\":[{\"key\":\"a\",\"value\":\"b\"}]}";
    JsonObject peeked = json(expect(200, server.call("POST", "/v1/admin/counters/peek", nowhere)));
    assertThat(peeked.getJsonArray("limits")).isEmpty();
    expect(422, server.call("POST", "/v1/admin/counters/reset", nowhere));
    expect(422, server.call("POST", "/v1/admin/counters/grant", descriptor("x", "")));
    expect(422, server.call("POST", "/v1/admin/counters/peek", "{\"entries\":[]}"));
  }

  @Test
  void ban_madeListedAndLifted_holdsOnTheGateway() {
    String ban = "{\"network\":\"203.0.113.0/24\",\"durationSeconds\":60,\"reason\":\"scraping\"}";
    HttpResponse<String> made = server.as(OPERATOR, "POST", "/v1/admin/bans", ban);
    assertThat(json(expect(201, made)).getString("author")).isEqualTo("olaf");
    JsonObject listed = json(server.get("/v1/admin/bans")).getJsonArray("bans").getJsonObject(0);
    assertThat(listed.getString("reason")).isEqualTo("scraping");
    assertThat(listed.getString("until")).isNotNull();
    String at = made.headers().firstValue("Location").orElseThrow();
    expect(204, server.as(OPERATOR, "DELETE", at, ""));
    expect(404, server.as(OPERATOR, "DELETE", at, ""));
    assertThat(newest().getString("action")).isEqualTo("ban.lift");
    expect(422, server.call("POST", "/v1/admin/bans", "{\"network\":\"x\",\"reason\":\"\"}"));
    String all = "{\"network\":\"0.0.0.0/0\",\"reason\":\"all\"}";
    expect(422, server.call("POST", "/v1/admin/bans", all));
  }

  @Test
  void audit_inPages_isNewestFirstAndCannotBeChanged() {
    create("trail-1", "free");
    create("trail-2", "free");
    JsonObject page = json(server.get("/v1/admin/audit?max=1"));
    assertThat(page.getJsonArray("entries").getJsonObject(0).getString("target"))
        .isEqualTo("trail-2");
    long next = page.getLong("next");
    JsonObject older = json(server.get("/v1/admin/audit?max=1&before=" + next));
    assertThat(older.getJsonArray("entries").getJsonObject(0).getString("target"))
        .isEqualTo("trail-1");
    String before = server.get("/v1/admin/audit").body();
    for (String method : new String[] {"PUT", "POST", "DELETE", "PATCH"}) {
      HttpResponse<String> refused = server.call(method, "/v1/admin/audit", "{}");
      assertThat(refused.statusCode()).as(method).isEqualTo(405);
      assertThat(refused.headers().firstValue("Allow")).hasValue("GET");
      expect(404, server.call(method, "/v1/admin/audit/1", "{}"));
    }
    assertThat(server.get("/v1/admin/audit").body()).isEqualTo(before);
  }

  @Test
  void topKeys_afterDenials_areToldByHowOftenTheyCame() {
    for (int i = 0; i < 3; i++) {
      server.server().post("/v1/check", check("hungry", 90));
    }
    JsonObject top = json(expect(200, server.get("/v1/admin/top-keys?by=denied&max=1")));
    JsonObject first = top.getJsonArray("keys").getJsonObject(0);
    assertThat(first.getString("policy")).isEqualTo("per-user");
    assertThat(first.getString("key")).contains("hungry");
    assertThat(first.getLong("count")).isEqualTo(2);
    assertThat(server.get("/v1/admin/top-keys?by=used").body()).contains("hungry");
    expect(400, server.get("/v1/admin/top-keys?by=size"));
  }

  @Test
  void mistakes_areToldInWords() {
    assertThat(expect(400, server.call("POST", "/v1/admin/users", "{\"id\":\"carla\"")).body())
        .contains("body: cut short (expected: JSON in UTF-8")
        .doesNotContain("position");
    assertThat(expect(405, server.call("PATCH", "/v1/admin/me", "")).body())
        .contains("method: PATCH (expected: GET)");
    String text =
        new JsonObject()
            .put("expectedVersion", 0)
            .put("text", "version: 1\npolicies: [{ name: x }]")
            .encode();
    assertThat(expect(422, server.call("PUT", "/v1/admin/policies", text)).body())
        .contains("policies: 1 problem\"");
  }

  @Test
  void configuration_isShownWithoutSecrets() {
    JsonObject configuration = json(expect(200, server.get("/v1/admin/configuration")));
    assertThat(configuration.encode())
        .contains("\"administrators\":[{\"name\":\"vera\",\"role\":\"viewer\"}", "\"port\":")
        .doesNotContain(VIEWER, OPERATOR, ADMIN, "sha256");
    expect(200, server.call("POST", "/v1/admin/configuration/reload", ""));
    assertThat(newest().getString("action")).isEqualTo("configuration.reload");
  }
}
