// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static dev.weir.integration.ProfileServer.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.redis.fixtures.RedisProcess;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What profiles answer while their Redis is gone, and when it is back. */
@Timeout(300)
class ProfileOutageTest {

  private static final int BURST = 20;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

  @Test
  void sharedUserQuota_health_tellsOfRedis() {
    try (RedisProcess redis = RedisProcess.start();
        ProfileServer server = ProfileServer.start("b", redis, Map.of())) {
      assertThat(server.get("/health").statusCode()).isEqualTo(200);
      redis.kill();
      await().atMost(PATIENCE).until(() -> server.get("/health").statusCode() == 503);
      assertThat(server.get("/health").body())
          .matches("\\{\"status\":\"unhealthy\",\"redis\":\"disconnected\",\"error\":\"[^\"]+\"}");
      assertThat(server.get("/").statusCode()).isEqualTo(200);
      redis.restart();
      await().atMost(PATIENCE).until(() -> server.get("/health").statusCode() == 200);
      assertThat(server.get("/health").body())
          .isEqualTo("{\"status\":\"healthy\",\"redis\":\"connected\"}");
    }
  }

  @Test
  void sharedUserQuota_quotas_areExactAgainAfterAnOutage() {
    try (RedisProcess redis = RedisProcess.builder().appendOnly().start();
        ProfileServer one = ProfileServer.start("b", redis, Map.of());
        ProfileServer other = ProfileServer.start("b", redis, Map.of())) {
      for (int i = 0; i < 60; i++) {
        assertThat((i % 2 == 0 ? one : other).get("/api/data?user_id=u").statusCode())
            .isEqualTo(200);
      }
      redis.kill();
      await().atMost(PATIENCE).until(() -> one.get("/health").statusCode() == 503);
      await().atMost(PATIENCE).until(() -> other.get("/health").statusCode() == 503);
      assertThat(one.get("/api/data?user_id=u").statusCode()).isEqualTo(200);
      redis.restart();
      await().atMost(PATIENCE).until(() -> one.get("/health").statusCode() == 200);
      await().atMost(PATIENCE).until(() -> other.get("/health").statusCode() == 200);
      int admitted = 0;
      for (int i = 0; i < 60; i++) {
        ProfileServer server = i % 2 == 0 ? one : other;
        admitted += server.get("/api/data?user_id=u").statusCode() == 200 ? 1 : 0;
      }
      assertThat(admitted).isEqualTo(40);
    }
  }

  /** Two nodes: each admits half of the burst by itself, and all of it is Redis's again after. */
  @Test
  void tokenBucketRules_withoutRedis_serveTheLocalShareOnly() throws IOException {
    Map<String, String> environment = Map.of("RULES_FILE", rules(), "NODES", "2", "LEASE", "false");
    try (RedisProcess redis = RedisProcess.builder().appendOnly().start();
        ProfileServer one = ProfileServer.start("c", redis, environment);
        ProfileServer other = ProfileServer.start("c", redis, environment)) {
      assertThat(admitted(one, 4)).isEqualTo(4);
      assertThat(admitted(other, 4)).isEqualTo(4);
      redis.kill();
      awaitStatus(one, "degraded");
      awaitStatus(other, "degraded");
      assertThat(one.get("/health/ready").statusCode()).isEqualTo(200);
      assertThat(admitted(one, 2 * BURST)).isEqualTo(BURST / 2);
      assertThat(admitted(other, 2 * BURST)).isEqualTo(BURST / 2);
      HttpResponse<String> denied = one.get("/ping");
      assertThat(denied.statusCode()).isIn(429, 503);
      assertThat(header(denied, "Retry-After")).isNotEmpty();
      redis.restart();
      awaitStatus(one, "ok");
      awaitStatus(other, "ok");
      assertThat(admitted(one, BURST) + admitted(other, BURST)).isEqualTo(BURST - 8);
    }
  }

  /** One permit in a thousand seconds: none comes back while the test runs. */
  private String rules() throws IOException {
    Path rules = folder.resolve("rules.json");
    Files.writeString(
        rules,
        "[{\"id\":\"r\",\"key_template\":\"{ip}:{route}\",\"rate_per_sec\":0.001,\"burst\":"
            + BURST
            + ",\"scope\":\"ip\",\"enabled\":true}]");
    return rules.toString();
  }

  private static void awaitStatus(ProfileServer server, String status) {
    await()
        .atMost(PATIENCE)
        .until(() -> server.get("/health").body().startsWith("{\"status\":\"" + status + "\""));
  }

  private static int admitted(ProfileServer server, int requests) {
    int admitted = 0;
    for (int i = 0; i < requests; i++) {
      admitted += server.get("/ping").statusCode() == 200 ? 1 : 0;
    }
    return admitted;
  }
}
