// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.redis.fixtures.RedisProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What the log of a running server says, and what it never says. */
final class LogTest {

  private static final String KEY = "wk_live_secretkey0123456789";
  private static final String TOKEN = "token-of-the-decision-api-77";
  private static final String ADMIN = "token-of-the-administrator-99";
  private static final String PASSWORD = "redis-password-55";
  @TempDir private Path folder;

  private Configuration configuration(String text, Map<String, String> environment)
      throws Exception {
    return Configuration.read(
        Files.writeString(folder.resolve("weir.yaml"), text, UTF_8), environment);
  }

  private static String limited(String log) {
    return """
    version: 1
    %s
    listeners:
      - { name: public, host: 127.0.0.1, port: 0, serves: [routes, health] }
    policies:
      - name: per-client
        domain: shop
        key: client
        limits: [{ name: two, rate: 2 per day }]
    routes:
      - path: /item
        identity: [{ header: x-api-key, secret: true, as: key }, address]
        check: { domain: shop, entries: { client: "{identity}" } }
        respond: { json: { left: "{remaining}" } }
    """
        .formatted(log);
  }

  @Test
  void decisions_inJson_areFlatLines() throws Exception {
    Configuration configuration = configuration(limited("log: { format: json }"), Map.of());
    try (CapturedLog log = new CapturedLog()) {
      try (TestServer server = TestServer.start(configuration)) {
        for (int i = 0; i < 3; i++) {
          var unused = server.get("/item", "x-api-key", KEY);
        }
      }

      List<String> lines = log.lines("rate_limit_decision");
      assertThat(lines).hasSize(1);
      JsonNode line = new ObjectMapper().readTree(lines.getFirst());
      assertThat(line.get("event").asText()).isEqualTo("rate_limit_decision");
      assertThat(line.get("logger").asText()).isEqualTo("dev.weir.decisions");
      assertThat(line.get("level").asText()).isEqualTo("INFO");
      assertThat(line.get("timestamp").asText())
          .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
      assertThat(line.get("policy").asText()).isEqualTo("per-client");
      assertThat(line.get("limit").asText()).isEqualTo("two");
      assertThat(line.get("outcome").asText()).isEqualTo("denied");
      assertThat(line.get("reason").asText()).isEqualTo("over_limit");
      assertThat(line.get("domain").asText()).isEqualTo("shop");
      assertThat(line.get("key").asText()).matches("#[0-9a-f]{8}");
      assertThat(line.get("request_id").asText()).matches("[0-9a-f]{32}");
      assertThat(line.get("remaining").asLong()).isZero();
      assertThat(line.get("retry_after_ms").asLong()).isPositive();
      assertThat(line.get("duration_ms").isNumber()).isTrue();
      assertThat(log.text().lines()).allMatch(each -> each.startsWith("{\"timestamp\":"));
    }
  }

  @Test
  void decisions_inText_haveTheirPairsBehindTheirName() throws Exception {
    Configuration configuration =
        configuration(limited("log: { decisions: all, keys: text }"), Map.of());
    try (CapturedLog log = new CapturedLog()) {
      try (TestServer server = TestServer.start(configuration)) {
        var unused = server.get("/item");
      }
      assertThat(log.lines("rate_limit_decision"))
          .singleElement()
          .asString()
          .contains("INFO  rate_limit_decision outcome=\"allowed\" reason=\"within_limit\"")
          .contains("key=\"client=address:127.0.0.1\"");
      assertThat(log.lines("public on")).singleElement().asString().doesNotEndWith(" ");
    }
  }

  @Test
  void limitsThatRequestsBring_areNamedAsInMetrics() throws Exception {
    String text =
        """
        version: 1
        listeners: [{ name: api, host: 127.0.0.1, port: 0, serves: [throttle] }]
        policies: none
        """;
    try (CapturedLog log = new CapturedLog()) {
      try (TestServer server = TestServer.start(configuration(text, Map.of()))) {
        String body = "{\"key\":\"a\",\"max_burst\":1,\"count_per_period\":1,\"period\":1000}";
        assertThat(server.post("/throttle", body).body()).contains("\"allowed\":true");
        assertThat(server.post("/throttle", body).body()).contains("\"allowed\":false");
      }
      assertThat(log.lines("rate_limit_decision"))
          .singleElement()
          .asString()
          .contains("outcome=\"denied\"", "policy=\"(request)\"");
    }
  }

  @Test
  void environment_goesBeforeTheConfiguration() throws Exception {
    Configuration configuration =
        configuration(
            limited("log: { format: text, level: debug, decisions: all }"),
            Map.of(
                "WEIR_LOG_FORMAT", "json",
                "WEIR_LOG_LEVEL", "WARNING",
                "WEIR_LOG_DECISIONS", "none"));

    assertThat(configuration.log().format()).isEqualTo(LogSettings.Format.JSON);
    assertThat(configuration.log().level()).isEqualTo(LogSettings.Level.WARN);
    assertThat(configuration.log().decisions().which().name()).isEqualTo("NONE");
  }

