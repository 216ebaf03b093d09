// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.FailurePolicy;
import dev.weir.core.Mode;
import dev.weir.core.PolicySet;
import dev.weir.rls.api.RateLimitResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Weir in the place of Envoy's reference rate limit service. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class EnvoyProfileTest {

  private static final String RULES =
      """
      domain: shop
      descriptors:
        - key: user
          rate_limit: { unit: day, requests_per_unit: 2 }
        - key: user
          value: "vip*"
          rate_limit: { name: vips, unit: month, requests_per_unit: 100 }
          shadow_mode: true
        - key: probe
          rate_limit: { unlimited: true }
        - key: banned
          rate_limit: { unit: hour, requests_per_unit: 0 }
        - key: own
          quota_mode: true
          limits: [5 per 90s]
      """;

  @TempDir Path folder;

  @BeforeEach
  void writeRules() throws IOException {
    Files.writeString(Files.createDirectories(folder.resolve("config")).resolve("a.yaml"), RULES);
  }

  private Configuration configuration(Map<String, String> environment) {
    return Configuration.of(ServeOptions.NONE.envoyConfig(folder.resolve("config")), environment);
  }

  private TestServer start() {
    return TestServer.start(configuration(Map.of()));
  }

  private static String body(String... descriptors) {
    return "{\"domain\":\"shop\",\"descriptors\":[" + String.join(",", descriptors) + "]}";
  }

  private static String entry(String key, String value) {
    return "{\"entries\":[{\"key\":\"" + key + "\",\"value\":\"" + value + "\"}]}";
  }

  /** Without what differs from moment to moment. */
  private static String steady(String answer) {
    return answer.replaceAll("\"durationUntilReset\":\"[1-9][0-9]*s\"", "\"durationUntilReset\":N");
  }

  @Test
  void ports_areThoseOfTheService() {
    assertThat(configuration(Map.of()).listeners())
        .extracting(
            listener -> listener.name() + listener.port() + new TreeSet<>(listener.serves()))
        .containsExactly(
            "http8080[RLS_JSON, METRICS, HEALTH]",
            "grpc8081[RLS]",
            "debug6070[RLS_DEBUG, METRICS, HEALTH]");
    Map<String, String> environment =
        Map.of("PORT", "1", "GRPC_PORT", "2", "DEBUG_PORT", "3", "GRPC_HOST", "127.0.0.1");
    assertThat(configuration(environment).listeners())
        .extracting(listener -> listener.host() + ":" + listener.port())
        .containsExactly("0.0.0.0:1", "127.0.0.1:2", "0.0.0.0:3");
  }

  @Test
  void environment_isTheServices() throws IOException {
    Path root = Files.createDirectories(folder.resolve("root/sub/config"));
    Files.writeString(root.resolve("a.yaml"), RULES);
    Files.writeString(root.resolve("b.yaml"), "domain: shop\ndescriptors: [{ key: other }]");
    Map<String, String> environment = new HashMap<>();
    environment.put("RUNTIME_ROOT", folder.resolve("root").toString());
    environment.put("RUNTIME_SUBDIRECTORY", "sub");
    environment.put("MERGE_DOMAIN_CONFIG", "TRUE");
    environment.put("SHADOW_MODE", "1");
    environment.put("ON_FAILURE", "closed");
    environment.put("LIMIT_RESPONSE_HEADERS_ENABLED", "true");
    environment.put("LOG_LEVEL", "DEBUG");
    environment.put("REDIS_URL", "redis.example:6379");
    environment.put("REDIS_AUTH", "a secret/ü");
    environment.put("CACHE_KEY_PREFIX", "mine:");
    environment.put("USE_STATSD", "true");
    Path profile = Path.of("../examples/profiles/envoy.yaml");

    Configuration read = Configuration.read(profile, environment);

    assertThat(read.policies().policies()).hasSize(5);
    assertThat(read.policies().policies().getFirst().limits().getFirst().mode())
        .isEqualTo(Mode.SHADOW);
    assertThat(read.policies().policies().getFirst().limits().getFirst().onFailure())
        .isEqualTo(FailurePolicy.CLOSED);
    assertThat(read.rls().fields()).isTrue();
    assertThat(read.log().level()).isEqualTo(LogSettings.Level.DEBUG);
    assertThat(read.store().redis().orElseThrow().url())
        .isEqualTo("redis://:a%20secret%2F%C3%BC@redis.example:6379");
    assertThat(read.store().redis().orElseThrow().prefix()).isEqualTo("mine:");
    environment.put("MERGE_DOMAIN_CONFIG", "false");
    assertThatThrownBy(() -> Configuration.read(profile, environment))
        .hasMessageContaining("duplicate domain 'shop' in config file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "single   | tcp | false | h:1         | redis://h:1",
        "SINGLE   | tls | false | [::1]:6379  | rediss://[::1]:6379",
        "cluster  | tcp | true  | a:1,b:2     | rediss://a:1,b:2",
        "Sentinel | tcp | false | m,a:1,b:2   | redis-sentinel://a:1,b:2#m",
      })
  void redisUrl_ofEachType_isUnderstood(
      String type, String socket, String tls, String url, String expected) {
    Map<String, String> environment =
        Map.of(
            "REDIS_TYPE", type,
            "REDIS_SOCKET_TYPE", socket,
            "REDIS_TLS", tls,
            "REDIS_URL", url);
    assertThat(configuration(environment).store().redis().orElseThrow().url()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "REDIS_TYPE           | ring          | \"ring\" (expected: one of single, cluster, sentinel)",
        "REDIS_SOCKET_TYPE    | unix          | unix (expected: tcp or tls)",
        "REDIS_TYPE           | sentinel      | addresses: h:1 (expected: master,host:port,host:port)",
        "BACKEND_TYPE         | memcache      | BACKEND_TYPE: memcache (expected: redis)",
        "CONFIG_TYPE          | GRPC_XDS_SOTW | CONFIG_TYPE: GRPC_XDS_SOTW (expected: FILE)",
        "REDIS_PERSECOND      | true          | REDIS_PERSECOND: true (expected: false; one Redis",
        "GRPC_UDS             | /tmp/s        | GRPC_UDS: /tmp/s (expected: nothing; listeners",
        "LIMIT_RESET_HEADER   | X-Reset       | LIMIT_RESET_HEADER: X-Reset (expected: RateLimit-Reset)",
        "PORT                 | http          | \"http\" (expected: a whole number, 0..65535)",
        "SHADOW_MODE          | perhaps       | \"perhaps\" (expected: true or false)",
      })
  void variable_thatWeirCannotDo_isRefused(String name, String value, String message) {
    assertThatThrownBy(() -> configuration(Map.of("REDIS_URL", "h:1", name, value)))
        .hasMessageContaining(message);
  }

  @Test
  void redisPassword_isInNoMessage() {
    assertThatThrownBy(
            () ->
                configuration(Map.of("REDIS_URL", "redis://:hunter2@h:1", "REDIS_AUTH", "hunter2")))
        .hasMessageContaining("expected: host:port")
        .message()
        .doesNotContain("hunter2");
  }

  @Test
  void optionBesideAConfiguration_isRefused() {
    assertThatThrownBy(
            () -> Configuration.of(ServeOptions.NONE.envoyConfig(folder).config(folder), Map.of()))
        .hasMessageContaining("--envoy-config: beside --config");
  }

  @Test
  void profile_isTheOneThatComesWithTheProgram() {
    assertThat(Path.of("../examples/profiles/envoy.yaml")).hasContent(EnvoyProfile.text());
  }

  @Test
  void json_isJudgedAsTheServiceWould() {
    try (TestServer server = start()) {
      HttpResponse<String> first = server.post("/json", body(entry("user", "a")));
      assertThat(first.statusCode()).isEqualTo(200);
      assertThat(first.headers().firstValue("content-type")).hasValue("application/json");
      assertThat(steady(first.body()))
          .isEqualTo(
              "{\"overallCode\":\"OK\",\"statuses\":[{\"code\":\"OK\",\"currentLimit\":"
                  + "{\"requestsPerUnit\":2,\"unit\":\"DAY\",\"name\":\"per-day\"},"
                  + "\"limitRemaining\":1,\"durationUntilReset\":N}]}");
      server.post("/json", body(entry("user", "a")));
      HttpResponse<String> over =
          server.post("/json", body(entry("user", "a"), entry("probe", "x"), entry("no", "x")));
      assertThat(over.statusCode()).isEqualTo(429);
      assertThat(steady(over.body()))
          .isEqualTo(
              "{\"overallCode\":\"OVER_LIMIT\",\"statuses\":[{\"code\":\"OVER_LIMIT\","
                  + "\"currentLimit\":{\"requestsPerUnit\":2,\"unit\":\"DAY\",\"name\":\"per-day\"},"
                  + "\"durationUntilReset\":N},"
                  + "{\"code\":\"OK\",\"limitRemaining\":4294967295},{\"code\":\"OK\"}]}");
      assertThat(server.post("/json", body(entry("banned", "x"))).body())
          .contains("{\"code\":\"OVER_LIMIT\",\"currentLimit\":{\"unit\":\"HOUR\",");
      assertThat(server.post("/json", body(entry("own", "x"))).body())
          .contains("\"currentLimit\":{\"requestsPerUnit\":5,\"name\":\"5-per-90s\"}");
    }
  }

  @Test
  void json_inEitherSpelling_isUnderstood() {
    try (TestServer server = start()) {
      String snake =
          "{\"domain\":\"shop\",\"hits_addend\":\"2\",\"descriptors\":[{\"entries\":[{\"key\":"
              + "\"user\",\"value\":\"b\"}],\"limit\":null}]}";
      assertThat(server.post("/json", snake).body()).doesNotContain("limitRemaining");
      String camel =
          "{\"domain\":\"shop\",\"hitsAddend\":9,\"descriptors\":[{\"entries\":[{\"key\":\"user\","
              + "\"value\":\"b\"}],\"hitsAddend\":\"0\"}]}";
      assertThat(server.post("/json", camel).statusCode()).isEqualTo(429);
      String gives =
          "{\"domain\":\"shop\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\"b\"}],"
              + "\"hitsAddend\":1,\"isNegativeHits\":true}]}";
      assertThat(server.post("/json", gives).statusCode()).isEqualTo(200);
      assertThat(server.post("/json", camel).statusCode()).isEqualTo(200);
      String brings =
          "{\"domain\":\"shop\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\"b\"}],"
              + "\"limit\":{\"requestsPerUnit\":7,\"unit\":\"MINUTE\"}}]}";
      assertThat(steady(server.post("/json", brings).body()))
          .contains("{\"requestsPerUnit\":7,\"unit\":\"MINUTE\"},\"limitRemaining\":6");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "{\"domain\":1}",
        "{\"domain\":\"shop\"}",
        "{\"descriptors\":[{\"entries\":[]}]}",
        "{\"domain\":\"shop\",\"descriptors\":[{}],\"other\":1}",
        "{\"domain\":\"shop\",\"domain\":\"shop\",\"descriptors\":[{}]}",
        "{\"domain\":\"shop\",\"descriptors\":[{\"limit\":{\"unit\":\"WEEK\"}}]}",
        "{\"domain\":\"shop\",\"descriptors\":[{\"limit\":{\"requestsPerUnit\":-1}}]}",
        "{\"domain\":\"shop\",\"hitsAddend\":4294967296,\"descriptors\":[{}]}",
        "{\"domain\":\"shop\",\"descriptors\":[{\"entries\":[{\"key\":\"\"}]}]}",
        "{\"domain\":\"shop\",\"descriptors\":[{}]} more",
      })
  void jsonThatIsNone_isABadRequest(String body) {
    try (TestServer server = start()) {
      assertThat(server.post("/json", body).statusCode()).as(body).isEqualTo(400);
    }
  }

  @Test
  void errors_areInTheWordsOfTheService() {
    try (TestServer server = start()) {
      assertThat(server.post("/json", "{\"descriptors\":[{}]}").body())
          .contains("rate limit domain must not be empty");
      assertThat(server.post("/json", "{\"domain\":\"d\"}").body())
          .contains("rate limit descriptor list must not be empty");
      assertThat(server.get("/json").statusCode()).isEqualTo(405);
      assertThat(server.get("/healthcheck").body()).isEqualTo("OK");
    }
  }

  @Test
  void nothingLoaded_isToldToCallersUntilThereIsSomething() throws Exception {
    Files.delete(folder.resolve("config/a.yaml"));
    try (TestServer server = start();
        RlsClient client = new RlsClient(server.port("grpc"))) {
      assertThat(server.post("/json", body(entry("user", "a"))).statusCode()).isEqualTo(500);
      assertThat(server.post("/json", body(entry("user", "a"))).body())
          .contains("no rate limit configuration loaded");
      assertThat(server.get("/healthcheck").statusCode()).isEqualTo(500);
      assertThatThrownBy(() -> client.ask("shop", RlsClient.of("user", "a").build()))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNKNOWN);
                assertThat(e.getStatus().getDescription())
                    .isEqualTo("no rate limit configuration loaded");
              });
      Files.writeString(folder.resolve("config/b.yaml"), RULES);
      while (!server.server().limiter().policies().loaded()) {
        Thread.sleep(50);
      }
      assertThat(server.get("/healthcheck").statusCode()).isEqualTo(200);
      assertThat(client.ask("shop", RlsClient.of("user", "a").build()).getOverallCode())
          .isEqualTo(RateLimitResponse.Code.OK);
    }
  }

  @Test
  void domainWithoutLimits_isLoaded() throws IOException {
    Files.writeString(folder.resolve("config/a.yaml"), "domain: shop\n");
    try (TestServer server = start()) {
      assertThat(server.server().limiter().policies()).isSameAs(PolicySet.empty());
      assertThat(server.post("/json", body(entry("user", "a"))).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void grpc_unlimitedDescriptor_hasAllRemaining() {
    try (TestServer server = start();
        RlsClient client = new RlsClient(server.port("grpc"))) {
      RateLimitResponse answer =
          client.ask(
              "shop",
              RlsClient.of("probe", "x").build(),
              RlsClient.of("user", "vip1").build(),
              RlsClient.of("banned", "x").build());
      assertThat(answer.getOverallCode()).isEqualTo(RateLimitResponse.Code.OVER_LIMIT);
      assertThat(answer.getStatuses(0).getCode()).isEqualTo(RateLimitResponse.Code.OK);
      assertThat(answer.getStatuses(0).hasCurrentLimit()).isFalse();
      assertThat(Integer.toUnsignedLong(answer.getStatuses(0).getLimitRemaining()))
          .isEqualTo(4_294_967_295L);
      assertThat(answer.getStatuses(1).getCurrentLimit().getName()).isEqualTo("vips");
      assertThat(answer.getStatuses(2).getCode()).isEqualTo(RateLimitResponse.Code.OVER_LIMIT);
    }
  }

  @Test
  void rlconfig_tellsTheLimitsInForce() throws Exception {
    try (TestServer server = start()) {
      URI page = URI.create("http://127.0.0.1:" + server.port("debug") + "/rlconfig");
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.body())
          .isEqualTo(
              """
              shop.user: unit=DAY requests_per_unit=2, shadow_mode: false, quota_mode: false
              shop.user_vip*: unit=MONTH requests_per_unit=100, shadow_mode: true, quota_mode: false
              shop.probe: unlimited
              shop.banned: unit=HOUR requests_per_unit=0, shadow_mode: false, quota_mode: false
              shop.own: rate=5 per 90s, shadow_mode: false, quota_mode: true
              """);
      assertThat(server.get("/rlconfig").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void start_saysWhatIsServed_andSpeaksOfNoSample() {
    try (CapturedLog log = new CapturedLog()) {
      try (TestServer server = TestServer.start(configuration(Map.of("LOG_LEVEL", "info")))) {
        assertThat(server.port()).isPositive();
      }
      // All lines have been written then.
      assertThat(log.text()).contains("grpc on http://").doesNotContain("no configuration: try");
    }
  }

  @Test
  void changedFile_isTakenByTheBuiltInProfile() throws Exception {
    try (TestServer server = start()) {
      assertThat(server.post("/json", body(entry("user", "a"))).body()).contains("\":2,");
      Files.writeString(
          folder.resolve("config/a.yaml"),
          RULES.replace("requests_per_unit: 2", "requests_per_unit: 7"));
      while (server.server().limiter().policies().version() == 1) {
        Thread.sleep(50);
      }
      assertThat(server.post("/json", body(entry("user", "a"))).body())
          .contains("\"requestsPerUnit\":7", "\"limitRemaining\":5");
    }
  }
}
