// SPDX-License-Identifier: Apache-2.0
package dev.weir.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.redis.fixtures.Loopback;
import dev.weir.redis.fixtures.RequiresProgram;
import dev.weir.redis.fixtures.WindowGuard;
import java.net.ConnectException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The topologies of the compose files, run as processes: each answers as its system's contract
 * says, counts in its Redis, and tells its metrics where Prometheus looks for them.
 */
@RequiresProgram("bash")
@Timeout(300)
final class ComposeIT {
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @Test
  void a_admitsAHundredOfAHundredAndTen() {
    try (Topology a = Topology.start("a", Map.of("DEFAULT_WINDOW", "3600000"))) {
      int port = a.port("weir", 8_000);
      for (int i = 1; i <= 110; i++) {
        HttpResponse<String> answer = send("POST", port, "/api/resource", "", "X-API-Key", "one");
        assertThat(answer.statusCode()).as("request %d", i).isEqualTo(i <= 100 ? 200 : 429);
      }
      assertThat(get(port, "/health").body()).isEqualTo("{\"status\":\"OK\"}");
      assertThat(get(port, "/metrics").statusCode()).isEqualTo(404);
      tellsMetrics(a, "weir");
      assertThat(a.log("weir")).contains("BLOCKED: ").doesNotContain(a.secret("redis-password"));
    }
  }

  @Test
  @RequiresProgram("nginx")
  void b_countsOverAllInstances_andGoesOnWithoutOne() {
    int port;
    try (Topology b = Topology.start("b", Map.of("RATE_LIMIT_WINDOW", "3600"))) {
      port = b.port("nginx", 8_080);
      for (int left = 99; left >= 94; left--) {
        HttpResponse<String> answer = get(port, "/api/data?user_id=together");
        assertThat(answer.headers().firstValue("X-RateLimit-Remaining"))
            .hasValue(Integer.toString(left));
      }
      assertThat(get(b.port("weir-3", 8_003), "/stats/together").body())
          .contains("\"requests_made\":6,");
      assertThat(admitted(port, 300, "/api/data?user_id=crowd")).isEqualTo(100);
      tellsMetrics(b, "weir-1");

      b.kill("weir-2");

      for (int i = 0; i < 20; i++) {
        assertThat(get(port, "/api/data?user_id=after").statusCode()).isEqualTo(200);
      }
      assertThat(get(port, "/api/data?user_id=crowd").statusCode()).isEqualTo(429);
      assertThat(b.healthy("weir-2")).isFalse();
      assertThat(b.healthy("weir-1")).isTrue();
    }
    // A worker that outlived its master would still take connections.
    assertThatThrownBy(() -> new Socket("127.0.0.1", port).close())
        .isInstanceOf(ConnectException.class);
  }

  @Test
  void c_nodesShareTheirLimits() {
    try (Topology c = Topology.start("c", Map.of("LEASE", "false"))) {
      HttpResponse<String> first = get(c.port("weir-1", 8_000), "/ping");
      assertThat(first.body()).isEqualTo("{\"ok\":true}");
      assertThat(get(c.port("weir-2", 8_000), "/ping").statusCode()).isEqualTo(200);
      assertThat(c.redis().cli("DBSIZE").number()).isPositive();
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertThat(get(c.port("weir-1", 9_100), "/metrics").body())
                      .contains("weir_store_nodes 2.0"));
      tellsMetrics(c, "weir-2");
    }
  }

  @Test
  void d_hasABucketForEachKey() {
    try (Topology d = Topology.start("d", Map.of("RATE_PER_SEC", "1", "BURST", "5"))) {
      int port = d.port("weir", 8_080);
      HttpResponse<String> answer = get(port, "/v1/hello", "x-api-key", "one");
      assertThat(answer.headers().firstValue("X-RateLimit-Limit")).hasValue("5");
      assertThat(answer.headers().firstValue("X-RateLimit-Remaining")).hasValue("4");
      assertThat(get(port, "/v1/hello", "x-api-key", "two").statusCode()).isEqualTo(200);
      tellsMetrics(d, "weir");
    }
  }

  @Test
  @RequiresProgram("haproxy")
  void e_hasTiersAndStates_behindHaproxy() throws Exception {
    try (Topology e = Topology.start("e", Map.of("SUBNET", "127.0.0.0/8"))) {
      int port = e.port("haproxy", 8_080);
      String token = "Bearer " + e.secret("admin-token");
      String[] free = {"X-API-Key", "demo_free_key_123"};
      WindowGuard.awaitRoomInMinute(Duration.ofSeconds(10));
      for (int i = 1; i <= 21; i++) {
        HttpResponse<String> answer = get(port, "/test", free);
        assertThat(answer.statusCode()).as("request %d", i).isEqualTo(i <= 20 ? 200 : 429);
      }
      assertThat(get(port, "/admin/users", "Authorization", token).statusCode()).isEqualTo(404);
      assertThat(get(port, "/metrics").statusCode()).isEqualTo(404);
      assertThat(get(e.port("weir-1", 9_090), "/v1/admin/me").statusCode()).isEqualTo(401);
      assertThat(get(e.port("weir-1", 9_090), "/dashboard/").body()).contains("<script");
      assertThat(get(port, "/dashboard/").statusCode()).isEqualTo(404);

      HttpResponse<String> changed =
          send(
              "POST",
              e.port("weir-1", 9_090),
              "/admin/health",
              "{\"status\":\"DEGRADED\"}",
              "Authorization",
              token,
              "Content-Type",
              "application/json");
      assertThat(changed.statusCode()).as(changed.body()).isEqualTo(200);
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(
                          get(e.port("weir-2", 9_090), "/v1/admin/state", "Authorization", token)
                              .body())
                      .containsIgnoringCase("\"name\":\"degraded\""));
      tellsMetrics(e, "weir-1");
      assertThat(e.log("weir-1") + e.log("weir-2"))
          .doesNotContain(e.secret("admin-token"), e.secret("redis-password"))
          .doesNotContain(e.secret("key-secret"));
    }
  }

  /** At the port and path that Prometheus is told, and it is this Redis that counts. */
  private void tellsMetrics(Topology topology, String service) {
    assertThat(get(topology.port(service, 9_100), "/metrics").body())
        .contains("weir_store_up 1.0", "weir_decisions_total{");
  }

  private int admitted(int port, int requests, String target) {
    AtomicInteger admitted = new AtomicInteger();
    try (ExecutorService clients = Executors.newFixedThreadPool(20)) {
      for (int i = 0; i < requests; i++) {
        clients.submit(
            () -> {
              if (get(port, target).statusCode() == 200) {
                admitted.incrementAndGet();
              }
            });
      }
      clients.shutdown();
      assertThat(clients.awaitTermination(120, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return admitted.get();
  }

  private HttpResponse<String> get(int port, String target, String... headers) {
    return send("GET", port, target, "", headers);
  }

  private HttpResponse<String> send(
      String method, int port, String target, String body, String... headers) {
    return Loopback.send(client, Loopback.request(port, method, target, body, headers));
  }
}