  @Test
  void rule18_secretsInPlay_areInNoLine() throws Exception {
    try (CapturedLog log = new CapturedLog();
        RedisProcess redis = RedisProcess.builder().password(PASSWORD).start()) {
      String text =
          limited(
              "log: { format: json, level: debug, decisions: all, keys: text, per-second: 1000 }\n"
                  + "store: { redis: { url: \""
                  + redis.url()
                  + "\" } }");
      text =
          text.replace(
              "listeners:\n",
              """
              listeners:
                - name: api
                  host: 127.0.0.1
                  port: 0
                  serves: [api]
                  tokens: [{ sha256: %s, scopes: [check] }]
                - { name: admin, host: 127.0.0.1, port: 0, serves: [admin] }
              """
                  .formatted(sha256(TOKEN)));
      try (TestServer server =
          TestServer.start(configuration(text, Map.of("ADMIN_API_KEY", ADMIN)))) {
        play(server);
        redis.kill();
        play(server);
        redis.restart();
        await()
            .until(
                () ->
                    send(server.port("public"), "GET /health HTTP/1.1", "")
                        .contains("\"connected\":true"));
        play(server);
      }
      assertThat(log.lines("rate_limit_decision")).isNotEmpty();
      assertThat(log.text())
          .doesNotContain(KEY)
          .doesNotContain(TOKEN)
          .doesNotContain(ADMIN)
          .doesNotContain(PASSWORD);
    }
  }

  private static String sha256(String text) throws NoSuchAlgorithmException {
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    return HexFormat.of().formatHex(sha256.digest(text.getBytes(UTF_8)));
  }

  private static void play(TestServer server) throws Exception {
    int open = server.port("public");
    int api = server.port("api");
    int admin = server.port("admin");
    String body = "{\"domain\":\"shop\",\"descriptors\":[{\"entries\":[{\"key\":\"api_key\",";
    List<String> requests = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      requests.add("GET /item HTTP/1.1\r\nx-api-key: " + KEY);
    }
    requests.add("GET /item?api_key=" + KEY + " HTTP/1.1");
    requests.add("GET /nothing?api_key=" + KEY + " HTTP/1.1\r\nx-api-key: " + KEY);
    requests.add("GET /item/../..%2f?api_key=" + KEY + " HTTP/9.9");
    requests.add("NONSENSE " + KEY);
    requests.add("GET /item HTTP/1.1\r\nbroken header " + KEY);
    requests.add("GET /item HTTP/1.1\r\nx-api-key: " + KEY + "\r\nx: " + "y".repeat(100_000));
    for (String request : requests) {
      var unused = send(open, request, "");
    }
    for (String token : List.of(TOKEN, ADMIN, "wrong-" + TOKEN)) {
      String unused;
      String head = " HTTP/1.1\r\nauthorization: Bearer " + token;
      unused = send(api, "POST /v1/check" + head, body + "\"value\":\"" + KEY + "\"}]}]}");
      unused = send(api, "POST /v1/check" + head, body + KEY);
      unused = send(api, "GET /v1/check?domain=shop&api_key=" + KEY + head, "");
      unused = send(admin, "GET /admin/health" + head, "");
      unused = send(admin, "GET /v1/admin/state?token=" + token + head, "");
    }
  }

  private static String send(int port, String head, String body) throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send(
          head
              + "\r\nhost: localhost\r\nconnection: close\r\ncontent-length: "
              + body.length()
              + "\r\n\r\n"
              + body);
      return client.readAll();
    } catch (IOException closedEarly) {
      // Some of these are cut off while they are sent.
      return "";
    }
  }

  @Test
  void linesThatNobodyTakes_areLeftOutAndCounted() throws Exception {
    Configuration configuration = configuration(limited(""), Map.of());
    CountDownLatch read = new CountDownLatch(1);
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TestServer server = TestServer.start(configuration)) {
      System.setErr(
          new PrintStream(
              new OutputStream() {
                @Override
                public void write(int b) {
                  throw new UnsupportedOperationException("one by one");
                }

                @Override
                public void write(byte[] line, int from, int count) {
                  try {
                    read.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  bytes.write(line, from, count);
                }
              },
              true,
              UTF_8));
      var log = LoggerFactory.getLogger("dev.weir.test");
      for (int i = 0; i < 20_000; i++) {
        log.info("line {}", i);
      }
      assertThat(server.get("/item").statusCode()).isEqualTo(200);
      read.countDown();
      // Closing waits two seconds at most.
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                String text = bytes.toString(UTF_8);
                return text.contains("line 8000\n") && text.contains("log_lines_dropped");
              });
    } finally {
      System.setErr(before);
    }
    assertThat(bytes.toString(UTF_8))
        .contains("line 0\n")
        .contains("line 8000\n")
        .doesNotContain("line 19999\n")
        .containsPattern("WARN  log_lines_dropped count=\"1[0-9]{4}\"");
  }
}
