// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * A number of callers, each of whom asks again as soon as it is answered, on the thread that
 * answers. One check in 16 is timed.
 */
final class ClosedLoop {

  private static final int MAX_AT_ONCE = 256;
  private static final int TIMED_MASK = 15;
  private static final long MAX_NANOS = 100_000_000_000L;

  private final Contestant contestant;
  private final int[] sequence;
  private final Caller[] callers;
  private final Recorder latencies = new Recorder(MAX_NANOS, 3);
  private final CountDownLatch ended;
  private final LinkedBlockingQueue<Caller> waiting = new LinkedBlockingQueue<>();
  private volatile boolean stopped;

  ClosedLoop(Contestant contestant, int[] sequence, int callers) {
    this.contestant = contestant;
    this.sequence = sequence;
    this.ended = new CountDownLatch(callers);
    this.callers = new Caller[callers];
    for (int i = 0; i < callers; i++) {
      this.callers[i] = new Caller(i * (sequence.length / callers), Long.MAX_VALUE);
    }
  }

  /** Checks the first so many keys once each. */
  static void once(Contestant contestant, int keys, int callers) throws InterruptedException {
    int[] sequence = new int[keys];
    for (int i = 0; i < keys; i++) {
      sequence[i] = i;
    }
    ClosedLoop loop = new ClosedLoop(contestant, sequence, Math.min(keys, callers));
    for (int i = 0; i < loop.callers.length; i++) {
      int from = (int) ((long) keys * i / loop.callers.length);
      int to = (int) ((long) keys * (i + 1) / loop.callers.length);
      loop.callers[i] = loop.new Caller(from, to - from);
    }
    loop.start();
    loop.awaitEnd();
  }

  /** What the callers had been told up to a moment. */
  record Totals(long admitted, long denied, long failed) {
    long all() {
      return admitted + denied + failed;
    }

    Totals plus(Totals other) {
      return new Totals(admitted + other.admitted, denied + other.denied, failed + other.failed);
    }

    Totals minus(Totals other) {
      return new Totals(admitted - other.admitted, denied - other.denied, failed - other.failed);
    }
  }

  /** Starts all callers, on a thread of the loop's own. */
  void start() {
    waiting.addAll(List.of(callers));
    Thread thread = new Thread(this::askForTheWaiting, "callers");
    thread.setDaemon(true);
    thread.start();
  }

  private void askForTheWaiting() {
    try {
      while (ended.getCount() > 0) {
        Caller caller = waiting.poll(10, TimeUnit.MILLISECONDS);
        if (caller != null) {
          caller.ask();
        }
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  // The callers' threads go on counting: each total is of some moment near this one.
  Totals totals() {
    long admitted = 0;
    long denied = 0;
    long failed = 0;
    for (Caller caller : callers) {
      admitted += caller.admitted;
      denied += caller.denied;
      failed += caller.failed;
    }
    return new Totals(admitted, denied, failed);
  }

  /** Nanoseconds of the checks timed since the last call. */
  Histogram latencies() {
    return latencies.getIntervalHistogram();
  }

  /** Lets every caller get its last answer. */
  void stop() {
    stopped = true;
  }

  /** Waits until they have. */
  void awaitEnd() throws InterruptedException {
    ended.await();
  }

  /** One caller; on one thread at a time. */
  private final class Caller implements BiConsumer<Object, Throwable> {

    private int position;
    private long left;
    private long asked;
    private long started;
    private long admitted;
    private long denied;
    private long failed;

    Caller(int position, long checks) {
      this.position = position;
      this.left = checks;
    }

    void ask() {
      // Whoever is answered at once again and again must not keep the thread that reads answers.
      for (int atOnce = 0; !stopped && left-- > 0; atOnce++) {
        if (atOnce == MAX_AT_ONCE) {
          left++;
          waiting.add(this);
          return;
        }
        boolean timed = (++asked & TIMED_MASK) == 0;
        started = timed ? System.nanoTime() : 0;
        CompletionStage<?> answer = contestant.check(sequence[position]);
        position = position + 1 == sequence.length ? 0 : position + 1;
        if (answer instanceof CompletableFuture<?> future
            && future.isDone()
            && !future.isCompletedExceptionally()) {
          count(future.join(), null);
        } else {
          answer.whenComplete(this);
          return;
        }
      }
      ended.countDown();
    }

    @Override
    public void accept(@Nullable Object answer, @Nullable Throwable failure) {
      count(answer, failure);
      ask();
    }

    private void count(@Nullable Object answer, @Nullable Throwable failure) {
      if (started != 0) {
        latencies.recordValue(Math.min(MAX_NANOS, System.nanoTime() - started));
      }
      if (answer == null || failure != null || contestant.degraded(answer)) {
        failed++;
      } else if (contestant.admitted(answer)) {
        admitted++;
      } else {
        denied++;
      }
    }
  }
}
