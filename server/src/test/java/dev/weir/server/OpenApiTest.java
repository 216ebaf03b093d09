// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.redis.RedisOptions;
import dev.weir.redis.fixtures.RedisProcess;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The API's description, held against the running server. */
class OpenApiTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> METHODS = List.of("get", "post", "put", "delete", "patch");

  private static TestServer server;
  private static JsonNode document;

  @BeforeAll
  static void start() throws IOException {
    server = TestServer.start();
    document = JSON.readTree(server.get("/openapi.json").body());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static void assertFits(JsonNode response, HttpResponse<String> answer, String what)
      throws IOException {
    String type = answer.headers().firstValue("Content-Type").orElse("").split(";", -1)[0];
    if (!ApiSchema.resolved(document, response).has("content")) {
      assertThat(answer.body()).as(what).isEmpty();
      return;
    }
    JsonNode content = ApiSchema.resolved(document, response).get("content").get(type);
    assertThat(content).as("%s answers %s", what, type).isNotNull();
    if (type.endsWith("json")) {
      assertThat(
              ApiSchema.of(document, content.get("schema")).validate(JSON.readTree(answer.body())))
          .as("%s: %s", what, answer.body())
          .isEmpty();
    }
  }

  @Test
  void everyOperation_ofItsExample_answersAsDescribed() throws IOException {
    for (var path : document.get("paths").properties()) {
      for (var operation : path.getValue().properties()) {
        String what = operation.getKey() + " " + path.getKey();
        HttpResponse<String> answer = call(path.getKey(), operation.getKey(), operation.getValue());
        assertThat(answer.statusCode()).as(what).isEqualTo(200);
        assertFits(operation.getValue().get("responses").get("200"), answer, what);
      }
    }
  }

  private static HttpResponse<String> call(String path, String method, JsonNode operation)
      throws IOException {
    if (method.equals("get")) {
      boolean check = path.equals("/v1/check");
      return server.get(check ? path + "?domain=api&user=openapi&verbose" : path);
    }
    JsonNode content = operation.get("requestBody").get("content").get("application/json");
    JsonNode example = content.get("example");
    assertThat(ApiSchema.of(document, content.get("schema")).validate(example)).as(path).isEmpty();
    if (path.equals("/v1/renew")) {
      // Nothing holds in the sample policies: denied, and said so with 200.
      return server.post(path + "?verbose=true", example.toString());
    }
    boolean states = operation.has("parameters");
    return server.post(states ? path + "?verbose" : path, example.toString());
  }

  @Test
  void healthOnRedis_isAsDescribed() throws IOException {
    JsonNode described = document.at("/paths/~1health/get/responses/200");
    try (RedisProcess redis = RedisProcess.start();
        TestServer onRedis =
            TestServer.start(
                Configuration.defaults()
                    .store(StoreSettings.redis(RedisOptions.of(redis.url()))))) {
      HttpResponse<String> healthy = onRedis.get("/health");
      assertThat(healthy.body()).contains("\"redis\":{\"connected\":true");
      assertFits(described, healthy, "/health");
      redis.kill();
      await().until(() -> onRedis.get("/health").body().contains("\"connected\":false"));
      assertFits(described, onRedis.get("/health"), "/health");
    }
  }

  @Test
  void everyMistake_isTheProblemItDescribes() throws IOException {
    for (var path : document.get("paths").properties()) {
      JsonNode post = path.getValue().get("post");
      if (post != null) {
        String at = path.getKey();
        assertFits(post.get("responses").get("400"), expect(400, server.post(at, "{]")), at);
        assertFits(
            post.get("responses").get("415"),
            expect(415, server.post(at, "{}", "Content-Type", "text/csv")),
            at);
        assertFits(
            post.get("responses").get("406"),
            expect(406, server.post(at, "{}", "Accept", "text/html")),
            at);
        assertFits(
            post.get("responses").get("413"),
            expect(413, server.post(at, " ".repeat(1_100_000))),
            at);
      }
    }
  }

  private static HttpResponse<String> expect(int status, HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return answer;
  }

  @Test
  void denials_askedForAsAStatus_areDescribed() throws IOException {
    String check =
        "{\"domain\":\"api\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\"den\"}],"
            + "\"cost\":100}]}";
    server.post("/v1/check", check);
    HttpResponse<String> plain = server.post("/v1/check?verbose", check);
    JsonNode responses = document.at("/paths/~1v1~1check/post/responses");
    assertFits(responses.get("200"), expect(200, plain), "denied with 200");
    HttpResponse<String> denied = server.post("/v1/check?denial=429", check);
    assertFits(responses.get("429"), expect(429, denied), "denied with 429");
    assertThat(denied.headers().firstValue("Retry-After")).isPresent();
    assertThat(denied.headers().firstValue("RateLimit")).isPresent();
  }

  @Test
  void refusalsOfTheHook_areDescribed() throws IOException {
    JsonNode responses = document.at("/paths/~1v1~1auth/get/responses");
    assertFits(responses.get("429"), expect(429, server.get("/v1/auth?cost=101")), "denied");
    assertFits(responses.get("400"), expect(400, server.get("/v1/auth?cost=x")), "mistaken");
    assertFits(
        responses.get("403"),
        expect(403, server.get("/v1/auth?denied=403&cost=101")),
        "denied with 403");
  }

  @Test
  void everyOtherMethod_isRefusedWithAllow() {
    for (var path : document.get("paths").properties()) {
      Set<String> described = new TreeSet<>();
      path.getValue().fieldNames().forEachRemaining(described::add);
      for (String method : METHODS) {
        if (!described.contains(method)) {
          HttpResponse<String> answer =
              server.send(method.toUpperCase(java.util.Locale.ROOT), path.getKey(), "");
          assertThat(answer.statusCode()).as(method + path.getKey()).isEqualTo(405);
          assertThat(
                  answer
                      .headers()
                      .firstValue("Allow")
                      .orElse("")
                      .toLowerCase(java.util.Locale.ROOT))
              .contains(described);
        }
      }
    }
  }

  /** A path that the sources name and the document does not would be found here. */
  @Test
  void everyPathInTheSources_isDescribed() throws IOException {
    List<String> described = new ArrayList<>();
    document.get("paths").fieldNames().forEachRemaining(described::add);
    Pattern literal =
        Pattern.compile("\"(/v1/[a-z]+|/health(?:/[a-z]+)?|/metrics|/openapi.json)\"");
    Set<String> named = new TreeSet<>();
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      for (Path source : sources.filter(file -> file.toString().endsWith(".java")).toList()) {
        Matcher matcher = literal.matcher(Files.readString(source));
        while (matcher.find()) {
          named.add(matcher.group(1));
        }
      }
    }
    assertThat(described).containsExactlyInAnyOrderElementsOf(named);
  }
}
