// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs the same work on several threads that start together. */
final class Threads {

  private Threads() {}

  /** The sum of what the threads counted. */
  static long sum(int threads, Callable<Long> work) throws InterruptedException {
    List<Callable<Long>> all = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      all.add(work);
    }
    return run(all).stream().mapToLong(Long::longValue).sum();
  }

  /** What the threads answered, in order. */
  static <T> List<T> run(List<Callable<T>> works) throws InterruptedException {
    CountDownLatch start = new CountDownLatch(works.size());
    List<Future<T>> futures = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(works.size())) {
      for (Callable<T> work : works) {
        futures.add(
            pool.submit(
                () -> {
                  start.countDown();
                  start.await();
                  return work.call();
                }));
      }
      List<T> answers = new ArrayList<>();
      for (Future<T> future : futures) {
        answers.add(future.get());
      }
      return answers;
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }
}
