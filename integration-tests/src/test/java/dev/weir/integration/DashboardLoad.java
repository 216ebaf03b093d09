// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Two clients that ask for decisions over HTTP, one batch after the other, until they are stopped.
 */
final class DashboardLoad implements AutoCloseable {

  private static final int CLIENTS = 2;
  private static final int BATCH = 50;

  private final AtomicLong decisions = new AtomicLong();
  private final List<Thread> clients = new ArrayList<>();
  private volatile boolean stopped;

  private DashboardLoad() {}

  static DashboardLoad start(DashboardServer server) {
    DashboardLoad load = new DashboardLoad();
    String body =
        IntStream.range(0, BATCH)
            .mapToObj(DashboardLoad::check)
            .collect(Collectors.joining(",", "{\"checks\":[", "]}"));
    for (int i = 0; i < CLIENTS; i++) {
      load.clients.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (!load.stopped) {
                      server.post("/v1/checks", body);
                      load.decisions.addAndGet(BATCH);
                      LockSupport.parkNanos(pauseNanos());
                    }
                  }));
    }
    return load;
  }

  /** Leaves the processors to the browser, and makes waves of half a minute. */
  private static long pauseNanos() {
    double wave = Math.sin(System.nanoTime() / 5e9);
    return (long) ((5 + 2.5 * wave) * 1_000_000);
  }

  private static String check(int number) {
    String entry = number % 5 == 0 ? "api\",\"user\",\"load-0" : "shop\",\"path\",\"/search";
    String[] parts = entry.split("\",\"");
    return "{\"domain\":\"%s\",\"descriptors\":[{\"entries\":[{\"key\":\"%s\",\"value\":\"%s\"}]}]}"
        .formatted((Object[]) parts);
  }

  /** Ends it; every answer has come then. */
  void stop() throws InterruptedException {
    stopped = true;
    for (Thread client : clients) {
      client.join();
    }
  }

  long decisions() {
    return decisions.get();
  }

  @Override
  public void close() throws InterruptedException {
    stop();
  }
}
