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

/** The contract of system A: a sliding log per client and path. */
class SlidingLogPerPathContractTest {

  /** Where the limits are kept. */
  ProfileStore store() {
    return ProfileStore.MEMORY;
  }

  private ProfileServer server;

  @BeforeEach
  void start() {
    server = ProfileServer.start("a", store(), Map.of());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void health_isNeverLimited() {
    for (int i = 0; i < 150; i++) {
      HttpResponse<String> answer = server.get("/health");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("{\"status\":\"OK\"}");
    }
  }

  @Test
  void root_allowed_tellsLimitAndRemaining() {
    HttpResponse<String> answer = server.get("/");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"message\":\"System operational. Try to break it.\"}");
    assertThat(header(answer, "Content-Type")).isEqualTo("application/json");
    assertThat(header(answer, "X-RateLimit-Limit")).isEqualTo("100");
    assertThat(header(answer, "X-RateLimit-Remaining")).isEqualTo("99");
  }

  @Test
  void resource_hundredAndTenPosts_firstHundredPass() {
    for (int i = 1; i <= 110; i++) {
      HttpResponse<String> answer = server.send("POST", "/api/resource", "X-API-Key", "one-key");
      assertThat(answer.statusCode()).as("request %d", i).isEqualTo(i <= 100 ? 200 : 429);
      assertThat(header(answer, "X-RateLimit-Limit")).isEqualTo("100");
      assertThat(header(answer, "X-RateLimit-Remaining"))
          .isEqualTo(Integer.toString(Math.max(0, 100 - i)));
      if (i <= 100) {
        assertThat(answer.body()).isEqualTo("{\"message\":\"Resource accessed\"}");
      } else {
        assertThat(answer.body())
            .isEqualTo("{\"detail\": \"Too many requests. Please retry later.\"}");
        assertThat(Integer.parseInt(header(answer, "Retry-After"))).isBetween(1, 60);
        assertThat(header(answer, "Cache-Control")).isEqualTo("no-store");
      }
    }
  }

  @Test
  void counters_arePerIdentityAndPath() {
    assertThat(remaining(server.send("POST", "/api/resource", "X-API-Key", "first"))).isEqualTo(99);
    assertThat(remaining(server.send("POST", "/api/resource", "X-API-Key", "other"))).isEqualTo(99);
    assertThat(remaining(server.send("POST", "/api/resource"))).isEqualTo(99);
    assertThat(remaining(server.get("/", "X-API-Key", "first"))).isEqualTo(99);
    assertThat(remaining(server.send("POST", "/api/resource", "X-API-Key", "first"))).isEqualTo(98);
  }

  @Test
  void keyThatLooksLikeAnAddress_isNotThatAddress() {
    assertThat(remaining(server.get("/"))).isEqualTo(99);
    assertThat(remaining(server.get("/", "X-API-Key", "127.0.0.1"))).isEqualTo(99);
  }

  @Test
  void unknownPathAndWrongMethod_answerTheirBodies() {
    HttpResponse<String> unknown = server.get("/nowhere");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.body()).isEqualTo("{\"detail\":\"Not Found\"}");
    HttpResponse<String> wrong = server.get("/api/resource");
    assertThat(wrong.statusCode()).isEqualTo(405);
    assertThat(wrong.body()).isEqualTo("{\"detail\":\"Method Not Allowed\"}");
    assertThat(header(wrong, "Allow")).isEqualTo("POST");
  }

  @Test
  void environment_takesEffect() {
    try (ProfileServer small =
        ProfileServer.start(
            "a", store(), Map.of("DEFAULT_LIMIT", "3", "DEFAULT_WINDOW", "50000"))) {
      for (int i = 1; i <= 4; i++) {
        HttpResponse<String> answer = small.get("/");
        assertThat(answer.statusCode()).isEqualTo(i <= 3 ? 200 : 429);
        assertThat(header(answer, "X-RateLimit-Limit")).isEqualTo("3");
      }
      assertThat(Integer.parseInt(header(small.get("/"), "Retry-After"))).isBetween(1, 50);
    }
  }

  @Test
  void concurrentRequests_admitExactlyTheLimit() throws InterruptedException {
    ConcurrentLinkedQueue<Integer> codes = new ConcurrentLinkedQueue<>();
    try (ExecutorService clients = Executors.newFixedThreadPool(20)) {
      for (int i = 0; i < 1_000; i++) {
        clients.execute(() -> codes.add(server.get("/", "X-API-Key", "crowd").statusCode()));
      }
    }
    assertThat(codes).hasSize(1_000);
    assertThat(codes.stream().filter(code -> code == 200)).hasSize(100);
    assertThat(codes.stream().filter(code -> code == 429)).hasSize(900);
  }

  private static int remaining(HttpResponse<String> answer) {
    return Integer.parseInt(header(answer, "X-RateLimit-Remaining"));
  }
}
