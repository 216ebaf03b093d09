// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static dev.weir.records.Samples.await;
import static dev.weir.records.Samples.entry;
import static dev.weir.records.Samples.make;
import static dev.weir.records.Samples.put;
import static dev.weir.records.Samples.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every store of records must do. Each test makes one store and closes it. */
interface RecordStoreContract {

  /** A store that holds nothing. */
  RecordStore create();

  @Test
  default void get_recordThatIsNotThere_isEmpty() {
    try (RecordStore store = create()) {
      assertThat(await(store.get(user("nobody")))).isEmpty();
    }
  }

  @Test
  default void change_newRecord_isThereAsWritten() {
    try (RecordStore store = create()) {
      String value = "{\"name\":\"Zoë 🎈\",\"empty\":\"\"}";
      RecordKey key = user("a b:c/{d} é\"\\");
      StoredRecord made = make(store, Change.create(key, value)).get(0);
      assertThat(made.key()).isEqualTo(key);
      assertThat(made.value()).isEqualTo(value);
      assertThat(made.version()).isPositive();
      assertThat(made.changedAtMillis()).isGreaterThan(1_700_000_000_000L);
      assertThat(await(store.get(key))).contains(made);
      assertThat(await(store.list("user"))).containsExactly(made);
    }
  }

  @Test
  default void change_largestValueAndLongestId_comeBack() {
    try (RecordStore store = create()) {
      String value = "\"" + "x".repeat((1 << 20) - 2) + "\"";
      StoredRecord made = put(store, user("é".repeat(300)), value);
      assertThat(await(store.get(made.key()))).contains(made);
      RecordingWatcher watcher = new RecordingWatcher();
      try (Subscription watching = store.watch(watcher)) {
        assertThat(watcher.next().present()).containsExactly(made);
      }
    }
  }

  @Test
  default void change_otherVersion_isAConflictThatNamesTheRecord() {
    try (RecordStore store = create()) {
      StoredRecord first = put(store, user("a"), "1");
      StoredRecord second = make(store, Change.replace(first, "2")).get(0);
      assertThat(second.version()).isGreaterThan(first.version());
      for (Change stale :
          List.of(
              Change.create(first.key(), "3"), Change.replace(first, "3"), Change.delete(first))) {
        assertThatThrownBy(() -> make(store, stale))
            .isInstanceOfSatisfying(
                RecordConflictException.class, e -> assertThat(e.key()).isEqualTo(first.key()));
      }
      assertThat(await(store.get(first.key()))).contains(second);
    }
  }

  @Test
  default void change_recordMadeAgain_doesNotLookLikeTheOldOne() {
    try (RecordStore store = create()) {
      StoredRecord old = put(store, user("a"), "1");
      make(store, Change.delete(old));
      assertThat(await(store.get(old.key()))).isEmpty();
      assertThat(await(store.list("user"))).isEmpty();
      StoredRecord again = put(store, user("a"), "1");
      assertThat(again.version()).isGreaterThan(old.version());
      assertThatThrownBy(() -> make(store, Change.delete(old)))
          .isInstanceOf(RecordConflictException.class);
    }
  }

  @Test
  default void change_severalOfWhichOneConflicts_doesNothing() {
    try (RecordStore store = create()) {
      StoredRecord a = put(store, user("a"), "1");
      StoredRecord b = put(store, user("b"), "1");
      StoredRecord newer = make(store, Change.replace(b, "2")).get(0);
      assertThatThrownBy(
              () ->
                  await(
                      store.change(
                          List.of(
                              Change.delete(a),
                              Change.create(user("c"), "1"),
                              Change.replace(b, "3")),
                          Optional.of(entry("try")))))
          .isInstanceOfSatisfying(
              RecordConflictException.class, e -> assertThat(e.key()).isEqualTo(user("b")));
      assertThat(await(store.list("user"))).containsExactly(a, newer);
      assertThat(await(store.audit(Long.MAX_VALUE, 10))).isEmpty();
    }
  }

  @Test
  default void change_several_areMadeWithTheirAuditEntry() {
    try (RecordStore store = create()) {
      StoredRecord a = put(store, user("a"), "1");
      StoredRecord b = put(store, user("b"), "1");
      List<StoredRecord> after =
          await(
              store.change(
                  List.of(
                      Change.replace(b, "2"), Change.delete(a), Change.create(user("c"), "\"c\"")),
                  Optional.of(entry("replace"))));
      assertThat(after).extracting(StoredRecord::key).containsExactly(user("b"), user("c"));
      assertThat(after).extracting(StoredRecord::value).containsExactly("2", "\"c\"");
      assertThat(await(store.list("user"))).containsExactlyElementsOf(after);
      List<AuditRecord> trail = await(store.audit(Long.MAX_VALUE, 10));
      assertThat(trail).hasSize(1);
      assertThat(trail.get(0).entry()).isEqualTo(entry("replace"));
      assertThat(trail.get(0).number()).isEqualTo(1);
      assertThat(trail.get(0).atMillis()).isEqualTo(after.get(0).changedAtMillis());
    }
  }

