// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.policy.InvalidFileException;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/** The hook of proxies that ask before they forward. */
class AuthHookTest {

  private static final String DIGEST =
      "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

  private static final String RULES =
      """
      version: 1
      listeners:
        - { name: hook, host: 127.0.0.1, port: 0, serves: [auth, metrics], trusted-proxies: [127.0.0.1] }
      policies:
        - name: logins
          domain: edge
          match: { path: /login }
          key: address
          limits: [{ name: three, rate: 3 per hour }]
        - name: everything
          domain: edge
          key: client
          limits: [{ name: hourly, rate: 5 per hour }]
      auth:
        rules:
          - path: /login
            methods: [POST]
            check: { domain: edge, entries: { path: "{path}", address: "{address}" } }
            headers: { X-Client: "{address}" }
            denied: { status: 420, json: { wait: "{retry-after}" } }
          - path: /items/{id}
            identity: [{ header: X-Key, secret: true, as: key }, address]
            check: { domain: edge, entries: { client: "{identity}" }, cost: "{query:cost}" }
      """;

  private static HttpResponse<String> ask(TestServer server, String query, String... fields) {
    return server.get("/v1/auth" + query, fields);
  }

  private static String field(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  @Test
  void withoutConfiguration_addressOfForwardedRequestIsCounted() {
    try (TestServer server = TestServer.start()) {
      HttpResponse<String> first =
          ask(
              server,
              "",
              "X-Forwarded-For",
              "203.0.113.7",
              "X-Forwarded-Method",
              "POST",
              "X-Forwarded-Uri",
              "/a?b=c");
      assertThat(first.statusCode()).isEqualTo(200);
      assertThat(first.body()).isEmpty();
      assertThat(field(first, "RateLimit")).startsWith("\"per-minute\";r=99");
      assertThat(field(first, "RateLimit-Policy")).isEqualTo("\"per-minute\";q=100;w=60");
      assertThat(field(first, "Cache-Control")).isEqualTo("no-store");

      HttpResponse<String> other = ask(server, "", "X-Forwarded-For", "203.0.113.8");
      assertThat(field(other, "RateLimit")).startsWith("\"per-minute\";r=99");
      HttpResponse<String> again = ask(server, "?cost=9", "X-Forwarded-For", "203.0.113.7");
      assertThat(field(again, "RateLimit")).startsWith("\"per-minute\";r=90");
    }
  }

  @Test
  void denial_hasStatusThatTheProxyUnderstands() {
    try (TestServer server = TestServer.start()) {
      HttpResponse<String> plain = ask(server, "?cost=101");
      assertThat(plain.statusCode()).isEqualTo(429);
      assertThat(field(plain, "Content-Type")).isEqualTo("application/problem+json");
      assertThat(plain.body()).contains("\"violated-policies\":[\"per-minute\"]");

      assertThat(ask(server, "?cost=100").statusCode()).isEqualTo(200);
      HttpResponse<String> forNginx = ask(server, "?denied=403");
      assertThat(forNginx.statusCode()).isEqualTo(403);
      assertThat(field(forNginx, "X-Weir-Status")).isEqualTo("429");
      assertThat(field(forNginx, "Retry-After")).isEqualTo("1");
      assertThat(field(forNginx, "RateLimit")).isEqualTo("\"per-minute\";r=0;t=1");
      assertThat(field(forNginx, "Cache-Control")).isEqualTo("no-store");
      assertThat(forNginx.headers().allValues("Cache-Control")).hasSize(1);
    }
  }

  @Test
  void query_saysWhatIsChecked() {
    try (TestServer server = TestServer.start()) {
      HttpResponse<String> answer = ask(server, "?domain=api&user=42&cost=3");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(field(answer, "RateLimit")).startsWith("\"per-minute\";r=97");
      HttpResponse<String> unmatched = ask(server, "?domain=nowhere");
      assertThat(unmatched.statusCode()).isEqualTo(200);
      assertThat(unmatched.headers().firstValue("RateLimit")).isEmpty();
      assertThat(ask(server, "?denied=200").statusCode()).isEqualTo(400);
      assertThat(ask(server, "?cost=x").statusCode()).isEqualTo(400);
      assertThat(ask(server, "?cost=99999999999").statusCode()).isEqualTo(400);
      assertThat(ask(server, "?=x").statusCode()).isEqualTo(400);
    }
  }

  @Test
  void rule_ofForwardedPathAndMethod_decides() throws Exception {
    try (TestServer server = TestServer.start(TestConfiguration.of(RULES))) {
      String[] login = {
        "X-Forwarded-Method", "POST", "X-Forwarded-Uri", "/x/../%6cogin", "X-Forwarded-For", "::1"
      };
      for (int i = 2; i >= 0; i--) {
        HttpResponse<String> answer = ask(server, "?denied=403", login);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(field(answer, "RateLimit")).startsWith("\"three\";r=" + i);
        assertThat(field(answer, "X-Client")).isEqualTo("::1");
      }
      HttpResponse<String> denied = ask(server, "?denied=403", login);
      assertThat(denied.statusCode()).isEqualTo(403);
      assertThat(denied.headers().allValues("X-Weir-Status")).containsExactly("420");
      assertThat(denied.body()).matches("\\{\"wait\":\"?\\d+\"?}");

      HttpResponse<String> item =
          ask(server, "", "X-Original-URI", "/items/7?cost=4", "X-Key", "abc");
      assertThat(field(item, "RateLimit")).startsWith("\"hourly\";r=1");
      HttpResponse<String> unruled =
          ask(server, "", "X-Original-Method", "GET", "X-Original-URL", "http://shop/login");
      assertThat(unruled.statusCode()).isEqualTo(200);
      assertThat(unruled.headers().firstValue("RateLimit")).isEmpty();
      assertThat(ask(server, "").statusCode()).isEqualTo(400);
      HttpResponse<String> bypass =
          ask(server, "?domain=nowhere", "X-Forwarded-Uri", "/items/8", "X-Key", "abc");
      assertThat(field(bypass, "RateLimit")).startsWith("\"hourly\";r=0");
    }
  }

  @Test
  void fieldsThatDiffer_areRefused_sinceOneIsTheClients() {
    try (TestServer server = TestServer.start()) {
      HttpResponse<String> answer =
          ask(server, "?denied=403", "X-Forwarded-Uri", "/free", "X-Original-URI", "/login");
      assertThat(answer.statusCode()).isEqualTo(403);
      assertThat(field(answer, "X-Weir-Status")).isEqualTo("400");
      HttpResponse<String> twice =
          ask(server, "", "X-Forwarded-Method", "GET", "X-Forwarded-Method", "POST");
      assertThat(twice.statusCode()).isEqualTo(400);
      HttpResponse<String> broken = ask(server, "?denied=403", "X-Forwarded-Uri", "/a%zz");
      assertThat(broken.statusCode()).isEqualTo(403);
      HttpResponse<String> strange = ask(server, "", "X-Forwarded-Method", "GET /x");
      assertThat(strange.statusCode()).isEqualTo(400);
    }
  }

  @Test
  void queryThatIsTheClients_saysNothing() {
    try (TestServer server = TestServer.start()) {
      HttpResponse<String> answer =
          ask(server, "?domain=nowhere&cost=0", "X-Forwarded-Uri", "/a?domain=nowhere&cost=0");
      assertThat(field(answer, "RateLimit")).startsWith("\"per-minute\";r=99");
      assertThat(ask(server, "?cost=x", "X-Forwarded-Uri", "/a?cost=x").statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void untrustedPeer_isNotBelieved() throws Exception {
    String elsewhere = RULES.replace("[127.0.0.1]", "[192.0.2.1]");
    try (TestServer server = TestServer.start(TestConfiguration.of(elsewhere))) {
      HttpResponse<String> answer = ask(server, "?denied=403", "X-Forwarded-Uri", "/items/1");
      assertThat(answer.statusCode()).isEqualTo(403);
      assertThat(answer.body()).contains("trusted-proxies");
      assertThat(server.get("/metrics").body())
          .contains("weir_security_events_total{type=\"untrusted_proxy\"} 1");
      assertThat(ask(server, "", "X-Forwarded-For", "203.0.113.7").statusCode()).isEqualTo(403);
      assertThat(ask(server, "?domain=edge&client=1").statusCode()).isEqualTo(400);
    }
  }

  @Test
  void listenerWithTokens_wantsOne() throws Exception {
    String guarded =
        RULES.replace(
            "serves: [auth, metrics],",
            "serves: [auth, metrics], tokens: [{ sha256: " + DIGEST + ", scopes: [check] }],");
    try (TestServer server = TestServer.start(TestConfiguration.of(guarded))) {
      String[] without = {"X-Forwarded-Uri", "/items/1"};
      assertThat(ask(server, "?denied=403", without).statusCode()).isEqualTo(401);
      String[] with = {"X-Forwarded-Uri", "/items/1", "Authorization", "Bearer test"};
      assertThat(ask(server, "", with).statusCode()).isEqualTo(200);
      String[] beside = {
        "X-Forwarded-Uri", "/items/1", "Authorization", "Basic eDp5", "X-Weir-Token", "test"
      };
      assertThat(ask(server, "", beside).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void keys_areMapped() throws Exception {
    String named =
        RULES.replace("  rules:", "  denied-status: 403\n  told-by: x-original\n  rules:");
    try (TestServer server = TestServer.start(TestConfiguration.of(named))) {
      String[] item = {"X-Original-URI", "/items/9?cost=6", "X-Forwarded-Uri", "/other"};
      HttpResponse<String> answer = ask(server, "", item);
      assertThat(answer.statusCode()).isEqualTo(403);
      assertThat(field(answer, "X-Weir-Status")).isEqualTo("429");
      assertThat(ask(server, "?denied=429", item).statusCode()).isEqualTo(429);
    }
  }

  @Test
  void listenerThatDoesNotServeIt_hasNoHook() throws Exception {
    String other = RULES.replace("serves: [auth, metrics]", "serves: [api]");
    try (TestServer server = TestServer.start(TestConfiguration.of(other))) {
      assertThat(ask(server, "").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void bothWays_answerTheSame() throws Exception {
    try (TestServer server = TestServer.start();
        RawClient shortWay = new RawClient(server.port());
        RawClient fullWay = new RawClient(server.port())) {
      for (String query :
          new String[] {"", "?denied=403&cost=101", "?domain=nowhere", "?cost=-1"}) {
        String head =
            "GET /v1/auth" + query + " HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.%d";
        shortWay.send(head.formatted(1) + "\r\n\r\n");
        fullWay.send(head.formatted(2) + "\r\nTE: trailers\r\n\r\n");
        assertThat(shown(fullWay.readAnswer())).as(query).isEqualTo(shown(shortWay.readAnswer()));
      }
    }
  }

  private static java.util.List<String> shown(String answer) {
    return answer
        .toLowerCase(java.util.Locale.ROOT)
        .lines()
        .filter(line -> !line.startsWith("date:"))
        .sorted()
        .toList();
  }

  @Test
  void mistakesInRules_areTold() {
    assertThatThrownBy(() -> TestConfiguration.of(RULES.replace("status: 420", "status: 204")))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("400..599");
    assertThatThrownBy(
            () ->
                TestConfiguration.of(RULES.replace("identity: [", "identity: [certificate: san, ")))
        .isInstanceOf(InvalidFileException.class);
    assertThatThrownBy(
            () -> TestConfiguration.of(RULES.replace("  rules:", "  told-by: rumour\n  rules:")))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("x-forwarded");
  }
}
