// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static dev.weir.server.AdminServer.VIEWER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.redis.RedisOptions;
import dev.weir.redis.fixtures.RedisClusterProcesses;
import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.redis.fixtures.SentinelProcesses;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Instances that share a Redis know of each other. */
class InstancesTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static AdminServer start(String url) {
    return AdminServer.start(
        Configuration.defaults()
            .store(StoreSettings.redis(RedisOptions.of(url).timeout(Duration.ofSeconds(5)))));
  }

  private static JsonObject told(AdminServer server) {
    return AdminServer.json(server.as(VIEWER, "GET", "/v1/admin/instances", ""));
  }

  private static List<String> ids(AdminServer server) {
    List<String> ids = new ArrayList<>();
    JsonArray instances = told(server).getJsonArray("instances");
    instances.forEach(each -> ids.add(((JsonObject) each).getString("id")));
    return ids;
  }

  private static JsonObject self(AdminServer server) {
    return told(server).getJsonArray("instances").stream()
        .map(JsonObject.class::cast)
        .filter(each -> each.getBoolean("self"))
        .findFirst()
        .orElseThrow();
  }

  private static void assertKnowEachOther(String url) {
    try (AdminServer one = start(url)) {
      await().atMost(PATIENCE).until(() -> ids(one).size() == 1);
      String left;
      try (AdminServer two = start(url)) {
        await().atMost(PATIENCE).until(() -> ids(one).size() == 2 && ids(two).size() == 2);
        assertThat(ids(one)).containsExactlyInAnyOrderElementsOf(ids(two)).doesNotHaveDuplicates();
        left = self(two).getString("id");
        assertThat(told(one).getBoolean("shared")).isTrue();
        assertThat(told(one).getString("error")).isEmpty();
        assertThat(self(one).getJsonObject("store").getBoolean("up")).isTrue();
      }
      // It has taken its leave.
      assertThat(ids(one)).doesNotContain(left).hasSize(1);
    }
  }

  @Test
  void instances_ofOneRedis_knowEachOtherUntilTheyEnd() throws Exception {
    try (RedisProcess redis = RedisProcess.start()) {
      assertKnowEachOther(redis.url());
    }
  }

  @Test
  void instances_ofACluster_knowEachOther() throws Exception {
    try (RedisClusterProcesses cluster = RedisClusterProcesses.start(3, 0)) {
      assertKnowEachOther(cluster.url());
    }
  }

  @Test
  void instances_behindSentinels_knowEachOther() throws Exception {
    try (SentinelProcesses group = SentinelProcesses.start(1)) {
      assertKnowEachOther(group.url());
    }
  }

  @Test
  void instance_inMemory_isAlone() {
    try (AdminServer server = AdminServer.start()) {
      await().atMost(PATIENCE).until(() -> ids(server).size() == 1);
      assertThat(told(server).getBoolean("shared")).isFalse();
      assertThat(self(server).getString("name")).isEqualTo("test");
    }
  }

  @Test
  void redis_thatIsAway_leavesThisInstanceAndAReason() throws Exception {
    try (RedisProcess redis = RedisProcess.start();
        AdminServer server = start(redis.url())) {
      await().atMost(PATIENCE).until(() -> ids(server).size() == 1);
      redis.kill();
      await().atMost(PATIENCE).until(() -> !told(server).getString("error").isEmpty());
      assertThat(ids(server)).hasSize(1);
    }
  }

  /** Who can write to the Redis is not believed more than it takes, and one that is dead goes. */
  @Test
  void strangersInRedis_areLeftOut_andTheDeadForgotten() throws Exception {
    try (RedisProcess redis = RedisProcess.start();
        AdminServer server = start(redis.url())) {
      await().atMost(PATIENCE).until(() -> ids(server).size() == 1);
      JsonObject dead = self(server).copy().put("id", "dead").put("name", "n".repeat(500));
      dead.remove("self");
      dead.put("secret", "not of theirs");
      String now = System.currentTimeMillis() + "";
      for (String said :
          List.of(
              dead.encode(),
              "not json",
              "{}",
              "[1]",
              "{\"id\":7}",
              "x".repeat(5_000),
              dead.copy().put("id", "huge").put("more", "x".repeat(5_000)).encode())) {
        String id = Integer.toString(said.hashCode());
        redis.cli("HSET", "weir:{instances}:said", id, said);
        redis.cli("ZADD", "weir:{instances}:seen", now, id);
      }
      redis.cli("ZADD", "weir:{instances}:seen", now, "said-nothing");
      JsonObject all = told(server);
      assertThat(all.getJsonArray("instances")).hasSize(2);
      JsonObject other =
          all.getJsonArray("instances").stream()
              .map(JsonObject.class::cast)
              .filter(each -> each.getString("id").equals("dead"))
              .findFirst()
              .orElseThrow();
      assertThat(other.getString("name")).hasSize(200);
      assertThat(other.getBoolean("self")).isFalse();
      assertThat(all.encode()).doesNotContain("not of theirs");
      await().atMost(PATIENCE).until(() -> ids(server).size() == 1);
      await()
          .atMost(PATIENCE)
          .until(() -> redis.cli("ZCARD", "weir:{instances}:seen").text().equals("1"));
      assertThat(redis.cli("HLEN", "weir:{instances}:said").text()).isEqualTo("1");
      assertThat(Long.parseLong(redis.cli("PTTL", "weir:{instances}:said").text())).isPositive();
    }
  }
}
