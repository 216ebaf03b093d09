// SPDX-License-Identifier: Apache-2.0
package dev.weir.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Watches for times in which this process does not get a processor, or collects garbage: an answer
 * that is late by that much is not the store's fault.
 */
final class Stalls implements AutoCloseable {
  private static final long NAP_NANOS = 1_000_000;

  private record Stall(long from, long to) {}

  // Written by the watching thread alone until it has ended.
  private final List<Stall> stalls = new ArrayList<>();
  private final Thread watcher = new Thread(this::watch, "stalls");
  private volatile boolean ended;

  static Stalls watching() {
    Stalls stalls = new Stalls();
    stalls.watcher.setDaemon(true);
    stalls.watcher.start();
    return stalls;
  }

  /** Of a process that always ran. */
  static Stalls none() {
    return new Stalls();
  }

  private void watch() {
    long last = System.nanoTime();
    while (!ended) {
      LockSupport.parkNanos(NAP_NANOS);
      long now = System.nanoTime();
      if (now - last > 2 * NAP_NANOS) {
        stalls.add(new Stall(last, now));
      }
      last = now;
    }
  }

  /** How much of a time was spent standing still. */
  long within(long from, long to) {
    long sum = 0;
    for (Stall stall : stalls) {
      sum += Math.max(0, Math.min(to, stall.to) - Math.max(from, stall.from));
    }
    return sum;
  }

  @Override
  public void close() {
    ended = true;
    try {
      watcher.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
