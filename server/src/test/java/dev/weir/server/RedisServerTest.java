// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.redis.fixtures.RedisProcess;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server whose limits live in a real Redis, which comes and goes. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class RedisServerTest {

  private static final String CONFIGURATION =
      """
      version: 1
      store: { nodes: 2, redis: { url: "${URL}", timeout: 2s } }
      listeners:
        - { name: public, host: 127.0.0.1, port: 0, serves: [api, routes, health, metrics] }
      policies:
        - { name: open, domain: open, key: k, limits: [{ name: l, rate: 3 per day }] }
        - name: closed
          domain: closed
          key: k
          limits: [{ name: l, rate: 3 per day, on-failure: closed }]
        - name: local
          domain: local
          key: k
          limits: [{ name: l, rate: 4 per day fixed, on-failure: local }]
      routes:
        - path: /state
          health:
            healthy: { json: { status: healthy } }
            unhealthy: { status: 503, json: { status: unhealthy, error: "{store-error}" } }
      """;

  private static TestServer start(String url) {
    return TestServer.start(TestConfiguration.of(CONFIGURATION, Map.of("URL", url)));
  }

  private static String check(TestServer server, String domain, String key) {
    return server
        .post(
            "/v1/check",
            "{\"domain\":\"%s\",\"descriptors\":[{\"entries\":[{\"key\":\"k\",\"value\":\"%s\"}]}]}"
                .formatted(domain, key))
        .body();
  }

  @Test
  void twoServers_countTogether() {
    try (RedisProcess redis = RedisProcess.start();
        TestServer one = start(redis.url());
        TestServer other = start(redis.url())) {
      assertThat(check(one, "open", "a")).contains("\"allowed\":true", "\"remaining\":2");
      assertThat(check(other, "open", "a")).contains("\"allowed\":true", "\"remaining\":1");
      assertThat(check(one, "open", "a")).contains("\"allowed\":true", "\"remaining\":0");
      assertThat(check(other, "open", "a")).contains("\"allowed\":false", "over_limit");
      assertThat(check(one, "open", "b")).contains("\"remaining\":2");
    }
  }

  @Test
  void start_chargesNothing() {
    try (RedisProcess redis = RedisProcess.start();
        TestServer server = start(redis.url())) {
      assertThat(server.get("/health/ready").statusCode()).isEqualTo(200);
      assertThat(redis.cli("KEYS", "*warm*").toString()).doesNotContain("warm");
      check(server, "open", "warm");
      assertThat(redis.cli("KEYS", "*warm*").toString()).contains("warm");
    }
  }

  @Test
  void health_tellsOfRedis() {
    try (RedisProcess redis = RedisProcess.builder().password("secret").start();
        TestServer server = start(redis.url())) {
      assertThat(server.get("/health").body())
          .startsWith("{\"status\":\"ok\",\"store\":\"ok\",\"redis\":{\"connected\":true,")
          .contains("\"topology\":\"single\"", "\"version\":\"redis 7", "\"warnings\":[");
      assertThat(server.get("/state").statusCode()).isEqualTo(200);
      assertThat(server.get("/metrics").body()).contains("\nweir_store_up 1.0\n");
    }
  }

  @Test
  void rule24_withoutRedis_theServerStartsAndFailurePoliciesDecide() throws Exception {
    try (RedisProcess redis = RedisProcess.builder().password("secret").start()) {
      redis.kill();
      try (CapturedLog log = new CapturedLog();
          TestServer server = start(redis.url())) {
        assertThat(log.text())
            .contains("starting without the records of users and keys: records: no connection")
            .contains("started without Redis at 127.0.0.1:" + redis.port() + ", ")
            .doesNotContain("failed with error")
            .doesNotContain("RecordHealth", "secret");
        assertThat(check(server, "open", "a")).contains("\"allowed\":true", "failure_open");
        assertThat(check(server, "closed", "a")).contains("\"allowed\":false", "failure_closed");
        assertThat(check(server, "local", "a")).contains("\"allowed\":true", "failure_local");
        assertThat(check(server, "local", "a")).contains("\"allowed\":true", "failure_local");
        assertThat(check(server, "local", "a")).contains("\"allowed\":false", "failure_local");
        assertThat(server.get("/health/live").statusCode()).isEqualTo(200);
        assertThat(server.get("/health/ready").statusCode()).isEqualTo(200);
        assertThat(server.get("/health").body())
            .startsWith("{\"status\":\"degraded\",\"store\":\"no connection to Redis: ")
            .contains("\"redis\":{\"connected\":false")
            .doesNotContain("secret");
        assertThat(server.get("/state").statusCode()).isEqualTo(503);
        assertThat(server.get("/state").body())
            .startsWith("{\"status\":\"unhealthy\",\"error\":\"no connection to Redis: ");
        assertThat(server.get("/metrics").body())
            .contains("\nweir_store_up 0.0\n")
            .containsPattern("weir_store_failures_total\\{category=\"unavailable\"} [1-9]");
        redis.restart();
        await().until(() -> server.get("/state").statusCode() == 200);
        assertThat(check(server, "closed", "a")).contains("\"allowed\":true", "\"remaining\":2");
      }
    }
  }
}
