// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static dev.weir.server.RlsClient.of;
import static dev.weir.server.RlsClient.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.rls.api.RateLimitDescriptor;
import dev.weir.rls.api.RateLimitResponse;
import dev.weir.rls.api.RateLimitResponse.Code;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Envoy's rate limit service with its counters in Redis. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class RlsOnRedisTest {

  private static Configuration configuration(RedisProcess redis, String timeout) {
    return TestConfiguration.of(
        """
        version: 1
        server: { drain: 20s }
        listeners: [{ name: rls, port: 0, serves: [rls] }]
        store: { redis: { url: "%s", timeout: %s } }
        policies:
          - { name: user, domain: shop, match: { user: "*" }, key: [user], limits: [{ name: hundred, rate: 100 per hour, on-failure: closed }] }
          - { name: path, domain: shop, match: { path: "*" }, key: [path], limits: [{ name: two, rate: 2 per hour }] }
        """
            .formatted(redis.url(), timeout));
  }

  private static RateLimitDescriptor[] tenUsers() {
    RateLimitDescriptor[] users = new RateLimitDescriptor[10];
    for (int i = 0; i < users.length; i++) {
      users[i] = of("user", "u" + i).build();
    }
    return users;
  }

  @Test
  void rule01_tenDescriptors_areOneCheck() {
    try (RedisProcess redis = RedisProcess.start();
        TestServer server = TestServer.start(configuration(redis, "5s"));
        RlsClient client = new RlsClient(server.port())) {
      RateLimitResponse answer = client.ask("shop", tenUsers());
      assertThat(answer.getStatusesList())
          .hasSize(10)
          .allMatch(status -> status.getLimitRemaining() == 99);
      RateLimitResponse denied =
          client.ask(
              request("shop", tenUsers()).addDescriptors(of("path", "/")).setHitsAddend(3).build());
      assertThat(denied.getOverallCode()).isEqualTo(Code.OVER_LIMIT);
      assertThat(denied.getStatuses(10).getCode()).isEqualTo(Code.OVER_LIMIT);
      assertThat(client.ask("shop", tenUsers()).getStatusesList())
          .allMatch(status -> status.getLimitRemaining() == 98);
    }
  }

  @Test
  void rule23_redisThatDoesNotAnswer_isDecidedByTheFailurePolicy() {
    try (RedisProcess redis = RedisProcess.start();
        TestServer server = TestServer.start(configuration(redis, "12ms"));
        RlsClient client = new RlsClient(server.port())) {
      client.ask("shop", of("path", "/").build());
      redis.pause();
      try {
        assertThat(client.ask("shop", of("user", "u").build()).getOverallCode())
            .isEqualTo(Code.OVER_LIMIT);
        assertThat(client.ask("shop", of("path", "/").build()).getOverallCode()).isEqualTo(Code.OK);
      } finally {
        redis.resume();
      }
    }
  }

  @Test
  void drain_answersWhatIsInFlight_andAcceptsNoMore() throws Exception {
    try (RedisProcess redis = RedisProcess.start()) {
      TestServer server = TestServer.start(configuration(redis, "15s"));
      int port = server.port();
      try (RlsClient asking = new RlsClient(port)) {
        asking.ask("shop", of("user", "u").build());
        redis.pause();
        List<Future<RateLimitResponse>> waiting = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          waiting.add(asking.askLater(request("shop", of("user", "w" + i).build()).build()));
        }
        // A later answer on the same connection: those before it have been read.
        assertThat(asking.ask("nowhere", of("a", "b").build()).getOverallCode()).isEqualTo(Code.OK);
        CompletableFuture<Void> closed = CompletableFuture.runAsync(server::close);
        await().atMost(Duration.ofSeconds(14)).until(() -> !accepts(port));
        assertThat(waiting).noneMatch(Future::isDone);
        redis.resume();
        for (Future<RateLimitResponse> answer : waiting) {
          assertThat(answer.get(15, TimeUnit.SECONDS).getStatuses(0).getLimitRemaining())
              .isEqualTo(99);
        }
        closed.get(40, TimeUnit.SECONDS);
      }
    }
  }

  private static boolean accepts(int port) {
    try (RawClient client = new RawClient(port)) {
      return true;
    } catch (IOException refused) {
      return false;
    }
  }
}
