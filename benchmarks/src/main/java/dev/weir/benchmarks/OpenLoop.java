// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Checks at a steady rate, each timed from the moment at which it was due, whether or not the ones
 * before it have been answered.
 */
final class OpenLoop {

  /** How a check ended, in the order of {@link #outcome}. */
  enum Outcome {
    UNANSWERED,
    ADMITTED,
    DENIED,
    FAILED
  }

  private final Contestant contestant;
  private final int[] sequence;
  private final int rate;
  private final long[] dueNanos;
  private final long[] tookNanos;
  private final long[] askedNanos;
  private final byte[] outcomes;
  private final AtomicInteger unanswered = new AtomicInteger();

  OpenLoop(Contestant contestant, int[] sequence, int rate, int seconds) {
    this.contestant = contestant;
    this.sequence = sequence;
    this.rate = rate;
    int checks = Math.multiplyExact(rate, seconds);
    this.dueNanos = new long[checks];
    this.tookNanos = new long[checks];
    this.askedNanos = new long[checks];
    this.outcomes = new byte[checks];
  }

  /** Runs to the end on the calling thread and waits until all are answered, a while at most. */
  void run() throws IOException, InterruptedException {
    // The kernel may wake this thread 50 µs late unless told otherwise.
    Path thread = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName();
    Files.writeString(Path.of("/proc", thread.toString(), "timerslack_ns"), "1");
    long start = System.nanoTime();
    for (int i = 0; i < dueNanos.length; i++) {
      long due = start + i * 1_000_000_000L / rate;
      dueNanos[i] = due;
      for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
        LockSupport.parkNanos(wait);
      }
      ask(i);
    }
    long giveUp = System.nanoTime() + 2_000_000_000L;
    while (unanswered.get() > 0 && System.nanoTime() < giveUp) {
      Thread.sleep(1);
    }
  }

  private void ask(int check) {
    unanswered.incrementAndGet();
    askedNanos[check] = System.nanoTime();
    contestant
        .check(sequence[check % sequence.length])
        .whenComplete(
            (answer, failure) -> {
              tookNanos[check] = System.nanoTime() - dueNanos[check];
              Outcome outcome =
                  failure != null || contestant.degraded(answer)
                      ? Outcome.FAILED
                      : contestant.admitted(answer) ? Outcome.ADMITTED : Outcome.DENIED;
              outcomes[check] = (byte) outcome.ordinal();
              unanswered.decrementAndGet();
            });
  }

  int checks() {
    return dueNanos.length;
  }

  long dueNanos(int check) {
    return dueNanos[check];
  }

  /** From the moment at which it was due. */
  long tookNanos(int check) {
    return tookNanos[check];
  }

  /** How late it was asked: the machine's or this process's fault, not the contestant's. */
  long lateNanos(int check) {
    return askedNanos[check] - dueNanos[check];
  }

  Outcome outcome(int check) {
    return Outcome.values()[outcomes[check]];
  }

  double share(Outcome outcome) {
    int count = 0;
    for (byte o : outcomes) {
      count += o == outcome.ordinal() ? 1 : 0;
    }
    return (double) count / outcomes.length;
  }

  /** Answer times in order of length. */
  long[] sortedNanos() {
    long[] sorted = tookNanos.clone();
    Arrays.sort(sorted);
    return sorted;
  }
}
