// SPDX-License-Identifier: Apache-2.0
package dev.weir.faults;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Watches for times in which this process stood still, or a thread that asks or answers waited for
 * a processor: an answer that is late by that much is not the store's fault.
 */
final class Stalls implements AutoCloseable {
  private static final long NAP_NANOS = 10_000_000;
  private static final Path THREADS = Path.of("/proc/self/task");

  /* As the kernel knows them: the store's event loops, and the load. */
  private static final List<String> ASKING_AND_ANSWERING = List.of("lettuce", "load");

  private record Stall(long from, long to, long nanos) {}

  // Written by the watching thread alone until it has ended.
  private final List<Stall> stalls = new ArrayList<>();
  private final Map<Path, Long> waited = new HashMap<>();
  private final Map<Path, Boolean> matters = new HashMap<>();
  private final Thread watcher = new Thread(this::watch, "stalls");
  private volatile boolean ended;

  private Stalls() {}

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
    longestWait();
    long last = System.nanoTime();
    while (!ended) {
      LockSupport.parkNanos(NAP_NANOS);
      long wait = longestWait();
      long now = System.nanoTime();
      long stood = Math.max(wait, now - last - 2 * NAP_NANOS);
      if (stood > 0) {
        stalls.add(new Stall(last, now, stood));
      }
      last = now;
    }
  }

  /** For how long, since it was last asked, the thread waited that waited longest. */
  private long longestWait() {
    long longest = 0;
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
      for (Path thread : threads) {
        if (!matters.computeIfAbsent(thread, Stalls::asksOrAnswers)) {
          continue;
        }
        long now = waitedForProcessor(thread);
        Long before = waited.put(thread, now);
        longest = Math.max(longest, before == null ? 0 : now - before);
      }
    } catch (IOException notThisSystem) {
      return 0;
    }
    return longest;
  }

  private static boolean asksOrAnswers(Path thread) {
    try {
      String name = Files.readString(thread.resolve("comm"));
      return ASKING_AND_ANSWERING.stream().anyMatch(name::startsWith);
    } catch (IOException threadEnded) {
      return false;
    }
  }

  /* The second field of schedstat: nanoseconds ready to run and not running. */
  private static long waitedForProcessor(Path thread) throws IOException {
    try {
      String text = Files.readString(thread.resolve("schedstat"));
      int from = text.indexOf(' ') + 1;
      return Long.parseLong(text.substring(from, text.indexOf(' ', from)));
    } catch (NoSuchFileException threadEnded) {
      return 0;
    }
  }

  /** How much of a time was spent standing still. */
  long within(long from, long to) {
    long sum = 0;
    for (Stall stall : stalls) {
      if (stall.from < to && stall.to > from) {
        sum += stall.nanos;
      }
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
