// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.RedisOptions;
import dev.weir.redis.fixtures.RedisProcess;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Kills a Redis that writes every change to its file with SIGKILL, while records change. */
final class RedisRecordsKillTest {
  private static final int ROUNDS = Integer.getInteger("weir.kills", 10);
  private static final long SEED = Long.getLong("weir.kills.seed", System.nanoTime());

  @Test
  void redis_killedAtAnyMoment_losesNothingAcknowledged() throws InterruptedException {
    Random random = new Random(SEED);
    try (RedisProcess redis = RedisProcess.builder().appendOnly().start();
        RecordStore store = RedisRecords.connect(RedisOptions.of(redis.url()))) {
      RecordingWatcher watcher = new RecordingWatcher();
      long last = 0;
      try (Subscription watching = store.watch(watcher)) {
        for (int round = 1; round <= ROUNDS; round++) {
          last = Math.max(last, stepAndKill(redis, store, random));
          redis.restart();
          try (RecordStore fresh = RedisRecords.connect(RedisOptions.of(redis.url()))) {
            Steps.verify(fresh, last);
          } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("round " + round + ", -Dweir.kills.seed=" + SEED, e);
          }
        }
        String value = Long.toString(last);
        watcher.awaitReplica(now -> now.containsKey(new RecordKey("step", value)));
      }
      assertThat(last).as("steps in all rounds").isPositive();
    }
  }

  /** The last step that was acknowledged before the server was killed. */
  private static long stepAndKill(RedisProcess redis, RecordStore store, Random random)
      throws InterruptedException {
    AtomicLong acknowledged = new AtomicLong();
    CountDownLatch enough = new CountDownLatch(1 + random.nextInt(100));
    Steps steps = begin(store);
    Thread stepping =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    while (true) {
                      acknowledged.set(steps.next());
                      enough.countDown();
                    }
                  } catch (RecordStoreException killed) {
                    // The fate of the step that was under way is unknown.
                  }
                });
    enough.await();
    LockSupport.parkNanos(random.nextLong(3_000_000));
    redis.kill();
    stepping.join();
    return acknowledged.get();
  }

  /* The server may have just come back: the store's own connection takes a moment. */
  private static Steps begin(RecordStore store) {
    Steps[] steps = new Steps[1];
    Eventually.holds(() -> steps[0] = new Steps(store));
    return steps[0];
  }
}
