// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static dev.weir.integration.ProfileServer.header;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract of system B, one instance: a sliding log per user over all paths. */
class SharedUserQuotaContractTest {

  /** Where the limits are kept. */
  ProfileStore store() {
    return ProfileStore.MEMORY;
  }

  private ProfileServer server;

  @BeforeEach
  void start() {
    server = ProfileServer.start("b", store(), Map.of());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void root_tellsTheService() {
    assertThat(server.get("/").body())
        .isEqualTo("{\"status\":\"ok\",\"service\":\"rate-limiter\"}");
  }

  @Test
  void health_withStore_isHealthy() {
    HttpResponse<String> answer = server.get("/health");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"status\":\"healthy\",\"redis\":\"connected\"}");
  }

  @Test
  void data_allowed_tellsTimeAndLimit() {
    long before = System.currentTimeMillis() / 1_000;
    HttpResponse<String> answer = server.get("/api/data?user_id=alice");
    long now = System.currentTimeMillis() / 1_000;
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .matches("\\{\"message\":\"Success! This request was allowed.\",\"timestamp\":\\d+}");
    long timestamp = Long.parseLong(answer.body().replaceAll("\\D", ""));
    assertThat(timestamp).isBetween(before, now);
    assertThat(header(answer, "X-RateLimit-Limit")).isEqualTo("100");
    assertThat(header(answer, "X-RateLimit-Remaining")).isEqualTo("99");
    assertThat(Long.parseLong(header(answer, "X-RateLimit-Reset")))
        .isBetween(before + 60, now + 61);
    assertThat(header(answer, "Retry-After")).isEmpty();
  }

  @Test
  void data_withoutUser_isRefusedAndFree() {
    HttpResponse<String> answer = server.get("/api/data");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body())
        .isEqualTo("{\"error\":\"user_id required (query param or X-User-ID header)\"}");
    assertThat(header(answer, "X-RateLimit-Limit")).isEmpty();
  }

  @Test
  void query_winsOverHeader_andBothMeanOneUser() {
    assertThat(left(server.get("/api/data?user_id=alice", "X-User-ID", "bob"))).isEqualTo("99");
    assertThat(left(server.get("/api/data", "X-User-ID", "alice"))).isEqualTo("98");
    assertThat(left(server.get("/api/data", "X-User-ID", "bob"))).isEqualTo("99");
  }

  @Test
  void stats_tellsUsageAndIsFree() {
    server.get("/api/data?user_id=carol");
    server.get("/api/data?user_id=carol");
    for (int i = 0; i < 3; i++) {
      HttpResponse<String> answer = server.get("/stats/carol");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body())
          .isEqualTo(
              "{\"user_id\":\"carol\",\"limit\":100,\"window_seconds\":60,"
                  + "\"requests_made\":2,\"requests_remaining\":98}");
    }
  }

  @Test
  void data_overLimit_tellsWhenToRetry() {
    for (int i = 0; i < 100; i++) {
      assertThat(server.get("/api/data?user_id=dave").statusCode()).isEqualTo(200);
    }
    HttpResponse<String> answer = server.get("/api/data?user_id=dave");
    assertThat(answer.statusCode()).isEqualTo(429);
    String retryAfter = header(answer, "Retry-After");
    assertThat(Integer.parseInt(retryAfter)).isBetween(1, 60);
    assertThat(answer.body())
        .isEqualTo(
            "{\"error\":\"Rate limit exceeded\",\"limit\":100,\"window_seconds\":60,"
                + "\"retry_after\":"
                + retryAfter
                + "}");
    assertThat(header(answer, "X-RateLimit-Limit")).isEqualTo("100");
    assertThat(left(answer)).isEqualTo("0");
    assertThat(header(answer, "X-RateLimit-Reset")).isNotEmpty();
  }

  @Test
  void environment_takesEffect() {
    try (ProfileServer small =
        ProfileServer.start(
            "b", store(), Map.of("RATE_LIMIT_REQUESTS", "2", "RATE_LIMIT_WINDOW", "70"))) {
      small.get("/api/data?user_id=erin");
      small.get("/api/data?user_id=erin");
      HttpResponse<String> answer = small.get("/api/data?user_id=erin");
      assertThat(answer.statusCode()).isEqualTo(429);
      assertThat(answer.body()).contains("\"limit\":2,\"window_seconds\":70");
    }
  }

  @Test
  void concurrentUsers_eachGetExactlyTheLimit() {
    ConcurrentLinkedQueue<String> admitted = new ConcurrentLinkedQueue<>();
    try (ExecutorService clients = Executors.newFixedThreadPool(50)) {
      for (int i = 0; i < 1_500; i++) {
        String user = "user-" + i % 5;
        clients.execute(
            () -> {
              if (server.get("/api/data?user_id=" + user).statusCode() == 200) {
                admitted.add(user);
              }
            });
      }
    }
    for (int i = 0; i < 5; i++) {
      String user = "user-" + i;
      assertThat(admitted.stream().filter(user::equals)).as(user).hasSize(100);
    }
  }

  private static String left(HttpResponse<String> answer) {
    return header(answer, "X-RateLimit-Remaining");
  }
}
