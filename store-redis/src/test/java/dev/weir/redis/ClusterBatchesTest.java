// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import static dev.weir.redis.CoalescingContract.take;
import static dev.weir.redis.CoalescingContract.together;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Algorithm;
import dev.weir.core.Charge;
import dev.weir.core.FixedWindow;
import dev.weir.core.Store;
import dev.weir.core.StoreException;
import dev.weir.core.Verdict;
import dev.weir.redis.RedisOptions.ClusterBatches;
import dev.weir.redis.fixtures.RedisClusterProcesses;
import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.testkit.ManualTimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Checks that share a call to a node of a cluster, whichever of its slots their keys are in. */
final class ClusterBatchesTest {

  private static final Algorithm WINDOW = new FixedWindow(10, Duration.ofHours(1));
  private static final int KEYS = 600;

  private static RedisClusterProcesses redis;

  @BeforeAll
  static void start() {
    redis = RedisClusterProcesses.start(3, 0);
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @Nested
  final class OfANode implements CoalescingContract {
    private static SharedStore shared;

    @BeforeAll
    static void connect() {
      shared = new SharedStore(options().clusterBatches(ClusterBatches.NODE), redis.primaries());
    }

    @AfterAll
    static void close() {
      shared.close();
    }

    @Override
    public Store on(ManualTimeSource clock) {
      return shared.on(clock);
    }
  }

  @Nested
  final class OfASlot implements CoalescingContract {
    private static SharedStore shared;

    @BeforeAll
    static void connect() {
      shared = new SharedStore(options().clusterBatches(ClusterBatches.SLOT), redis.primaries());
    }

    @AfterAll
    static void close() {
      shared.close();
    }

    @Override
    public Store on(ManualTimeSource clock) {
      return shared.on(clock);
    }
  }

  private static RedisOptions options() {
    return RedisOptions.of(redis.url());
  }

  private static List<List<Charge>> checks(String name) {
    List<List<Charge>> checks = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      checks.add(List.of(take(WINDOW, name + i, 1)));
    }
    return checks;
  }

  private static RedisStore connected(ClusterBatches batches) {
    RedisStore store =
        TestStores.connected(options().clusterBatches(batches), ManualTimeSource.create()::micros);
    store.apply(List.of(take(WINDOW, "first", 1))).toCompletableFuture().join();
    return store;
  }

  private static List<Long> left(List<List<Verdict>> answers) {
    return answers.stream().map(answer -> answer.getFirst().remaining()).toList();
  }

  private static double checksPerCall(RedisStore store) {
    Distribution checks = store.statistics().checksPerCall();
    return (double) checks.sum() / checks.counts().stream().mapToLong(Long::longValue).sum();
  }

  @Test
  void node_keysOfAllItsSlots_shareCalls() {
    try (RedisStore store = connected(ClusterBatches.NODE)) {
      assertThat(left(together(store, checks("shared-")))).containsOnly(9L);
      assertThat(left(together(store, checks("shared-")))).containsOnly(8L);
      assertThat(checksPerCall(store)).isGreaterThan(4);
    }
  }

  @Test
  void slot_eachKeyHasItsCall() {
    try (RedisStore store = connected(ClusterBatches.SLOT)) {
      assertThat(left(together(store, checks("apart-")))).containsOnly(9L);
      assertThat(checksPerCall(store)).isLessThan(2);
    }
  }

  @Test
  void keyOfAnotherType_failsItsOwnCheckAlone() {
    try (RedisStore store = connected(ClusterBatches.NODE)) {
      RedisKey odd = key("typed-7");
      redis.primaryOf(odd.slot()).cli("RPUSH", odd.toString(), "of somebody else");
      List<CompletableFuture<List<Verdict>>> answers = new ArrayList<>();
      for (List<Charge> check : checks("typed-")) {
        answers.add(store.apply(check).toCompletableFuture());
      }
      for (int i = 0; i < KEYS; i++) {
        if (i == 7) {
          assertThat(answers.get(i))
              .failsWithin(Duration.ofSeconds(20))
              .withThrowableThat()
              .withCauseInstanceOf(StoreException.class);
        } else {
          assertThat(answers.get(i).join().getFirst().remaining()).isEqualTo(9);
        }
      }
    }
  }

  /* The store learns of the move by the answers: to calls of many slots, of which one has gone. */
  @Test
  void slotThatMoves_isFollowed_andEveryCheckCountsOnce() {
    try (RedisStore store = connected(ClusterBatches.NODE)) {
      RedisKey moving = key("moved-3");
      RedisProcess from = redis.primaryOf(moving.slot());
      RedisProcess to = redis.primaries().stream().filter(node -> node != from).findFirst().get();
      assertThat(left(together(store, checks("moved-")))).containsOnly(9L);

      var migration = redis.beginMigration(moving.slot(), to);
      assertThat(left(together(store, checks("moved-")))).containsOnly(8L);
      migration.moveKeys(Integer.MAX_VALUE);
      assertThat(left(together(store, checks("moved-")))).containsOnly(7L);
      migration.finish();
      assertThat(left(together(store, checks("moved-")))).containsOnly(6L);
      redis.migrateSlot(moving.slot(), from);
      assertThat(left(together(store, checks("moved-")))).containsOnly(5L);
    }
  }

  private static RedisKey key(String name) {
    var counter = take(WINDOW, name, 1).key();
    return RedisKey.of(RedisKey.Naming.of(RedisOptions.DEFAULT_PREFIX, counter.limit()), counter);
  }
}
