// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.lang.ref.WeakReference;

/**
 * A daemon thread that reclaims a store's idle keys, segment by segment, and ends when the store is
 * closed or no longer referenced.
 *
 * <p>It comes round every minute: far within the hour after which the word of an idle token bucket
 * would become ambiguous.
 */
final class Sweeper implements Runnable {

  private static final long PERIOD_MILLIS = 60_000;

  private final WeakReference<MemoryStore> store;
  private final Thread thread;

  private Sweeper(MemoryStore store) {
    this.store = new WeakReference<>(store);
    this.thread = new Thread(this, "weir-sweeper");
    this.thread.setDaemon(true);
  }

  static Sweeper start(MemoryStore store) {
    Sweeper sweeper = new Sweeper(store);
    sweeper.thread.start();
    return sweeper;
  }

  void stop() {
    thread.interrupt();
  }

  @Override
  public void run() {
    try {
      while (sweepOnce()) {
        Thread.sleep(PERIOD_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  // The strong reference lives in this method only, so that the sleep does not keep the store.
  private boolean sweepOnce() {
    MemoryStore current = store.get();
    if (current == null) {
      return false;
    }
    current.sweep();
    return true;
  }
}
