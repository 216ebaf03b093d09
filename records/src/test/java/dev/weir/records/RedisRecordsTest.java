// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static dev.weir.records.Samples.await;
import static dev.weir.records.Samples.entry;
import static dev.weir.records.Samples.make;
import static dev.weir.records.Samples.put;
import static dev.weir.records.Samples.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.redis.RedisOptions;
import dev.weir.redis.fixtures.FaultProxy;
import dev.weir.redis.fixtures.RedisProcess;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class RedisRecordsTest implements SharedRecordsContract {
  private static RedisProcess redis;

  @BeforeAll
  static void start() {
    redis = RedisProcess.builder().appendOnly().start();
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @Override
  public RedisOptions options() {
    return RedisOptions.of(redis.url());
  }

  @Override
  public void flush() {
    redis.cli("FLUSHALL");
  }

  @Test
  void health_ofADurableServer_hasNoWarning() {
    try (RecordStore store = create()) {
      put(store, user("a"), "1");
      awaitWarnings(store, List.of());
      assertThat(store.health().kind()).isEqualTo(RecordHealth.Kind.REDIS);
      assertThat(store.health().reachable()).isTrue();
      assertThat(store.health().durable()).isTrue();
    }
  }

  private static void awaitWarnings(RecordStore store, List<String> expected) {
    Eventually.holds(() -> assertThat(store.health().warnings()).isEqualTo(expected));
  }

  @Test
  void health_ofAServerThatMayForget_warns() {
    try (RedisProcess forgetful = RedisProcess.start();
        RecordStore store = RedisRecords.connect(RedisOptions.of(forgetful.url()))) {
      put(store, user("a"), "1");
      Eventually.holds(
          () ->
              assertThat(store.health().warnings())
                  .singleElement()
                  .asString()
                  .startsWith("appendonly is no (expected: yes"));
    }
    try (RedisProcess lazy =
            RedisProcess.builder()
                .config("appendonly", "yes")
                .config("maxmemory-policy", "allkeys-lru")
                .start();
        RecordStore store = RedisRecords.connect(RedisOptions.of(lazy.url()))) {
      put(store, user("a"), "1");
      Eventually.holds(
          () ->
              assertThat(store.health().warnings())
                  .hasSize(2)
                  .anyMatch(text -> text.startsWith("appendfsync is everysec (expected: always"))
                  .anyMatch(text -> text.startsWith("maxmemory-policy is allkeys-lru")));
      assertThat(store.health().durable()).isFalse();
    }
  }

  @Test
  void user_withTheDocumentedRightsOnly_canDoAll() {
    try (RedisProcess closed =
            RedisProcess.builder()
                .user(
                    "weir",
                    "on",
                    ">secret",
                    "~weir:{records}:*",
                    "-@all",
                    "+evalsha",
                    "+eval",
                    "+info",
                    "+time",
                    "+hget",
                    "+hset",
                    "+hdel",
                    "+hlen",
                    "+zadd",
                    "+zrem",
                    "+zrangebyscore",
                    "+zrangebylex",
                    "+zremrangebyrank",
                    "+xadd",
                    "+xrevrange")
                .start();
        RecordStore store = RedisRecords.connect(RedisOptions.of(closed.url("weir", "secret")))) {
      RecordingWatcher watcher = new RecordingWatcher();
      try (Subscription watching = store.watch(watcher)) {
        StoredRecord made = put(store, user("a"), "1");
        watcher.awaitReplica(now -> now.containsValue(made));
        await(store.change(List.of(Change.delete(made)), Optional.of(entry("delete"))));
        watcher.awaitReplica(now -> now.isEmpty());
        assertThat(await(store.list("user"))).isEmpty();
        assertThat(await(store.audit(Long.MAX_VALUE, 5))).hasSize(1);
      }
      assertThat(store.health().warnings())
          .singleElement()
          .asString()
          .contains("could not be checked: CONFIG GET is not allowed");
    }
  }

  @Test
  void change_thatRedisForbidsInPart_doesNothing() {
    for (String forbidden : List.of("hset", "hdel", "zadd", "zrem", "xadd")) {
      try (RedisProcess closed =
              RedisProcess.builder()
                  .user("weir", "on", ">secret", "~*", "+@all", "-" + forbidden)
                  .start();
          RecordStore full = RedisRecords.connect(RedisOptions.of(closed.url()));
          RecordStore store = RedisRecords.connect(RedisOptions.of(closed.url("weir", "secret")))) {
        StoredRecord a = put(full, user("a"), "1");
        StoredRecord b = put(full, user("b"), "1");
        assertThatThrownBy(
                () ->
                    await(
                        store.change(
                            List.of(Change.replace(a, "2"), Change.delete(b)),
                            Optional.of(entry("try")))))
            .as(forbidden)
            .isInstanceOf(RecordStoreException.class);
        assertThat(await(full.list("user"))).as(forbidden).containsExactly(a, b);
        assertThat(await(full.audit(Long.MAX_VALUE, 5))).as(forbidden).isEmpty();
      }
    }
  }

  @Test
  void change_withoutMemory_doesNothingAndSaysSo() {
    try (RedisProcess small = RedisProcess.builder().maxMemory("100mb").start();
        RecordStore store = RedisRecords.connect(RedisOptions.of(small.url()))) {
      StoredRecord a = put(store, user("a"), "1");
      small.cli("CONFIG", "SET", "maxmemory", "1");
      assertThatThrownBy(
              () -> await(store.change(List.of(Change.delete(a)), Optional.of(entry("delete")))))
          .isInstanceOfSatisfying(
              RecordStoreException.class,
              e -> assertThat(e.category()).isEqualTo(RecordStoreException.Category.FULL));
      small.cli("CONFIG", "SET", "maxmemory", "0");
      assertThat(await(store.list("user"))).containsExactly(a);
      assertThat(await(store.audit(Long.MAX_VALUE, 5))).isEmpty();
    }
  }

  @Test
  void redisAway_callsFailInTimeAndTheWatcherCatchesUp() {
    try (FaultProxy way = FaultProxy.to(redis.port());
        RecordStore near = create();
        RecordStore far =
            RedisRecords.connect(RedisOptions.of("redis://127.0.0.1:" + way.port()))) {
      RecordingWatcher watcher = new RecordingWatcher();
      try (Subscription watching = far.watch(watcher)) {
        StoredRecord before = put(near, user("before"), "1");
        watcher.awaitReplica(now -> now.containsValue(before));
        way.refuse();
        assertThatThrownBy(() -> put(far, user("x"), "1")).isInstanceOf(RecordStoreException.class);
        Eventually.holds(() -> assertThat(far.health().reachable()).isFalse());
        assertThat(far.health().error()).get().asString().startsWith("records: ");
        make(near, Change.delete(before));
        StoredRecord meanwhile = put(near, user("meanwhile"), "1");
        way.clear();
        List<Batch> missed = watcher.awaitReplica(now -> now.containsValue(meanwhile));
        assertThat(watcher.replica()).containsOnlyKeys(user("meanwhile"));
        assertThat(missed).as("the same server has the same history").noneMatch(Batch::whole);
        Eventually.holds(() -> assertThat(far.health().reachable()).isTrue());
      }
    }
  }

  @Test
  void redisSilent_callsFailInTimeAndItsFateIsUnknown() {
    try (FaultProxy way = FaultProxy.to(redis.port());
        RecordStore store =
            RedisRecords.connect(RedisOptions.of("redis://127.0.0.1:" + way.port()))) {
      flush();
      put(store, user("a"), "1");
      way.silence();
      assertThatThrownBy(() -> make(store, Change.create(user("b"), "1")))
          .isInstanceOfSatisfying(
              RecordStoreException.class,
              e -> assertThat(e.category()).isEqualTo(RecordStoreException.Category.UNKNOWN));
      way.clear();
      Eventually.holds(() -> assertThat(await(store.get(user("a")))).isPresent());
    }
  }

  @Test
  void redisAwayAtFirst_isConnectedToWhenItComes() {
    try (FaultProxy way = FaultProxy.to(redis.port())) {
      way.refuse();
      try (RecordStore store =
          RedisRecords.connect(RedisOptions.of("redis://127.0.0.1:" + way.port()))) {
        RecordingWatcher watcher = new RecordingWatcher();
        try (Subscription watching = store.watch(watcher)) {
          assertThatThrownBy(() -> await(store.get(user("a"))))
              .isInstanceOfSatisfying(
                  RecordStoreException.class,
                  e ->
                      assertThat(e.category())
                          .isEqualTo(RecordStoreException.Category.UNAVAILABLE));
          assertThat(watcher.heardNothing()).isTrue();
          way.clear();
          assertThat(watcher.next().whole()).isTrue();
        }
      }
    }
  }

  @Test
  void scriptsForgotten_areSentAgain() {
    try (RecordStore store = create()) {
      put(store, user("a"), "1");
      redis.cli("SCRIPT", "FLUSH");
      assertThat(await(store.get(user("a")))).isPresent();
      put(store, user("a"), "2");
      assertThat(await(store.list("user"))).hasSize(1);
    }
  }

  @Test
  void redisRestartedWithLess_watchersAreToldWhatIsThere() {
    try (RedisProcess forgetful = RedisProcess.start();
        RecordStore store = RedisRecords.connect(RedisOptions.of(forgetful.url()))) {
      RecordingWatcher watcher = new RecordingWatcher();
      try (Subscription watching = store.watch(watcher)) {
        StoredRecord lost = put(store, user("lost"), "1");
        watcher.awaitReplica(now -> now.containsValue(lost));
        forgetful.restart();
        List<Batch> after = watcher.awaitReplica(now -> now.isEmpty());
        assertThat(after).last().satisfies(batch -> assertThat(batch.whole()).isTrue());
        StoredRecord again = put(store, user("lost"), "1");
        assertThat(again.version()).isGreaterThan(lost.version());
        watcher.awaitReplica(now -> now.containsValue(again));
      }
    }
  }

  @Test
  void deletions_longAgo_leaveNoTrace() {
    flush();
    try (RecordStore store = create()) {
      for (int i = 0; i < 5; i++) {
        make(store, Change.delete(put(store, user("" + i), "1")));
      }
      StoredRecord kept = put(store, user("kept"), "1");
      // As if they had been deleted an hour ago.
      for (String key : List.of("weir:{records}:gone", "weir:{records}:changes")) {
        for (int i = 0; i < 5; i++) {
          redis.cli("ZINCRBY", key, "-3600000000", "user:" + i);
        }
      }
      RecordingWatcher watcher = new RecordingWatcher();
      try (Subscription watching = store.watch(watcher)) {
        assertThat(watcher.next().present()).containsExactly(kept);
        Eventually.holds(
            () ->
                assertThat(redis.cli("ZCARD", "weir:{records}:gone").number())
                    .as("deletions that are known")
                    .isZero());
        assertThat(redis.cli("ZCARD", "weir:{records}:changes").number()).isEqualTo(1);
        StoredRecord next = put(store, user("next"), "1");
        List<Batch> told = watcher.awaitReplica(now -> now.containsValue(next));
        assertThat(told).noneMatch(Batch::whole);
      }
    }
  }
}
