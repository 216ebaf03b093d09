// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.redis.fixtures.RedisProcess;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is changed at one of two instances of system E holds at the other. */
class TieredAdminInstancesTest {

  private static final String TOKEN = TieredKeysContractTest.ENVIRONMENT.get("ADMIN_API_KEY");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private RedisProcess redis;
  private ProfileServer one;
  private ProfileServer other;

  @BeforeEach
  void start() {
    redis = RedisProcess.start();
    one = ProfileServer.start("e", redis, TieredKeysContractTest.ENVIRONMENT);
    other = ProfileServer.start("e", redis, TieredKeysContractTest.ENVIRONMENT);
  }

  @AfterEach
  void stop() {
    one.close();
    other.close();
    redis.close();
    client.close();
  }

  private HttpResponse<String> ask(
      ProfileServer at, String token, String method, String target, String body)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + at.port() + target))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static String limit(ProfileServer at) {
    return ProfileServer.header(
        at.get("/test", "X-API-Key", "demo_free_key_123"), "X-RateLimit-Limit");
  }

  @Test
  void state_setAtOne_isFollowedByTheOther() throws Exception {
    assertThat(limit(other)).isEqualTo("20");
    assertThat(ask(one, TOKEN, "POST", "/admin/health", "{\"status\":\"DEGRADED\"}").statusCode())
        .isEqualTo(200);
    await().atMost(PATIENCE).until(() -> limit(other).equals("2"));
    assertThat(ask(other, TOKEN, "POST", "/admin/health", "{\"status\":\"NORMAL\"}").statusCode())
        .isEqualTo(200);
    await().atMost(PATIENCE).until(() -> limit(one).equals("20"));
  }

  @Test
  void key_madeAtOne_isGoodAtTheOther() throws Exception {
    String key =
        new JsonObject(
                ask(one, TOKEN, "POST", "/admin/api-keys", "{\"user_id\":\"demo_pro_user\"}")
                    .body())
            .getString("api_key");
    await().atMost(PATIENCE).until(() -> other.get("/test", "X-API-Key", key).statusCode() == 200);
  }

  @Test
  void guessing_atOne_endsAtTheOtherAsWell() throws Exception {
    for (int i = 0; i < 10; i++) {
      assertThat(ask(one, "guess-number-" + i, "GET", "/admin/users", "").statusCode())
          .isEqualTo(401);
    }
    assertThat(ask(other, "guess", "GET", "/admin/users", "").statusCode()).isEqualTo(429);
    assertThat(ask(other, TOKEN, "GET", "/admin/users", "").statusCode()).isEqualTo(429);
  }
}
