// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static dev.weir.records.Samples.make;
import static dev.weir.records.Samples.put;
import static dev.weir.records.Samples.user;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.RedisOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a store must do besides where several instances share what is behind it. */
interface SharedRecordsContract extends RecordStoreContract {

  /** How every instance reaches it. */
  RedisOptions options();

  /** Empties what is behind it. */
  void flush();

  @Override
  default RecordStore create() {
    flush();
    return RedisRecords.connect(options());
  }

  @Test
  default void watch_changesOfAnotherInstance_comeInOrderWithinTwoSeconds() {
    try (RecordStore one = create();
        RecordStore other = RedisRecords.connect(options())) {
      RecordingWatcher watcher = new RecordingWatcher();
      try (Subscription watching = other.watch(watcher)) {
        assertThat(watcher.next().whole()).isTrue();
        List<Batch> batches = new ArrayList<>();
        List<Long> waited = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
          StoredRecord made = put(one, user("changed"), Integer.toString(i));
          long start = System.nanoTime();
          batches.addAll(watcher.awaitReplica(now -> now.containsValue(made)));
          waited.add(System.nanoTime() - start);
        }
        // A pause of the machine is none of the store's: most of them keep the promise.
        assertThat(waited.stream().sorted().toList().get(2))
            .as("the promise of two seconds, of %s", waited)
            .isLessThan(TimeUnit.SECONDS.toNanos(2));
        for (int i = 0; i < 100; i++) {
          put(one, user("user-" + i % 10), Integer.toString(i));
        }
        StoredRecord last = put(one, user("last"), "1");
        batches.addAll(watcher.awaitReplica(now -> now.containsValue(last)));
        assertThat(batches).noneMatch(Batch::whole);
        assertThat(batches.stream().flatMap(each -> each.present().stream()))
            .isSortedAccordingTo((x, y) -> Long.compare(x.version(), y.version()));
        assertThat(watcher.replica()).hasSize(12);
      }
    }
  }

  @Test
  default void watch_stepsOfManyRecords_areNeverToldInPart() {
    try (RecordStore one = create();
        RecordStore other = RedisRecords.connect(options())) {
      List<StoredRecord> former = List.of();
      RecordingWatcher watcher = new RecordingWatcher();
      try (Subscription watching = other.watch(watcher)) {
        watcher.next();
        String text = "\"" + "x".repeat(20_000) + "\"";
        for (int step = 0; step < 12; step++) {
          List<StoredRecord> known = former;
          int number = step;
          Change[] changes =
              IntStream.range(0, 70)
                  .mapToObj(
                      i ->
                          known.isEmpty()
                              ? Change.create(user(Integer.toString(i)), "0")
                              : Change.replace(known.get(i), number % 2 == 0 ? text : "1"))
                  .toArray(Change[]::new);
          former = make(one, changes);
        }
        StoredRecord last = former.get(69);
        List<Batch> batches = watcher.awaitReplica(now -> now.containsValue(last));
        assertThat(batches)
            .allSatisfy(
                batch ->
                    assertThat(batch.present().stream().map(StoredRecord::version).distinct())
                        .hasSize(1))
            .allSatisfy(batch -> assertThat(batch.present()).hasSize(70));
      }
    }
  }

  @Test
  default void watch_moreThanAPage_tellsTheWholeSetAtOnce() {
    try (RecordStore one = create();
        RecordStore other = RedisRecords.connect(options())) {
      for (int i = 0; i < 15; i++) {
        int first = 100 * i;
        make(
            one,
            IntStream.range(first, first + 100)
                .mapToObj(n -> Change.create(user(Integer.toString(n)), Integer.toString(n)))
                .toArray(Change[]::new));
      }
      RecordingWatcher watcher = new RecordingWatcher();
      try (Subscription watching = other.watch(watcher)) {
        Batch whole = watcher.next();
        assertThat(whole.whole()).isTrue();
        assertThat(whole.present()).hasSize(1_500);
      }
    }
  }

  @Test
  default void watch_everythingFlushed_tellsTheWholeSetAgain() {
    try (RecordStore one = create();
        RecordStore other = RedisRecords.connect(options())) {
      RecordingWatcher watcher = new RecordingWatcher();
      try (Subscription watching = other.watch(watcher)) {
        StoredRecord before = put(one, user("a"), "1");
        watcher.awaitReplica(now -> now.containsValue(before));
        flush();
        StoredRecord after = put(one, user("b"), "1");
        List<Batch> batches = watcher.awaitReplica(now -> now.containsValue(after));
        assertThat(watcher.replica()).containsOnlyKeys(user("b"));
        assertThat(batches).anyMatch(Batch::whole);
      }
    }
  }
}
