// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class MemoryStoreTest {

  private static final long SECOND = 1_000_000;
  private static final LimitId ID = LimitId.of("p", "l");

  private final AtomicLong now = new AtomicLong(1_767_225_600_000_000L);
  private final MemoryStore store = store(1_000_000);

  private MemoryStore store(long maxKeys) {
    return MemoryStore.unswept(
        new TimeSource() {
          @Override
          public long micros() {
            return now.get();
          }

          @Override
          public boolean monotonic() {
            return true;
          }
        },
        maxKeys);
  }

  private static CounterKey key(String value) {
    return CounterKey.of(ID, value.getBytes(StandardCharsets.UTF_8));
  }

  private static Charge charge(String key, Algorithm algorithm, long cost, Operation operation) {
    return new Charge(key(key), algorithm.kernel(), cost, Mode.ENFORCED, operation);
  }

  private static Verdict take(MemoryStore store, String key, Algorithm algorithm, long cost) {
    return store.applyNow(List.of(charge(key, algorithm, cost, Operation.TAKE))).getFirst();
  }

  @Test
  void sweep_idleKeys_areReclaimedAfterAGrace() {
    Algorithm bucket = TokenBucket.of(10, Duration.ofSeconds(1));
    Algorithm log = new SlidingLog(10, Duration.ofSeconds(1));
    for (int i = 0; i < 500; i++) {
      take(store, "b" + i, bucket, 1);
      take(store, "l" + i, log, 1);
    }
    assertThat(store.keys()).isEqualTo(1_000);
    now.addAndGet(5 * SECOND);
    assertThat(store.sweep()).isZero();
    now.addAndGet(10 * SECOND);
    take(store, "b7", bucket, 1);
    assertThat(store.sweep()).isEqualTo(999);
    assertThat(store.keys()).isEqualTo(1);
    assertThat(take(store, "b7", bucket, 1).remaining()).isEqualTo(8);
    assertThat(take(store, "l7", log, 1).remaining()).isEqualTo(9);
  }

  @Test
  void atTheBound_idleKeysMakeRoomAndOthersDoNot() {
    Algorithm bucket = TokenBucket.of(10, Duration.ofSeconds(10));
    MemoryStore small = store(300);
    for (int i = 0; i < 300; i++) {
      take(small, "k" + i, bucket, i < 250 ? 10 : 1);
    }
    assertThatThrownBy(() -> take(small, "new", bucket, 1))
        .isInstanceOf(StoreException.class)
        .hasMessage("no room for a new key");
    now.addAndGet(SECOND);
    for (int i = 0; i < 50; i++) {
      assertThat(take(small, "new" + i, bucket, 9).remaining()).isEqualTo(1);
    }
    assertThatThrownBy(() -> take(small, "one more", bucket, 1)).isInstanceOf(StoreException.class);
    for (int i = 0; i < 250; i++) {
      assertThat(take(small, "k" + i, bucket, 1).remaining()).isZero();
    }
    assertThat(small.keys()).isEqualTo(300);
  }

  @Test
  void anotherAlgorithm_leavesNothingOfALogBehind() {
    Algorithm log = new SlidingLog(10, Duration.ofHours(10));
    Algorithm window = new FixedWindow(10, Duration.ofSeconds(1));
    take(store, "k", log, 9);
    take(store, "k", window, 1);
    now.addAndGet(60 * SECOND);
    store.sweep();
    assertThat(store.keys()).isZero();
    assertThat(take(store, "k", log, 1).remaining()).isEqualTo(9);
  }

  @Test
  void lockedKey_isWaitedForAsLongAsItTakes() throws Exception {
    Algorithm window = new FixedWindow(10, Duration.ofHours(1));
    take(store, "k", window, 1);
    Scratch scratch = new Scratch();
    byte[] bytes = key("k").bytes();
    ID.hash().hash(bytes, bytes.length, scratch);
    long[] segment = store.table().segmentOf(scratch.high);
    int slot = CellTable.slotOf(segment, scratch.high, scratch.low);
    long first = CellTable.first(segment, slot);
    CellTable.setFirst(segment, slot, first | Cells.LOCK);
    CompletableFuture<Verdict> waiting =
        CompletableFuture.supplyAsync(() -> take(store, "k", window, 1));
    assertThatThrownBy(() -> waiting.get(200, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    CellTable.setFirst(segment, slot, first);
    assertThat(waiting.get(10, TimeUnit.SECONDS).remaining()).isEqualTo(8);
  }

  @Test
  void sweepBesideChangesOfAlgorithm_neverFails() throws InterruptedException, ExecutionException {
    Algorithm log = new SlidingLog(10, Duration.ofSeconds(1));
    Algorithm holds = new Concurrency(10, Duration.ofSeconds(1));
    CompletableFuture<Void> changing =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < 20_000; i++) {
                String key = "k" + i % 8;
                take(store, key, log, 1);
                store.applyNow(List.of(charge(key, holds, 1, new Operation.Hold("h", SECOND))));
                now.addAndGet(SECOND);
              }
            });
    while (!changing.isDone()) {
      store.sweep();
    }
    changing.get();
  }

  @Test
  void failedCheck_leavesNoKeyLocked() {
    Algorithm holds = new Concurrency(10, Duration.ofSeconds(1));
    Algorithm window = new FixedWindow(10, Duration.ofHours(1));
    assertThatThrownBy(
            () ->
                store.applyNow(
                    List.of(
                        charge("w", window, 1, Operation.TAKE),
                        charge("h", holds, 1, Operation.TAKE))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(take(store, "w", window, 1).remaining()).isEqualTo(9);
  }
}
