// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static dev.weir.server.AdminServer.OPERATOR;
import static dev.weir.server.AdminServer.VIEWER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import dev.weir.redis.RedisOptions;
import dev.weir.redis.fixtures.RedisProcess;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What administrators see of the running server, second by second. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LiveStreamsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String CHECK =
      "{\"domain\":\"api\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\"%s\"}],"
          + "\"cost\":%d}]}";

  private static HttpClient client(HttpClient.Version version) {
    return HttpClient.newBuilder().version(version).build();
  }

  private static EventReader open(AdminServer server) throws Exception {
    return EventReader.open(client(HttpClient.Version.HTTP_1_1), server.port(), VIEWER);
  }

  private static void check(AdminServer server, String user, int cost) {
    assertThat(server.server().post("/v1/check", CHECK.formatted(user, cost)).statusCode())
        .isEqualTo(200);
  }

  /** Reads events until one shows something; the reader's time is that of the test. */
  private interface Shown {
    boolean in(JsonObject figures);
  }

  private static JsonObject until(EventReader events, Shown shown) throws IOException {
    JsonObject figures = events.figures();
    while (!shown.in(figures)) {
      figures = events.figures();
    }
    return figures;
  }

  private static long total(JsonObject figures, String part, String outcome) {
    return figures.getJsonObject(part).getJsonObject(outcome).getLong("total");
  }

  private static JsonSchema schema(AdminServer server, String name) throws IOException {
    JsonNode document = new ObjectMapper().readTree(server.get("/v1/admin/openapi.json").body());
    return ApiSchema.of(document, document.at("/components/schemas/" + name));
  }

  private static void assertFits(AdminServer server, String name, JsonObject told)
      throws IOException {
    assertThat(schema(server, name).validate(new ObjectMapper().readTree(told.encode())))
        .as(told.encodePrettily())
        .isEmpty();
  }

  @Test
  void decisions_madeWhileSomebodyLooks_areInTheNextFigures() throws Exception {
    try (AdminServer server = AdminServer.start();
        EventReader events = open(server)) {
      assertThat(events.answer().statusCode()).isEqualTo(200);
      assertThat(events.answer().headers().firstValue("Content-Type"))
          .hasValue("text/event-stream");
      assertThat(events.answer().headers().firstValue("Cache-Control")).hasValue("no-store");
      JsonObject first = events.figures();
      assertThat(first.getDouble("seconds")).isZero();
      assertThat(total(first, "decisions", "allowed")).isZero();
      assertFits(server, "LiveFigures", first);

      check(server, "zoe", 90);
      check(server, "zoe", 90);
      JsonObject figures = until(events, each -> total(each, "decisions", "denied") == 1);

      assertFits(server, "LiveFigures", figures);
      JsonObject limit = figures.getJsonObject("decisions").getJsonArray("limits").getJsonObject(0);
      assertThat(limit.getString("policy")).isEqualTo("per-user");
      assertThat(limit.getJsonObject("allowed").getLong("total")).isEqualTo(1);
      assertThat(limit.getJsonObject("denied").getDouble("rate")).isPositive();
      assertThat(figures.getDouble("seconds")).isPositive();
      assertThat(figures.getJsonObject("latency").getLong("p50")).isPositive();
      assertThat(figures.getJsonObject("latency").getLong("max"))
          .isGreaterThanOrEqualTo(figures.getJsonObject("latency").getLong("p50"));
      JsonArray denied = figures.getJsonObject("topKeys").getJsonArray("denied");
      assertThat(denied.getJsonObject(0).getString("key")).isEqualTo("user=zoe");
      assertThat(figures.getJsonObject("http").getInteger("connections")).isPositive();
      assertThat(figures.getJsonObject("instance").getString("name")).isEqualTo("test");
      // What happened is told once as a rate, and for good as a total.
      JsonObject after = until(events, each -> each.getJsonObject("latency").getLong("count") == 0);
      assertThat(total(after, "decisions", "denied")).isEqualTo(1);
      assertThat(after.getJsonObject("decisions").getJsonObject("denied").getDouble("rate"))
          .isZero();
    }
  }

  @Test
  void example_ofTheDocument_hasTheShapeOfRealFigures() throws Exception {
    String page = Files.readString(Path.of("../docs/administration.md"));
    String shown = page.split("```events\nevent: live\ndata: ", 2)[1].split("```", 2)[0];
    try (RedisProcess redis = RedisProcess.start();
        AdminServer server =
            AdminServer.start(
                Configuration.defaults()
                    .store(
                        StoreSettings.redis(
                            RedisOptions.of(redis.url()).timeout(Duration.ofSeconds(5)))));
        EventReader events = open(server)) {
      check(server, "amy", 1);
      JsonObject figures =
          until(
              events,
              each ->
                  each.getJsonObject("latency").containsKey("p50")
                      && each.getJsonObject("store").getJsonObject("roundTrip").containsKey("p50"));
      assertFits(server, "LiveFigures", figures);
      assertThat(shape(new JsonObject(shown))).isEqualTo(shape(figures));
    }
  }

  /** Names of fields without values; of an array the names in its first element, if it has one. */
  private static Map<String, Object> shape(JsonObject object) {
    Map<String, Object> shape = new TreeMap<>();
    object.forEach(
        field -> {
          Object value = field.getValue();
          if (value instanceof JsonObject inner) {
            shape.put(field.getKey(), shape(inner));
          } else {
            shape.put(field.getKey(), "");
          }
        });
    return shape;
  }

  @Test
  void readers_ofAnyRoleAndProtocol_seeTheSame() throws Exception {
    try (AdminServer server = AdminServer.start();
        HttpClient old = client(HttpClient.Version.HTTP_1_1);
        HttpClient multiplexing = client(HttpClient.Version.HTTP_2);
        EventReader one = EventReader.open(old, server.port(), OPERATOR)) {
      // The first request upgrades; the one after it is a stream of HTTP/2 from the beginning.
      try (EventReader upgrade = EventReader.open(multiplexing, server.port(), VIEWER);
          EventReader two = EventReader.open(multiplexing, server.port(), VIEWER)) {
        assertThat(upgrade.answer().version()).isEqualTo(HttpClient.Version.HTTP_2);
        check(server, "all", 1);
        for (EventReader each : List.of(one, upgrade, two)) {
          JsonObject seen = until(each, figures -> total(figures, "decisions", "allowed") == 1);
          assertThat(seen.getInteger("streams")).isGreaterThan(0);
        }
        until(one, figures -> figures.getInteger("streams") == 3);
      }
      // Those that left are noticed.
      until(one, figures -> figures.getInteger("streams") == 1);
    }
  }

  @Test
  void strangers_andOtherMethods_getNoStream() throws Exception {
    try (AdminServer server = AdminServer.start()) {
      assertThat(server.send("GET", "/v1/admin/live", "").statusCode()).isEqualTo(401);
      assertThat(server.as("not-a-token-of-anybody", "GET", "/v1/admin/live", "").statusCode())
          .isEqualTo(401);
      assertThat(server.as(VIEWER, "HEAD", "/v1/admin/live", "").statusCode()).isEqualTo(405);
      assertThat(server.get("/v1/admin/live?token=" + VIEWER).statusCode()).isEqualTo(400);
      try (RawClient raw = new RawClient(server.port())) {
        raw.send("GET /v1/admin/live HTTP/1.0\r\nAuthorization: Bearer " + VIEWER + "\r\n\r\n");
        assertThat(raw.readAll()).startsWith("HTTP/1.0 505 ");
      }
    }
  }

  @Test
  void stream_beyondThe32nd_isRefusedUntilOneLeaves() throws Exception {
    List<RawClient> readers = new ArrayList<>();
    try (AdminServer server = AdminServer.start()) {
      for (int i = 0; i < 32; i++) {
        RawClient reader = new RawClient(server.port());
        readers.add(reader);
        reader.send(request());
        assertThat(reader.readLines(1)).startsWith("HTTP/1.1 200 ");
      }
      HttpResponse<String> refused = server.get("/v1/admin/live");
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("Retry-After")).isPresent();
      assertThat(refused.body()).contains("32 are open");
      readers.removeFirst().close();
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                RawClient next = new RawClient(server.port());
                readers.add(next);
                next.send(request());
                assertThat(next.readLines(1)).startsWith("HTTP/1.1 200 ");
              });
    } finally {
      for (RawClient reader : readers) {
        reader.close();
      }
    }
  }

  private static String request() {
    return "GET /v1/admin/live HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + VIEWER + "\r\n\r\n";
  }

  @Test
  void deadlines_ofHeadsBodiesAndIdleness_leaveAStreamAlone() throws Exception {
    Configuration impatient =
        Configuration.defaults().limits(TestConfiguration.impatient(Duration.ofMillis(700)));
    try (AdminServer server = AdminServer.start(impatient);
        HttpClient multiplexing = client(HttpClient.Version.HTTP_2);
        EventReader one = open(server);
        EventReader two = EventReader.open(multiplexing, server.port(), VIEWER)) {
      // Each of them is longer than every deadline.
      for (int i = 0; i < 4; i++) {
        assertThat(one.figures().getString("at")).isNotNull();
        assertThat(two.figures().getString("at")).isNotNull();
      }
    }
  }

  @Test
  void reader_thatReadsNothing_isCutAndHoldsNobodyUp() throws Exception {
    try (AdminServer server = AdminServer.start();
        RawHttp2 slow = RawHttp2.greeting(server.port());
        EventReader quick = open(server)) {
      // A window of a few bytes, which the first event fills.
      slow.frame(RawHttp2.SETTINGS, 0, 0, new byte[] {0, 4, 0, 0, 0, 16});
      slow.frame(
          RawHttp2.HEADERS,
          RawHttp2.END_HEADERS | RawHttp2.END_STREAM,
          1,
          RawHttp2.get("/v1/admin/live", "Bearer " + VIEWER));
      until(quick, figures -> figures.getInteger("streams") == 2);
      until(quick, figures -> figures.getInteger("streams") == 1);
      assertThat(slow.next(RawHttp2.RST_STREAM)).isPresent();
    }
  }

  @Test
  void token_thatTheFileNamesNoMore_endsItsStreamAndNoOther(@TempDir Path folder) throws Exception {
    String text =
        """
        version: 1
        listeners: [{ name: admin, host: 127.0.0.1, port: 0, serves: [admin] }]
        admin:
          token: the-owner-of-all-of-it
        %s
        policies: none
        """;
    String sha256 = Sha256.of("somebody-who-leaves");
    String leaving = "  tokens: [{ name: leaving, role: viewer, sha256: " + sha256 + " }]";
    Path file = folder.resolve("weir.yaml");
    Files.writeString(file, text.formatted(leaving));
    try (TestServer server = TestServer.start(Configuration.read(file, Map.of()));
        HttpClient client = client(HttpClient.Version.HTTP_1_1);
        EventReader one = EventReader.open(client, server.port(), "somebody-who-leaves");
        EventReader other = EventReader.open(client, server.port(), "the-owner-of-all-of-it")) {
      one.figures();
      assertThat(administrators(server)).containsExactlyInAnyOrder("admin", "leaving");
      Files.writeString(file, text.formatted(""));
      assertThat(
              server
                  .post(
                      "/v1/admin/configuration/reload",
                      "",
                      "Authorization",
                      "Bearer the-owner-of-all-of-it")
                  .statusCode())
          .isEqualTo(200);
      EventReader.Event last = one.next().orElseThrow();
      while (last.name().equals("live")) {
        last = one.next().orElseThrow();
      }
      assertThat(last)
          .isEqualTo(new EventReader.Event("end", new JsonObject().put("reason", "token")));
      assertThat(one.next()).isEmpty();
      until(other, figures -> figures.getInteger("streams") == 1);
      assertThat(
              server
                  .get("/v1/admin/me", "Authorization", "Bearer somebody-who-leaves")
                  .statusCode())
          .isEqualTo(401);
      assertThat(administrators(server)).containsExactly("admin");
    }
  }

  /** Who may administer, as the configuration in force tells it. */
  private static List<String> administrators(TestServer server) {
    String configuration =
        server
            .get("/v1/admin/configuration", "Authorization", "Bearer the-owner-of-all-of-it")
            .body();
    return new JsonObject(configuration)
        .getJsonArray("administrators").stream()
            .map(each -> ((JsonObject) each).getString("name"))
            .toList();
  }

  @Test
  void server_thatEnds_endsItsStreamsAtOnceAndSaysWhy() throws Exception {
    Configuration slow = Configuration.defaults().drain(Duration.ofSeconds(60));
    try (AdminServer server = AdminServer.start(slow);
        HttpClient multiplexing = client(HttpClient.Version.HTTP_2);
        EventReader one = open(server);
        EventReader two = EventReader.open(multiplexing, server.port(), VIEWER)) {
      one.figures();
      two.figures();
      CompletableFuture<Void> closed = CompletableFuture.runAsync(server.server()::close);
      for (EventReader each : List.of(one, two)) {
        EventReader.Event last = each.next().orElseThrow();
        while (last.name().equals("live")) {
          last = each.next().orElseThrow();
        }
        assertThat(last)
            .isEqualTo(new EventReader.Event("end", new JsonObject().put("reason", "draining")));
        assertThat(each.next()).isEmpty();
      }
      // Long before the time that requests in flight have.
      closed.get(30, TimeUnit.SECONDS);
    }
  }
}
