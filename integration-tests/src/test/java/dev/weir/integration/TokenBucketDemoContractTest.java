// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static dev.weir.integration.ProfileServer.header;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract of system D's demo service: a token bucket per key, user or address. */
class TokenBucketDemoContractTest {

  /** Where the limits are kept. */
  ProfileStore store() {
    return ProfileStore.MEMORY;
  }

  private ProfileServer server;

  @BeforeEach
  void start() {
    server = ProfileServer.start("d", store(), Map.of("BURST", "5", "RATE_PER_SEC", "1"));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void hello_allowed_tellsBurstAndRemaining() {
    HttpResponse<String> answer = server.get("/v1/hello", "x-api-key", "demo");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"message\":\"hello\"}");
    assertThat(header(answer, "X-RateLimit-Limit")).isEqualTo("5");
    assertThat(header(answer, "X-RateLimit-Remaining")).isEqualTo("4");
  }

  @Test
  void hello_overBurst_isDeniedWithRetryAfter() {
    HttpResponse<String> answer = server.get("/v1/hello", "x-api-key", "burst");
    for (int i = 0; i < 6; i++) {
      answer = server.get("/v1/hello", "x-api-key", "burst");
    }
    assertThat(answer.statusCode()).isEqualTo(429);
    assertThat(header(answer, "Retry-After")).isEqualTo("1");
    assertThat(header(answer, "X-RateLimit-Limit")).isEqualTo("5");
    assertThat(header(answer, "X-RateLimit-Remaining")).isEqualTo("0");
  }

  @Test
  void identity_isKeyThenUserThenAddress() {
    assertThat(left("x-api-key", "k", "x-user-id", "u")).isEqualTo("4");
    assertThat(left("x-api-key", "k")).isEqualTo("3");
    assertThat(left("x-user-id", "u")).isEqualTo("4");
    assertThat(left("x-forwarded-for", "10.0.0.1")).isEqualTo("4");
    assertThat(left("x-forwarded-for", "10.0.0.2")).isEqualTo("3");
  }

  @Test
  void health_answers() {
    assertThat(server.get("/health").statusCode()).isEqualTo(200);
  }

  @Test
  void metrics_countDecisionsAndTheirTime() {
    for (int i = 0; i < 7; i++) {
      server.get("/v1/hello", "x-api-key", "counted");
    }
    HttpResponse<String> answer = server.get("/metrics");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(header(answer, "Content-Type")).startsWith("text/plain; version=0.0.4");
    assertThat(answer.body())
        .contains("# TYPE weir_decisions_total counter")
        .contains(
            "weir_decisions_total{limit=\"bucket\",outcome=\"allowed\",policy=\"per-client\",reason=\"within_limit\"} 5")
        .contains(
            "weir_decisions_total{limit=\"bucket\",outcome=\"denied\",policy=\"per-client\",reason=\"over_limit\"} 2")
        .contains("# TYPE weir_decision_duration_seconds histogram")
        .contains("weir_decision_duration_seconds_count 7");
  }

  private String left(String... headers) {
    return header(server.get("/v1/hello", headers), "X-RateLimit-Remaining");
  }
}
