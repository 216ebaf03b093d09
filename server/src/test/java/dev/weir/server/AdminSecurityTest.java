// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static dev.weir.server.AdminServer.ADMIN;
import static dev.weir.server.AdminServer.OPERATOR;
import static dev.weir.server.AdminServer.VIEWER;
import static dev.weir.server.AdminServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.weir.server.wire.SecurityLog;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What an attacker tries against the administration. */
class AdminSecurityTest {

  private static final String ME = "/v1/admin/me";
  private static final String USERS = "/v1/admin/users";

  private static HttpResponse<String> bearer(AdminServer server, String token, String... more) {
    String[] headers = new String[2 + more.length];
    headers[0] = "Authorization";
    headers[1] = "Bearer " + token;
    System.arraycopy(more, 0, headers, 2, more.length);
    return server.send("GET", ME, "", headers);
  }

  @Test
  void guessing_tokens_isEndedForTheAddress_whateverItSaysItIs() {
    try (AdminServer server = AdminServer.start()) {
      for (int i = 0; i < 10; i++) {
        HttpResponse<String> wrong =
            bearer(
                server,
                "guess-number-" + i,
                "X-Forwarded-For",
                "198.51.100." + i,
                "Forwarded",
                "for=198.51.100." + i,
                "X-Real-IP",
                "198.51.100." + i);
        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(wrong.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
      }
      HttpResponse<String> blocked = bearer(server, "guess", "X-Forwarded-For", "198.51.100.99");
      assertThat(blocked.statusCode()).isEqualTo(429);
      assertThat(Long.parseLong(blocked.headers().firstValue("Retry-After").orElseThrow()))
          .isBetween(1L, 300L);
      HttpResponse<String> right = bearer(server, ADMIN);
      assertThat(right.statusCode()).isEqualTo(429);
      assertThat(right.headers().firstValue("Retry-After")).isPresent();
      HttpResponse<String> change =
          server.call("POST", USERS, "{\"id\":\"late\",\"tier\":\"free\"}");
      assertThat(change.statusCode()).isEqualTo(429);
    }
  }

  @Test
  void requests_withoutAToken_learnNothingAndAreNotCounted() {
    try (AdminServer server = AdminServer.start()) {
      for (String path : List.of(ME, USERS, "/v1/admin/no-such-page", "/v1/admin/openapi.json")) {
        for (String method : List.of("GET", "POST", "PUT", "DELETE", "PATCH")) {
          HttpResponse<String> answer = server.send(method, path, "");
          assertThat(answer.statusCode()).as(method + path).isEqualTo(401);
          assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
        }
      }
      assertThat(bearer(server, VIEWER).statusCode()).isEqualTo(200);
      for (String header : List.of("Basic " + ADMIN, ADMIN, "Bearer", "")) {
        assertThat(server.send("GET", ME, "", "Authorization", header).statusCode()).isEqualTo(401);
      }
      assertThat(server.send("GET", ME, "", "X-Admin-Key", ADMIN).statusCode()).isEqualTo(401);
      assertThat(server.send("GET", ME, "", "Cookie", "token=" + ADMIN).statusCode())
          .isEqualTo(401);
    }
  }

  @Test
  void secret_inTheUrl_isRefusedEvenWithARightToken() {
    try (AdminServer server = AdminServer.start()) {
      for (String name :
          List.of("admin_key", "api_key", "apiKey", "token", "access_token", "key", "ADMIN-KEY")) {
        HttpResponse<String> alone = server.send("GET", ME + "?" + name + "=" + ADMIN, "");
        assertThat(alone.statusCode()).as(name).isEqualTo(400);
        assertThat(alone.body()).contains("Authorization: Bearer").doesNotContain(ADMIN);
        assertThat(server.get(ME + "?" + name + "=" + ADMIN).statusCode()).isEqualTo(400);
      }
      assertThat(server.get(ME + "?other=1").statusCode()).isEqualTo(400);
      assertThat(server.get(USERS + "?max=1&max=2").statusCode()).isEqualTo(400);
      assertThat(server.get(USERS + "?max=501").statusCode()).isEqualTo(400);
      assertThat(server.get(USERS + "?max=%ff").statusCode()).isEqualTo(400);
    }
  }

  @Test
  void roles_mayDoWhatTheyMay_andNothingIsChangedByOthers() {
    try (AdminServer server = AdminServer.start()) {
      String user = "{\"id\":\"u\",\"tier\":\"free\"}";
      assertThat(server.as(VIEWER, "POST", USERS, user).statusCode()).isEqualTo(403);
      assertThat(server.as(OPERATOR, "POST", USERS, user).statusCode()).isEqualTo(403);
      assertThat(server.as(ADMIN, "POST", USERS, user).statusCode()).isEqualTo(201);
      String ban = "{\"network\":\"203.0.113.9\",\"reason\":\"x\"}";
      HttpResponse<String> refused = server.as(VIEWER, "POST", "/v1/admin/bans", ban);
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(refused.body()).contains("role: viewer (expected: operator or more)");
      assertThat(server.as(VIEWER, "DELETE", USERS + "/u", "").statusCode()).isEqualTo(403);
      assertThat(server.as(OPERATOR, "DELETE", USERS + "/u", "").statusCode()).isEqualTo(403);
      assertThat(server.get(USERS + "/u").statusCode()).isEqualTo(200);
      assertThat(json(server.get("/v1/admin/bans")).getJsonArray("bans")).isEmpty();
    }
  }

  @Test
  void bodies_thatAreNoJson_areTheSendersMistake() {
    try (AdminServer server = AdminServer.start()) {
      for (String body :
          List.of(
              "{",
              "[]",
              "1",
              "null",
              "\"text\"",
              "{]",
              "{\"id\":\"a\",\"id\":\"b\",\"tier\":\"free\"}",
              "{\"id\":\"a\"} {}",
              "{\"id\":\"a\\u12\"}",
              "{'id':'a'}",
              "{\"id\":NaN}",
              "{\"id\":01}",
              "{\"id\":" + "9".repeat(1_000) + "}",
              "{\"a\":".repeat(1_000) + "1" + "}".repeat(1_000),
              "{\"a\":" + "[".repeat(30_000),
              "\u0000")) {
        HttpResponse<String> answer = server.call("POST", USERS, body);
        assertThat(answer.statusCode()).as(body).isEqualTo(400);
        assertThat(answer.headers().firstValue("Content-Type"))
            .hasValue("application/problem+json");
      }
      HttpResponse<String> large =
          server.call("POST", USERS, "{\"id\":\"" + "a".repeat(70_000) + "\"}");
      assertThat(large.statusCode()).isEqualTo(413);
      assertThat(server.get("/v1/admin/audit").body()).contains("\"entries\":[]");
    }
  }

  @Test
  void contentTypes_otherThanJson_areRefused() {
    try (AdminServer server = AdminServer.start()) {
      String user = "{\"id\":\"u\",\"tier\":\"free\"}";
      for (String type :
          List.of("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x")) {
        HttpResponse<String> answer =
            server.send(
                "POST", USERS, user, "Authorization", "Bearer " + ADMIN, "Content-Type", type);
        assertThat(answer.statusCode()).as(type).isEqualTo(415);
      }
      HttpResponse<String> none =
          server.send("POST", USERS, user, "Authorization", "Bearer " + ADMIN);
      assertThat(none.statusCode()).isEqualTo(415);
      HttpResponse<String> preflight =
          server.send(
              "OPTIONS",
              USERS,
              "",
              "Origin",
              "http://evil.example",
              "Access-Control-Request-Method",
              "POST");
      assertThat(preflight.statusCode()).isEqualTo(401);
      assertThat(preflight.headers().map()).doesNotContainKey("access-control-allow-origin");
      assertThat(server.get(USERS).headers().map())
          .doesNotContainKey("access-control-allow-origin");
    }
  }

  @Test
  void adminPaths_onOtherListeners_areUnknown() {
    try (AdminServer server = AdminServer.start()) {
      int open = server.server().port("default");
      for (String path : List.of(ME, USERS, "/v1/admin/openapi.json", "/admin/users")) {
        HttpResponse<String> answer =
            server.send(open, "GET", path, "", "Authorization", "Bearer " + ADMIN);
        assertThat(answer.statusCode()).as(path).isEqualTo(404);
      }
      assertThat(server.send("GET", "/v1/check?domain=api&user=1", "").statusCode()).isEqualTo(404);
      assertThat(server.send("GET", "/hello", "").statusCode()).isEqualTo(404);
      assertThat(server.send("GET", "/metrics", "").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void logsAndAnswersAndTrail_tellNoSecret() throws Exception {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Level before = root.getLevel();
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    root.addAppender(logged);
    root.setLevel(Level.DEBUG);
    StringBuilder answers = new StringBuilder();
    String key;
    try (AdminServer server = AdminServer.start()) {
      server.call("POST", USERS, "{\"id\":\"leak\",\"tier\":\"free\"}");
      key = json(server.call("POST", USERS + "/leak/keys", "{}")).getString("key");
      String id =
          json(server.get(USERS + "/leak/keys"))
              .getJsonArray("keys")
              .getJsonObject(0)
              .getString("id");
      server.call("POST", USERS + "/leak/keys", "{\"key\":\"" + key + "\"}");
      bearer(server, "wrong-token-0123456789");
      server.send("GET", ME + "?token=" + ADMIN, "");
      server.call("POST", USERS, "{\"id\":\"" + ADMIN);
      for (String path :
          List.of(
              "/v1/admin/configuration",
              "/v1/admin/audit",
              "/v1/admin/health",
              "/v1/admin/keys/" + id,
              "/v1/admin/keys/" + key,
              USERS,
              USERS + "/leak",
              USERS + "/leak/keys")) {
        answers.append(server.get(path).body());
      }
    } finally {
      root.detachAppender(logged);
      root.setLevel(before);
    }
    String log =
        logged.list.stream()
            .map(event -> event.getFormattedMessage() + event.getKeyValuePairs())
            .reduce("", String::concat);
    assertThat(logged.list)
        .anyMatch(
            event ->
                event.getLoggerName().equals(SecurityLog.LOGGER)
                    && event.getKeyValuePairs().toString().contains("admin_login_failed"));
    for (String secret :
        List.of(
            ADMIN, VIEWER, OPERATOR, key, "wrong-token-0123456789", sha256(ADMIN), sha256(key))) {
      assertThat(log).doesNotContain(secret);
      assertThat(answers).doesNotContain(secret);
    }
    assertThat(answers).doesNotContain("\"hash\"", "\\\"hash\\\"", "sha256");
  }

  private static String sha256(String text) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void configuration_withATokenThatIsShort_isRefusedWithoutTellingIt() {
    String yaml =
        """
        version: 1
        listeners: [{ port: 0, serves: [admin] }]
        admin: { token: hunter2 }
        policies: none
        """;
    assertThat(TestConfiguration.problems(yaml))
        .contains("admin.token", "expected: 16..512")
        .doesNotContain("hunter2");
    String digest =
        yaml.replace("token: hunter2", "tokens: [{ name: a, role: viewer, sha256: hunter2 }]");
    assertThat(TestConfiguration.problems(digest))
        .contains("admin.tokens[0].sha256")
        .doesNotContain("hunter2");
    String role = yaml.replace("token: hunter2", "tokens: [{ name: a, role: king, sha256: x }]");
    assertThat(TestConfiguration.problems(role)).contains("viewer, operator, admin");
    assertThat(TestConfiguration.problems(yaml.replace("token: hunter2", "tokens: []")))
        .contains("at least one");
    assertThat(TestConfiguration.problems(yaml.replace("hunter2", "\"${NO_SUCH_VARIABLE:-}\"")))
        .isEmpty();
  }
}
