// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.core.Descriptor;
import dev.weir.redis.fixtures.RedisProcess;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two servers over one real Redis: states and policies set on one are those of the other. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class LoadStatesOnRedisTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final String CONFIGURATION =
      """
      version: 1
      store: { redis: { url: "${URL}", timeout: 2s } }
      listeners:
        - { name: public, host: 127.0.0.1, port: 0, serves: [api] }
      tiers:
        free: { daily: { normal: 20 per day fixed, degraded: 2 per day fixed } }
      states:
        degraded:
        overload: { shed: normal }
      policies:
        - name: per-user
          domain: api
          key: [user]
          tier: tier
          priority: { entry: priority }
          limits: [ { name: daily, rate: 10 per day fixed } ]
      """;

  private static final String OTHER =
      """
      version: 1
      states: { degraded: }
      policies:
        - name: per-user
          domain: api
          key: [user]
          limits: [ { name: daily, rate: 7 per day fixed } ]
      """;

  private RedisProcess redis;
  private TestServer one;
  private TestServer other;

  @BeforeEach
  void start() {
    redis = RedisProcess.start();
    one = server();
    other = server();
  }

  private TestServer server() {
    return TestServer.start(TestConfiguration.of(CONFIGURATION, Map.of("URL", redis.url())));
  }

  @AfterEach
  void end() {
    one.close();
    other.close();
    redis.close();
  }

  private static HttpResponse<String> check(TestServer server, String priority, int cost) {
    return server.post(
        "/v1/check?denial=429",
        """
        {"domain":"api","descriptors":[{"cost":%d,"entries":[
          {"key":"user","value":"u"},{"key":"tier","value":"free"},
          {"key":"priority","value":"%s"}]}]}"""
            .formatted(cost, priority));
  }

  private static long remaining(TestServer server) {
    return server
        .server()
        .limiter()
        .peek(List.of(Descriptor.of("api", "user", "u", "tier", "free")))
        .remaining();
  }

  private static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private static void awaitState(TestServer server, String state) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(server.server().loadStates().current().name()).isEqualTo(state));
  }

  @Test
  void state_setOnOne_isSeenByBothAndSpentCountsStay() {
    assertThat(check(one, "normal", 15).statusCode()).isEqualTo(200);
    assertThat(remaining(other)).isEqualTo(5);

    join(one.server().loadStates().set("degraded", Optional.empty(), "ann", "much to do"));
    assertThat(check(one, "normal", 1).statusCode()).isEqualTo(429);
    awaitState(other, "degraded");
    assertThat(check(other, "normal", 1).statusCode()).isEqualTo(429);
    assertThat(remaining(other)).isZero();
    assertThat(other.server().loadStates().current().author()).isEqualTo("ann");

    join(other.server().loadStates().set("normal", Optional.empty(), "bob", ""));
    awaitState(one, "normal");
    assertThat(remaining(one)).isEqualTo(5);
    assertThat(check(one, "normal", 5).statusCode()).isEqualTo(200);
    assertThat(check(other, "normal", 1).statusCode()).isEqualTo(429);
  }

  @Test
  void ttl_over_isNormalOnBoth() {
    join(
        one.server()
            .loadStates()
            .set("degraded", Optional.of(Duration.ofSeconds(5)), "ann", "for a moment"));
    awaitState(other, "degraded");

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(one.server().loadStates().current().name()).isEqualTo("normal");
              assertThat(other.server().loadStates().current().name()).isEqualTo("normal");
            });
    assertThat(remaining(one)).isEqualTo(20);
  }

  @Test
  void state_thatSheds_answers503AndChargesNothing() {
    join(one.server().loadStates().set("overload", Optional.empty(), "ann", ""));
    awaitState(other, "overload");

    HttpResponse<String> shed = check(other, "normal", 1);
    assertThat(shed.statusCode()).isEqualTo(503);
    assertThat(shed.headers().firstValue("Retry-After")).contains("5");
    assertThat(shed.body()).contains("Requests of this priority are not served at the moment.");
    assertThat(check(other, "high", 1).statusCode()).isEqualTo(200);
    assertThat(check(other, "critical", 1).statusCode()).isEqualTo(200);
    join(one.server().loadStates().set("normal", Optional.empty(), "ann", ""));
    assertThat(remaining(one)).isEqualTo(18);
  }

  @Test
  void policies_putOnOne_areInForceOnBothAndRollBack() {
    assertThat(check(one, "normal", 3).statusCode()).isEqualTo(200);
    long before = other.server().limiter().policies().version();

    join(one.server().policyVersions().put(OTHER, 0, "ann", "fewer for all"));
    assertThat(remaining(one)).isEqualTo(4);
    awaitVersion(other, 1);
    assertThat(remaining(other)).isEqualTo(4);
    assertThat(other.server().policyVersions().history())
        .singleElement()
        .satisfies(version -> assertThat(version.reason()).isEqualTo("fewer for all"));
    assertThat(other.server().limiter().policies().version()).isGreaterThan(before);

    try (TestServer late = server()) {
      assertThat(late.server().policyVersions().applied()).isEqualTo(1);
      assertThat(remaining(late)).isEqualTo(4);
    }

    join(other.server().policyVersions().rollback(0, 1, "bob", ""));
    awaitVersion(one, 0);
    assertThat(remaining(one)).isEqualTo(17);
    assertThat(remaining(other)).isEqualTo(17);
  }

  private static void awaitVersion(TestServer server, long version) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(server.server().policyVersions().applied()).isEqualTo(version));
  }

  @Test
  void state_thatThePutPoliciesDoNotKnow_isNormalUntilTheFilesReturn() {
    join(one.server().loadStates().set("overload", Optional.empty(), "ann", ""));
    assertThat(check(one, "normal", 1).statusCode()).isEqualTo(503);

    join(one.server().policyVersions().put(OTHER, 0, "ann", ""));
    assertThat(one.server().loadStates().current().name()).isEqualTo("normal");
    assertThat(check(one, "normal", 1).statusCode()).isEqualTo(200);

    join(one.server().policyVersions().rollback(0, 1, "ann", ""));
    assertThat(one.server().loadStates().current().name()).isEqualTo("overload");
    assertThat(check(one, "normal", 1).statusCode()).isEqualTo(503);
  }
}
