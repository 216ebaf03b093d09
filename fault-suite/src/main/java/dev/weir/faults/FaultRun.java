// SPDX-License-Identifier: Apache-2.0
package dev.weir.faults;

import dev.weir.core.Algorithm;
import dev.weir.core.RateLimiter;
import dev.weir.redis.RedisOptions;
import dev.weir.redis.RedisStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** One fault under load, and what came of it. */
final class FaultRun {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final FaultSuite.Settings settings;
  private final String name;
  private final String url;
  private final Expectation expectation;
  private Algorithm tight = Load.TIGHT;
  private String inspected;
  private Duration connecting = PATIENCE;

  FaultRun(FaultSuite.Settings settings, String name, String url, Expectation expectation) {
    this.settings = settings;
    this.name = name;
    this.url = url;
    this.inspected = url;
    this.expectation = expectation;
  }

  /** Another way to the same Redis, for reading what it holds in the end. */
  FaultRun inspecting(String directUrl) {
    inspected = directUrl;
    return this;
  }

  /** Another limit on the tight keys. */
  FaultRun limiting(Algorithm algorithm) {
    tight = algorithm;
    return this;
  }

  /** Does not wait for a connection before the first check. */
  FaultRun atOnce() {
    connecting = Duration.ZERO;
    return this;
  }

  Findings inject(Runnable injection) {
    Stalls stalls = Stalls.watching();
    try (RedisStore store =
        RedisStore.create(RedisOptions.of(url).timeout(expectation.deadline()))) {
      Load load = new Load(store, tight, settings.seed(), settings.perSecond());
      long began;
      long ended;
      try (load) {
        Waits.awaitConnected(store, connecting);
        load.start();
        Waits.nap(settings.calm());
        began = System.nanoTime();
        injection.run();
        ended = System.nanoTime();
        Waits.await(() -> load.judgedAfter(ended), PATIENCE);
        Waits.nap(settings.calm());
      }
      Waits.await(load::allTold, PATIENCE);
      Map<Told.Key, Counted> counted = settled();
      stalls.close();
      return Checker.check(
          name, new History(load.asked(), load.told(), counted, began, ended, stalls), expectation);
    } finally {
      stalls.close();
    }
  }

  /** What Redis holds once late answers have been given back. */
  private Map<Told.Key, Counted> settled() {
    try (RedisStore store =
        RedisStore.create(RedisOptions.of(inspected).timeout(Duration.ofSeconds(5)))) {
      Waits.awaitConnected(store, PATIENCE);
      RateLimiter limiter = Load.limiter(store, tight);
      Map<Told.Key, Counted> last = counts(limiter);
      while (true) {
        Waits.nap(Duration.ofMillis(200));
        Map<Told.Key, Counted> next = counts(limiter);
        if (next.equals(last)) {
          return next;
        }
        last = next;
      }
    }
  }

  private Map<Told.Key, Counted> counts(RateLimiter limiter) {
    Map<Told.Key, Counted> counts = new HashMap<>();
    Load.keys().forEach(key -> counts.put(key, Load.counted(limiter, key)));
    return counts;
  }
}
