// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.http.HttpResponse;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class GatewayTest {

  private static TestServer serve(String listener, String routes) {
    return TestServer.start(
        TestConfiguration.of(
            """
            version: 1
            listeners: [{ name: public, port: 0, serves: [routes], %s }]
            policies:
              - name: few
                domain: d
                key: who
                limits: [{ name: three, algorithm: fixed-window, limit: 3, window: 1d }]
            routes:
            """
                    .formatted(listener)
                + routes.indent(2)));
  }

  private static String left(HttpResponse<String> answer) {
    return answer.headers().firstValue("X-Left").orElse("none");
  }

  private static final String BY_ADDRESS =
      """
      - path: /
        identity: [address]
        check: { domain: d, entries: { who: "{identity}" } }
        headers: { X-Left: "{remaining}", X-Who: "{identity}" }
        respond: { body: fine }
      """;

  @Test
  void forwardedAddress_ofAnUntrustedPeer_isNotBelieved() {
    try (TestServer server = serve("host: 127.0.0.1", BY_ADDRESS)) {
      assertThat(left(server.get("/", "X-Forwarded-For", "1.1.1.1"))).isEqualTo("2");
      assertThat(left(server.get("/", "X-Forwarded-For", "2.2.2.2"))).isEqualTo("1");
    }
  }

  @Test
  void forwardedAddress_ofATrustedPeer_isItsRightMostUntrusted() {
    try (TestServer server = serve("trusted-proxies: [127.0.0.0/8, 10.0.0.0/8]", BY_ADDRESS)) {
      assertThat(who(server, "6.6.6.6, 1.1.1.1")).isEqualTo("1.1.1.1");
      assertThat(who(server, "6.6.6.6, 1.1.1.1, 10.1.2.3")).isEqualTo("1.1.1.1");
      assertThat(who(server, "7.7.7.7,1.1.1.1:4711, 10.1.2.3")).isEqualTo("1.1.1.1");
      assertThat(who(server, "garbage")).isEqualTo("127.0.0.1");
      assertThat(who(server, "9.9.9.9, garbage, 10.1.2.3")).isEqualTo("10.1.2.3");
      assertThat(who(server, "10.0.0.1, 10.0.0.2")).isEqualTo("10.0.0.1");
      assertThat(who(server, "[2001:DB8:0::1]:80")).isEqualTo("2001:db8::1");
      assertThat(who(server, "2001:db8::1")).isEqualTo("2001:db8::1");
    }
  }

  private static String who(TestServer server, String forwarded) {
    return server.get("/", "X-Forwarded-For", forwarded).headers().firstValue("X-Who").orElse("");
  }

  @Test
  void secretIdentity_isShownAsItsDigest() {
    try (TestServer server =
        serve(
            "host: 127.0.0.1",
            """
            - path: /
              identity:
                from: [{ header: X-API-Key, secret: true }]
                absent: { json: { error: no key } }
              check: { domain: d, entries: { who: "{identity}" } }
              headers: { X-Left: "{remaining}" }
              respond: { json: { you: "{identity}" } }
            """)) {
      HttpResponse<String> answer = server.get("/", "X-API-Key", "secret");
      assertThat(answer.body()).isEqualTo("{\"you\":\"2bb80d53\"}");
      assertThat(left(server.get("/", "X-API-Key", "secret"))).isEqualTo("1");
      assertThat(left(server.get("/", "X-API-Key", "other"))).isEqualTo("2");
      HttpResponse<String> nobody = server.get("/");
      assertThat(nobody.statusCode()).isEqualTo(401);
      assertThat(nobody.body()).isEqualTo("{\"error\":\"no key\"}");
      assertThat(server.get("/", "X-API-Key", "").statusCode()).isEqualTo(401);
    }
  }

  @Test
  void templates_escapeWhatTheyFillIn() {
    try (TestServer server =
        serve(
            "host: 127.0.0.1",
            """
            - path: /say/{word}
              headers: { X-Word: "{query:w}", X-None: "{query:missing}" }
              respond:
                status: 201
                json: { word: "{path:word}", n: 5, yes: true, list: [a, 1.5], left: "{remaining}", none: ~ }
            """)) {
      HttpResponse<String> answer = server.get("/say/%22%5C%0A%C3%BC?w=x");
      assertThat(answer.statusCode()).isEqualTo(201);
      assertThat(answer.body())
          .isEqualTo(
              "{\"word\":\"\\\"\\\\\\u000a\u00fc\",\"n\":5,\"yes\":true,\"list\":[\"a\",1.5],"
                  + "\"left\":null,\"none\":null}");
      assertThat(answer.headers().firstValue("X-Word")).contains("x");
      assertThat(answer.headers().firstValue("X-None")).isEmpty();
      assertThat(server.get("/say/a/b").statusCode()).isEqualTo(404);
      assertThat(server.get("/say/").statusCode()).isEqualTo(404);
      assertThat(server.get("/say/%zz".replace("%zz", "%25zz")).statusCode()).isEqualTo(201);
    }
  }

  @Test
  void headerInjection_throughAVariable_isImpossible() {
    try (TestServer server =
        serve(
            "host: 127.0.0.1",
            "- { path: /, headers: { X-Word: \"{query:w}\" }, respond: { body: fine } }")) {
      HttpResponse<String> answer = server.get("/?w=a%0D%0AX-Evil:%201");
      assertThat(answer.headers().firstValue("X-Evil")).isEmpty();
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("X-Word")).contains("a??X-Evil: 1");
    }
  }

  @Test
  void denial_withoutATemplate_isAProblem() {
    try (TestServer server = serve("limit-headers: ietf", BY_ADDRESS)) {
      HttpResponse<String> answer = server.get("/");
      for (int i = 0; i < 3; i++) {
        answer = server.get("/");
      }
      assertThat(answer.statusCode()).isEqualTo(429);
      assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
      assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();
      assertThat(answer.headers().firstValue("RateLimit-Policy")).contains("\"three\";q=3;w=86400");
      assertThat(answer.headers().firstValue("RateLimit").orElse(""))
          .startsWith("\"three\";r=0;t=");
      assertThat(answer.body()).contains("\"violated-policies\":[\"three\"]");
    }
  }

  @Test
  void listener_servesOnlyWhatItNames() {
    try (TestServer server = serve("host: 127.0.0.1", BY_ADDRESS)) {
      for (String path :
          new String[] {"/v1/check?domain=d&who=x", "/metrics", "/health", "/openapi.json"}) {
        assertThat(server.get(path).statusCode()).as(path).isEqualTo(404);
      }
      assertThat(server.post("/v1/check", "{}").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void routes_goBeforeWhatIsBuiltIn() {
    try (TestServer server =
        TestServer.start(
            TestConfiguration.of(
                """
                version: 1
                listeners: [{ name: all, port: 0, serves: [routes, api, metrics, health] }]
                policies: none
                routes:
                  - { path: /health, methods: [GET], respond: { body: mine } }
                  - { path: /v1/check, methods: [POST, GET], respond: { body: mine } }
                """))) {
      assertThat(server.get("/health").body()).isEqualTo("mine");
      assertThat(server.get("/health/live").body()).contains("live");
      assertThat(server.post("/v1/check", "{}").body()).isEqualTo("mine");
      assertThat(server.post("/v1/peek", "{}").statusCode()).isEqualTo(400);
    }
  }

  @Test
  void cost_isTakenFromTheRequest() {
    try (TestServer server =
        serve(
            "host: 127.0.0.1",
            """
            - path: /
              check: { domain: d, entries: { who: all }, cost: "{query:cost}" }
              headers: { X-Left: "{remaining}" }
              respond: { body: fine }
            """)) {
      assertThat(left(server.get("/?cost=2"))).isEqualTo("1");
      assertThat(left(server.get("/"))).isEqualTo("0");
      assertThat(server.get("/?cost=-1").statusCode()).isEqualTo(400);
      assertThat(server.get("/?cost=99999999999").statusCode()).isEqualTo(400);
    }
  }

  @Test
  void brokenEscapes_areTheClientsMistake() throws java.io.IOException {
    try (TestServer server =
            serve("host: 127.0.0.1", "- { path: \"/{x}\", respond: { body: \"{path:x}\" } }");
        RawClient client = new RawClient(server.port())) {
      client.send("GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assertThat(client.readAll().toLowerCase(Locale.ROOT)).startsWith("http/1.1 400 ");
    }
  }

  @Test
  void logLines_areFilledIn_andNoValueBreaksThem() {
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    Logger logger = (Logger) LoggerFactory.getLogger("dev.weir.decisions");
    logger.addAppender(lines);
    try (TestServer server =
        serve(
            "host: 127.0.0.1",
            """
            - path: /**
              identity: [{ header: X-API-Key, secret: true }]
              check: { domain: d, entries: { who: "{identity}" } }
              log: { allowed: "ALLOWED: {identity} hit {query:p}", denied: "BLOCKED: {identity}" }
              respond: { body: fine }
            """)) {
      for (int i = 0; i < 4; i++) {
        server.get("/?p=a%0Ab", "X-API-Key", "secret");
      }
      assertThat(lines.list.stream().map(ILoggingEvent::getFormattedMessage))
          .filteredOn(line -> !line.equals("rate_limit_decision"))
          .containsExactly(
              "ALLOWED: 2bb80d53 hit a?b",
              "ALLOWED: 2bb80d53 hit a?b",
              "ALLOWED: 2bb80d53 hit a?b",
              "BLOCKED: 2bb80d53");
    } finally {
      logger.detachAppender(lines);
    }
  }

  @Test
  void otherSpellingsOfAPath_areThatPath() throws java.io.IOException {
    String routes =
        """
        - path: /login
          check: { domain: d, entries: { who: "{path}" } }
          headers: { X-Left: "{remaining}" }
          respond: { body: fine }
        - { path: /**, respond: { body: other } }
        """;
    try (TestServer server = serve("host: 127.0.0.1", routes)) {
      int left = 2;
      for (String spelling :
          new String[] {"/login", "/%6cogin", "//login", "/a/../login", "http://x/./login"}) {
        try (RawClient client = new RawClient(server.port())) {
          client.send("GET " + spelling + " HTTP/1.1\r\nHost: x\r\n\r\n");
          assertThat(client.readAnswer().toLowerCase(Locale.ROOT))
              .as(spelling)
              .contains(left < 0 ? "http/1.1 429 " : "x-left: " + left);
        }
        left--;
      }
    }
  }

  @Test
  void head_isAnsweredWithoutABody() throws java.io.IOException {
    try (TestServer server = serve("host: 127.0.0.1", BY_ADDRESS);
        RawClient client = new RawClient(server.port())) {
      client.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assertThat(client.readAll().toLowerCase(Locale.ROOT))
          .startsWith("http/1.1 200 ")
          .contains("content-length: 4")
          .endsWith("\r\n\r\n");
    }
  }
}
