// SPDX-License-Identifier: Apache-2.0
package dev.weir.faults;

import dev.weir.redis.RedisStore;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits that end. */
final class Waits {
  private Waits() {}

  /** Waits for what other threads and processes do, or until patience ends. */
  static void await(BooleanSupplier condition, Duration patience) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean() && System.nanoTime() - start < patience.toNanos()) {
      nap(Duration.ofMillis(1));
    }
  }

  static void awaitConnected(RedisStore store, Duration atMost) {
    try {
      if (!store.awaitConnected(atMost) && !atMost.isZero()) {
        throw new IllegalStateException("not connected: " + store.health());
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted", e);
  }

  static void nap(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }
}
