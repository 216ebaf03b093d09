// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for what no event tells of. */
final class Eventually {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private Eventually() {}

  /** Returns once the assertion holds; throws what it throws last. */
  static void holds(Runnable assertion) {
    long start = System.nanoTime();
    while (true) {
      try {
        assertion.run();
        return;
      } catch (AssertionError | RecordStoreException e) {
        if (System.nanoTime() - start > PATIENCE_NANOS) {
          throw e;
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
      }
    }
  }
}
