// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static dev.weir.integration.ProfileServer.header;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract of system C: token buckets whose rules are a JSON file. */
class TokenBucketRulesContractTest {

  /** Where the limits are kept. */
  ProfileStore store() {
    return ProfileStore.MEMORY;
  }

  @TempDir Path folder;

  /** Rules that refill so slowly that a test sees none of it. */
  private ProfileServer slow(int burst) throws java.io.IOException {
    Path rules = folder.resolve("rules.json");
    Files.writeString(
        rules,
        "[{\"id\":\"per-address\",\"key_template\":\"{ip}:{route}\",\"rate_per_sec\":0.01,\"burst\":"
            + burst
            + ",\"scope\":\"ip\",\"enabled\":true}]");
    return ProfileServer.start("c", store(), Map.of("RULES_FILE", rules.toString()));
  }

  @Test
  void ping_allowed_tellsRemaining() {
    try (ProfileServer server = ProfileServer.start("c", store(), Map.of())) {
      HttpResponse<String> answer = server.get("/ping");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("{\"ok\":true}");
      assertThat(header(answer, "X-RateLimit-Remaining")).isEqualTo("199");
    }
  }

  @Test
  void ping_overBurst_tellsExactWait() throws Exception {
    try (ProfileServer server = slow(1)) {
      assertThat(server.get("/ping").statusCode()).isEqualTo(200);
      HttpResponse<String> answer = server.get("/ping");
      assertThat(answer.statusCode()).isEqualTo(429);
      assertThat(header(answer, "X-RateLimit-Remaining")).isEqualTo("0");
      assertThat(answer.body())
          .matches("\\{\"detail\": \"Too Many Requests\", \"retry_after_ms\": \\d+}");
      int millis = Integer.parseInt(answer.body().replaceAll("\\D", ""));
      assertThat(millis).isBetween(50_000, 100_000);
      assertThat(header(answer, "Retry-After")).isEqualTo(Integer.toString((millis + 999) / 1_000));
    }
  }

  @Test
  void crowd_getsExactlyTheBurst() throws Exception {
    ConcurrentLinkedQueue<Integer> codes = new ConcurrentLinkedQueue<>();
    try (ProfileServer server = slow(200);
        ExecutorService clients = Executors.newFixedThreadPool(20)) {
      for (int i = 0; i < 600; i++) {
        clients.submit(() -> codes.add(server.get("/ping").statusCode()));
      }
      clients.shutdown();
      assertThat(clients.awaitTermination(60, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
    }
    assertThat(codes.stream().filter(code -> code == 200)).hasSize(200);
  }

  @Test
  void tenantRule_appliesWhereATenantIsNamed() {
    try (ProfileServer server = ProfileServer.start("c", store(), Map.of())) {
      HttpResponse<String> answer = server.get("/ping", "X-Tenant-ID", "acme");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(header(answer, "X-RateLimit-Remaining")).isEqualTo("199");
    }
  }
}