  @Test
  default void audit_entriesWithoutChanges_comeNewestFirstAndInPages() {
    try (RecordStore store = create()) {
      for (int i = 1; i <= 25; i++) {
        await(
            store.change(
                List.of(),
                Optional.of(new AuditEntry("ä", "login " + i, "", "", "x".repeat(i * 100)))));
      }
      List<AuditRecord> all = new ArrayList<>();
      long before = Long.MAX_VALUE;
      for (List<AuditRecord> page = await(store.audit(before, 10));
          !page.isEmpty();
          page = await(store.audit(before, 10))) {
        all.addAll(page);
        before = page.get(page.size() - 1).number();
      }
      assertThat(all)
          .extracting(AuditRecord::number)
          .containsExactlyElementsOf(IntStream.range(0, 25).mapToObj(i -> 25L - i).toList());
      assertThat(all)
          .allSatisfy(
              each -> {
                assertThat(each.entry().author()).isEqualTo("ä");
                assertThat(each.entry().action()).isEqualTo("login " + each.number());
                assertThat(each.entry().after()).hasSize((int) each.number() * 100);
              });
    }
  }

  @Test
  default void change_manyThreadsCounting_loseNoIncrement() throws InterruptedException {
    int threads = 4;
    int each = 25;
    try (RecordStore store = create()) {
      put(store, user("counter"), "0");
      List<Throwable> failures = new ArrayList<>();
      List<Thread> running = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        Thread thread =
            new Thread(
                () -> {
                  for (int i = 0; i < each; ) {
                    i += increment(store) ? 1 : 0;
                  }
                });
        thread.setUncaughtExceptionHandler(
            (failed, e) -> {
              synchronized (failures) {
                failures.add(e);
              }
            });
        thread.start();
        running.add(thread);
      }
      for (Thread thread : running) {
        thread.join();
      }
      assertThat(failures).isEmpty();
      assertThat(await(store.get(user("counter"))).orElseThrow().value()).isEqualTo("100");
      assertThat(await(store.audit(Long.MAX_VALUE, 500)))
          .hasSize(threads * each)
          .first()
          .satisfies(newest -> assertThat(newest.entry().after()).isEqualTo("100"));
    }
  }

  private static boolean increment(RecordStore store) {
    StoredRecord now = await(store.get(user("counter"))).orElseThrow();
    String next = Integer.toString(Integer.parseInt(now.value()) + 1);
    try {
      await(
          store.change(
              List.of(Change.replace(now, next)),
              Optional.of(new AuditEntry("t", "count", "", now.value(), next))));
      return true;
    } catch (RecordConflictException e) {
      return false;
    }
  }

  @Test
  default void list_ofAKind_isOrderedById() {
    try (RecordStore store = create()) {
      for (int i = 0; i < 1_200; i += 100) {
        int first = i;
        make(
            store,
            IntStream.range(first, first + 100)
                .map(n -> n * 7 % 1_200)
                .mapToObj(n -> Change.create(user("%05d".formatted(n)), Integer.toString(n)))
                .toArray(Change[]::new));
      }
      put(store, new RecordKey("use", "x"), "1");
      put(store, new RecordKey("user-x", "x"), "1");
      assertThat(await(store.list("user")))
          .extracting(each -> each.key().id())
          .containsExactlyElementsOf(
              IntStream.range(0, 1_200).mapToObj("%05d"::formatted).toList());
      assertThat(await(store.list("nothing"))).isEmpty();
      RecordingWatcher watcher = new RecordingWatcher();
      try (Subscription watching = store.watch(watcher)) {
        Batch first = watcher.next();
        assertThat(first.whole()).isTrue();
        assertThat(first.present()).hasSize(1_202);
      }
    }
  }

  @Test
  default void watch_storeWithRecords_tellsAllAndThenEveryChange() {
    try (RecordStore store = create()) {
      StoredRecord a = put(store, user("a"), "1");
      StoredRecord b = put(store, user("b"), "1");
      RecordingWatcher watcher = new RecordingWatcher();
      try (Subscription watching = store.watch(watcher)) {
        Batch first = watcher.next();
        assertThat(first.whole()).isTrue();
        assertThat(first.present()).containsExactly(a, b);
        assertThat(first.gone()).isEmpty();

        List<StoredRecord> after =
            make(store, Change.create(user("c"), "1"), Change.delete(a), Change.replace(b, "2"));
        Batch second = watcher.next();
        assertThat(second.whole()).isFalse();
        assertThat(second.present()).containsExactlyInAnyOrderElementsOf(after);
        assertThat(second.gone()).containsExactly(user("a"));
      }
    }
  }

  @Test
  default void watch_emptyStore_tellsThatItIsEmpty() {
    try (RecordStore store = create()) {
      RecordingWatcher watcher = new RecordingWatcher();
      try (Subscription watching = store.watch(watcher)) {
        assertThat(watcher.next()).isEqualTo(new Batch(true, List.of(), List.of()));
      }
    }
  }

  @Test
  default void watch_randomChanges_makesTheSameSetInTheSameOrder() {
    long seed = 20_261_121;
    Random random = new Random(seed);
    try (RecordStore store = create()) {
      RecordingWatcher watcher = new RecordingWatcher();
      RecordingWatcher second = new RecordingWatcher();
      try (Subscription watching = store.watch(watcher)) {
        assertThat(watcher.next().whole()).isTrue();
        TreeMap<RecordKey, StoredRecord> truth = new TreeMap<>();
        for (int i = 0; i < 150; i++) {
          RecordKey key = user(Integer.toString(random.nextInt(20)));
          StoredRecord known = truth.get(key);
          if (known != null && random.nextInt(3) == 0) {
            make(store, Change.delete(known));
            truth.remove(key);
          } else {
            truth.put(key, put(store, key, Integer.toString(i)));
          }
        }
        StoredRecord last = put(store, user("last"), "1");
        truth.put(last.key(), last);
        List<Batch> batches = watcher.awaitReplica(now -> now.containsKey(last.key()));
        assertThat(watcher.replica()).as("seed %s", seed).isEqualTo(truth);
        assertThat(batches.stream().flatMap(each -> each.present().stream()))
            .isSortedAccordingTo((x, y) -> Long.compare(x.version(), y.version()));
        assertThat(batches).noneMatch(Batch::whole);
        try (Subscription late = store.watch(second)) {
          second.next();
          assertThat(second.replica()).as("seed %s", seed).isEqualTo(truth);
        }
      }
    }
  }

  @Test
  default void watch_watcherThatThrows_isToldOn() {
    try (RecordStore store = create()) {
      RecordingWatcher told = new RecordingWatcher();
      Watcher broken =
          batch -> {
            told.changed(batch);
            throw new IllegalStateException("thrown by the test");
          };
      try (Subscription watching = store.watch(broken)) {
        told.next();
        StoredRecord made = put(store, user("a"), "1");
        assertThat(told.next().present()).containsExactly(made);
      }
    }
  }

  @Test
  default void watch_closed_tellsNoMore() {
    try (RecordStore store = create()) {
      RecordingWatcher closed = new RecordingWatcher();
      RecordingWatcher open = new RecordingWatcher();
      Subscription first = store.watch(closed);
      try (Subscription second = store.watch(open)) {
        closed.next();
        open.next();
        first.close();
        StoredRecord made = put(store, user("a"), "1");
        open.awaitReplica(now -> now.containsValue(made));
        assertThat(closed.heardNothing()).isTrue();
      }
    }
  }

  @Test
  default void answer_thatWaitsForAnother_isGiven() {
    try (RecordStore store = create()) {
      StoredRecord made = put(store, user("a"), "1");
      Optional<StoredRecord> second =
          await(store.get(made.key()).thenApply(first -> await(store.get(made.key()))));
      assertThat(second).contains(made);
    }
  }

  @Test
  default void step_outOfBounds_isRefusedWithAClearError() {
    try (RecordStore store = create()) {
      Change one = Change.create(user("a"), "1");
      assertThatThrownBy(() -> store.change(List.of(), Optional.empty()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected: 1..100");
      assertThatThrownBy(() -> store.change(List.of(one, one), Optional.empty()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("user:a twice");
      List<Change> many =
          IntStream.range(0, 101).mapToObj(i -> Change.create(user("" + i), "1")).toList();
      assertThatThrownBy(() -> store.change(many, Optional.empty()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("changes: 101");
      String large = "x".repeat(1 << 20);
      List<Change> heavy =
          IntStream.range(0, 5).mapToObj(i -> Change.create(user("" + i), large)).toList();
      assertThatThrownBy(() -> store.change(heavy, Optional.empty()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("5242880 bytes");
      assertThatThrownBy(() -> store.audit(5, 501))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected: 1..500");
      assertThatThrownBy(() -> store.audit(-1, 5)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> store.list("Users")).isInstanceOf(IllegalArgumentException.class);
      assertThat(await(store.list("user"))).isEmpty();
    }
  }

  @Test
  default void closedStore_answersThatItIsClosed() {
    RecordStore store = create();
    store.close();
    CompletableFuture<?> answer = store.get(user("a")).toCompletableFuture();
    assertThatThrownBy(() -> await(answer))
        .isInstanceOfSatisfying(
            RecordStoreException.class,
            e -> assertThat(e.category()).isEqualTo(RecordStoreException.Category.UNAVAILABLE));
    store.close();
  }
}
