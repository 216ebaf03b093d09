// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.server.identity.Identities;
import dev.weir.server.identity.Identities.KeyRequest;
import dev.weir.server.identity.User;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Users, keys and bans of two servers on one real Redis. */
class SharedIdentitiesTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final String CONFIGURATION =
      """
      version: 1
      store: { redis: { url: "${URL}", timeout: 5s } }
      listeners:
        - { name: public, port: 0, serves: [routes], trusted-proxies: [127.0.0.1] }
      identities: { secret: a secret of all these instances }
      policies: none
      routes:
        - path: /who
          identity: { from: [{ api-key: X-API-Key }], absent: { status: 401 } }
          respond: { body: "{user}" }
      """;

  private static TestServer serve(RedisProcess redis) {
    return TestServer.start(TestConfiguration.of(CONFIGURATION, Map.of("URL", redis.url())));
  }

  private static <T> T done(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }

  private static String issue(TestServer server, String user) {
    Identities identities = server.server().callers().identities();
    done(identities.create(new User(user, "free", Optional.empty(), 0, false), "test"));
    return done(identities.issue(KeyRequest.of(user), "test")).text();
  }

  private static int status(TestServer server, String key, String address) {
    return server.get("/who", "X-API-Key", key, "X-Forwarded-For", address).statusCode();
  }

  @Test
  void keyMadeOnOneServer_isKnownToTheOther_andAfterARestart() {
    try (RedisProcess redis = RedisProcess.start();
        TestServer one = serve(redis)) {
      String key;
      try (TestServer other = serve(redis)) {
        key = issue(one, "alice");
        await().atMost(PATIENCE).until(() -> status(other, key, "192.0.2.1") == 200);
        String id = one.server().callers().identities().find(key).orElseThrow().id();
        done(other.server().callers().identities().revoke(id, "test"));
        await().atMost(PATIENCE).until(() -> status(one, key, "192.0.2.1") == 401);
      }
      String next = issue(one, "bob");
      try (TestServer again = serve(redis)) {
        assertThat(status(again, next, "192.0.2.2")).isEqualTo(200);
        assertThat(status(again, key, "192.0.2.3")).isEqualTo(401);
      }
    }
  }

  /** Round robin in front of them must not double what an attacker may try. */
  @Test
  void eleventhBadKey_overBothServers_bansOnBoth() {
    try (RedisProcess redis = RedisProcess.start();
        TestServer one = serve(redis);
        TestServer other = serve(redis)) {
      String key = issue(one, "alice");
      await().atMost(PATIENCE).until(() -> status(other, key, "192.0.2.1") == 200);
      for (int i = 0; i < 10; i++) {
        TestServer each = i % 2 == 0 ? one : other;
        assertThat(status(each, "guessed_key_" + i, "198.51.100.9")).isEqualTo(401);
      }
      assertThat(status(one, key, "198.51.100.9")).isEqualTo(200);
      assertThat(status(one, "guessed_key_11", "198.51.100.9")).isEqualTo(429);
      assertThat(status(one, key, "198.51.100.9")).isEqualTo(429);
      await().atMost(PATIENCE).until(() -> status(other, key, "198.51.100.9") == 429);
      assertThat(status(other, key, "198.51.100.10")).isEqualTo(200);
    }
  }

  @Test
  void redisThatIsAway_leavesWhatIsKnown() {
    try (RedisProcess redis = RedisProcess.builder().appendOnly().start();
        TestServer server = serve(redis)) {
      String key = issue(server, "alice");
      redis.kill();
      assertThat(status(server, key, "192.0.2.1")).isEqualTo(200);
      redis.restart();
      await().atMost(PATIENCE).until(() -> server.server().records().health().reachable());
      assertThat(status(server, issue(server, "bob"), "192.0.2.1")).isEqualTo(200);
    }
  }

  @Test
  void serverWithoutItsRedis_doesNotTakeKeysForGuesses() {
    RedisProcess redis = RedisProcess.builder().appendOnly().start();
    try (redis) {
      String key;
      try (TestServer before = serve(redis)) {
        key = issue(before, "alice");
      }
      redis.kill();
      try (TestServer server = serve(redis)) {
        for (int i = 0; i < 12; i++) {
          assertThat(status(server, key, "192.0.2.1")).isEqualTo(503);
        }
        redis.restart();
        await().atMost(PATIENCE).until(() -> status(server, key, "192.0.2.1") == 200);
      }
    }
  }
}
