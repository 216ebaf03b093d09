// SPDX-License-Identifier: Apache-2.0
package dev.weir.faults;

import dev.weir.core.Descriptor;
import dev.weir.core.RateLimiter;
import dev.weir.redis.RedisStore;
import dev.weir.redis.fixtures.RedisProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Two nodes spend one leased limit, and one of them is killed with permits in its hands (R29). Lost
 * are those that were admitted beyond the limit; phantom are those that went down with the node.
 */
final class NodeCrash {
  private static final long SPENT_BEFORE_THE_CRASH = 8_000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private NodeCrash() {}

  /** A node and the bytes that it has written. */
  private static final class Node implements AutoCloseable {
    private final Process process;
    private final Thread reader;
    private final AtomicLong allowed = new AtomicLong();

    Node(String url) {
      try {
        process =
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx128m",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    LeasingNode.class.getName(),
                    url)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      reader = Thread.ofVirtual().start(this::count);
    }

    private void count() {
      byte[] buffer = new byte[4_096];
      try (InputStream in = process.getInputStream()) {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          allowed.addAndGet(n);
        }
      } catch (IOException closed) {
        // With the process.
      }
    }

    /** Everything that it allowed, once it has ended. */
    long total() {
      try {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
          throw new IllegalStateException("a node does not end");
        }
        reader.join();
        return allowed.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }

    void kill() {
      process.destroyForcibly();
    }

    @Override
    public void close() {
      kill();
    }
  }

  static Findings run(String name) {
    try (RedisProcess redis = RedisProcess.start();
        Node dies = new Node(redis.url());
        Node lives = new Node(redis.url())) {
      Waits.await(() -> dies.allowed.get() > SPENT_BEFORE_THE_CRASH, PATIENCE);
      dies.kill();
      long allowed = dies.total() + lives.total();
      long left = left(redis);
      long limit = LeasingNode.BUCKET.capacity();
      long over = Math.max(0, allowed + left - limit - LeasingNode.BUCKET.refill());
      long missing = Math.max(0, limit - allowed - left);
      List<String> broken = new ArrayList<>();
      if (over > 0) {
        broken.add("R26 never more than the limit: " + allowed + " of " + limit);
      }
      if (missing > LeasingNode.LEASED) {
        broken.add("R29 a crash takes at most q with it: " + missing + " are missing");
      }
      if (dies.allowed.get() + LeasingNode.LEASED >= limit || lives.allowed.get() == 0) {
        broken.add("the fault is one: " + dies.allowed + " and " + lives.allowed);
      }
      return new Findings(
          name,
          allowed,
          allowed,
          0,
          0,
          0,
          0,
          over,
          missing,
          0,
          0,
          OptionalLong.empty(),
          OptionalLong.empty(),
          broken);
    }
  }

  private static long left(RedisProcess redis) {
    try (RedisStore store = LeasingNode.store(redis.url());
        RateLimiter limiter = LeasingNode.limiter(store)) {
      Waits.awaitConnected(store, PATIENCE);
      Descriptor descriptor =
          Descriptor.of(RateLimiter.DEFAULT_DOMAIN, RateLimiter.DEFAULT_KEY, LeasingNode.KEY);
      return limiter.peek(List.of(descriptor.withCost(0))).remaining();
    }
  }
}
