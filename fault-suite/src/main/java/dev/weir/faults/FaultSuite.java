// SPDX-License-Identifier: Apache-2.0
package dev.weir.faults;

import dev.weir.core.TokenBucket;
import dev.weir.redis.fixtures.FaultProxy;
import dev.weir.redis.fixtures.RedisClusterProcesses;
import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.redis.fixtures.SentinelProcesses;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Does to real Redis processes what happens to them in the end, under load, and holds what callers
 * were told against what was promised. Question: which charges does each fault lose or make up, and
 * how long does anybody wait? Command: {@code ./weir bench faults}.
 */
public final class FaultSuite {

  /**
   * How a suite runs.
   *
   * @param seed of the keys that are asked for
   * @param perSecond checks
   * @param calm time before a fault and after it
   * @param fault how long a fault lasts whose length is ours to choose
   * @param deadline of the store
   * @param tolerance by how much an answer may miss its deadline
   */
  public record Settings(
      long seed,
      int perSecond,
      Duration calm,
      Duration fault,
      Duration deadline,
      Duration tolerance) {}

  /** Needs {@code valkey-server} and {@code faketime} on the path. */
  public static final String CLOCK_MOVED = "clock set back and forth";

  /* Where no check may fail, a pause of this machine must not look like one of the store. */
  private static final int LONGER = 20;

  private final Settings settings;
  private final Map<String, Supplier<Findings>> faults = new LinkedHashMap<>();
  private final Expectation nothingLost;
  private final Expectation serving;

  public FaultSuite(Settings settings) {
    this.settings = settings;
    this.nothingLost = Expectation.of(settings.deadline(), settings.tolerance());
    this.serving =
        Expectation.of(settings.deadline().multipliedBy(LONGER), settings.tolerance())
            .storeKeepsServing();
    faults.put("none", this::none);
    faults.put("server paused", this::paused);
    faults.put("server killed, log on disk", () -> killed(true));
    faults.put("server killed, nothing on disk", () -> killed(false));
    faults.put("started before the server", this::startedBefore);
    faults.put("scripts flushed", this::scriptsFlushed);
    faults.put("memory full", this::memoryFull);
    faults.put("one key of a wrong type", this::wrongType);
    faults.put("connections killed by the server", this::clientsKilled);
    faults.put("connections cut", this::cut);
    faults.put("connections half closed", this::halfClosed);
    faults.put("answers too slow", () -> slow(false));
    faults.put("requests too slow", () -> slow(true));
    faults.put("silence", this::silence);
    faults.put("sentinel failover", this::sentinelFailover);
    faults.put("cluster failover", this::clusterFailover);
    faults.put("cluster takeover", this::clusterTakeover);
    faults.put("slots moved", this::slotsMoved);
    faults.put("node killed with leases", () -> NodeCrash.run("node killed with leases"));
    faults.put(CLOCK_MOVED, this::clockMoved);
  }

  /** The faults, in the order in which they are told of. */
  public List<String> faults() {
    return List.copyOf(faults.keySet());
  }

  /** Lets the JVM load and compile what it will need. */
  public void warmUp() {
    var unused = List.of(none(), clientsKilled());
  }

  /**
   * Runs one fault.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public Findings run(String fault) {
    Supplier<Findings> run = faults.get(fault);
    if (run == null) {
      throw new IllegalArgumentException(
          "fault: " + fault + " (expected: one of " + faults() + ")");
    }
    return run.get();
  }

  private Findings none() {
    try (RedisProcess redis = RedisProcess.start()) {
      return run("none", redis.url(), serving, this::pause);
    }
  }

  private Findings paused() {
    try (RedisProcess redis = RedisProcess.start()) {
      return run(
          "server paused",
          redis.url(),
          nothingLost,
          () -> {
            redis.pause();
            pause();
            redis.resume();
          });
    }
  }

  private Findings killed(boolean logged) {
    RedisProcess.Builder builder = RedisProcess.builder();
    try (RedisProcess redis = logged ? builder.appendOnly().start() : builder.start()) {
      return run(
          logged ? "server killed, log on disk" : "server killed, nothing on disk",
          redis.url(),
          logged ? nothingLost.answersAreLost() : nothingLost.redisLosesWrites(),
          () -> {
            redis.kill();
            pause();
            redis.restart();
          });
    }
  }

  private Findings startedBefore() {
    try (RedisProcess redis = RedisProcess.start()) {
      redis.kill();
      return new FaultRun(settings, "started before the server", redis.url(), nothingLost)
          .atOnce()
          .inject(redis::restart);
    }
  }

  private Findings scriptsFlushed() {
    try (RedisProcess redis = RedisProcess.start()) {
      return run(
          "scripts flushed",
          redis.url(),
          serving,
          () -> repeat(20, () -> redis.cli("SCRIPT", "FLUSH", "SYNC")));
    }
  }

  private Findings memoryFull() {
    try (RedisProcess redis = RedisProcess.start()) {
      return run(
          "memory full",
          redis.url(),
          nothingLost,
          () -> {
            redis.cli("CONFIG", "SET", "maxmemory", "1");
            pause();
            redis.cli("CONFIG", "SET", "maxmemory", "0");
          });
    }
  }

  private Findings wrongType() {
    try (RedisProcess redis = RedisProcess.start()) {
      Told.Key victim = Load.keys().getFirst();
      Expectation expectation = serving.exceptFor(victim);
      return run(
          "one key of a wrong type",
          redis.url(),
          expectation,
          () -> {
            String key = keyOf(redis, victim);
            redis.cli("DEL", key);
            redis.cli("RPUSH", key, "not", "a", "state");
            pause();
            redis.cli("DEL", key);
          });
    }
  }

  private static String keyOf(RedisProcess redis, Told.Key key) {
    String pattern = "*" + key.entry() + "*";
    return redis.cli("KEYS", pattern).list().stream()
        .map(Object::toString)
        .filter(name -> name.contains(key.value()))
        .min(Comparator.comparingInt(String::length))
        .orElseThrow(() -> new IllegalStateException(key + " is not in Redis"));
  }

  private Findings clientsKilled() {
    try (RedisProcess redis = RedisProcess.start()) {
      return run(
          "connections killed by the server",
          redis.url(),
          nothingLost.answersAreLost().passesQuickly(),
          () -> repeat(4, () -> redis.cli("CLIENT", "KILL", "TYPE", "normal")));
    }
  }

  private Findings cut() {
    return throughProxy(
        "connections cut",
        nothingLost.answersAreLost().passesQuickly(),
        proxy -> repeat(4, proxy::cut));
  }

  private Findings halfClosed() {
    return throughProxy(
        "connections half closed",
        nothingLost.answersAreLost().passesQuickly(),
        proxy -> repeat(4, proxy::halfClose));
  }

  private Findings slow(boolean requests) {
    Duration delay = settings.deadline().multipliedBy(4);
    return throughProxy(
        requests ? "requests too slow" : "answers too slow",
        nothingLost,
        proxy -> {
          if (requests) {
            proxy.delayRequests(delay);
          } else {
            proxy.delayAnswers(delay);
          }
          pause();
          proxy.clear();
        });
  }

  private Findings silence() {
    return throughProxy(
        "silence",
        nothingLost.answersAreLost(),
        proxy -> {
          proxy.silence();
          pause();
          proxy.clear();
        });
  }

  private interface ProxyFault {
    void inject(FaultProxy proxy);
  }

  private Findings throughProxy(String name, Expectation expectation, ProxyFault fault) {
    try (RedisProcess redis = RedisProcess.start();
        FaultProxy proxy = FaultProxy.to(redis.port())) {
      return new FaultRun(settings, name, "redis://127.0.0.1:" + proxy.port(), expectation)
          .inspecting(redis.url())
          .inject(() -> fault.inject(proxy));
    }
  }

  private Findings sentinelFailover() {
    try (SentinelProcesses sentinels = SentinelProcesses.start(1)) {
      return run(
          "sentinel failover",
          sentinels.url(),
          nothingLost.redisLosesWrites(),
          () -> sentinels.awaitOtherPrimary(sentinels.killPrimary()));
    }
  }

  private Findings clusterFailover() {
    try (RedisClusterProcesses cluster = RedisClusterProcesses.start(3, 1)) {
      return run(
          "cluster failover",
          cluster.url(),
          nothingLost.redisLosesWrites(),
          () -> {
            cluster.awaitOtherPrimaryOf(0, cluster.killPrimaryOf(0));
            cluster.awaitServing();
          });
    }
  }

  private Findings clusterTakeover() {
    try (RedisClusterProcesses cluster = RedisClusterProcesses.start(3, 1)) {
      return run(
          "cluster takeover",
          cluster.url(),
          nothingLost.redisLosesWrites().passesQuickly(),
          () -> {
            cluster.takeOver(0);
            cluster.awaitServing();
          });
    }
  }

  private Findings slotsMoved() {
    try (RedisClusterProcesses cluster = RedisClusterProcesses.start(3, 0)) {
      return run("slots moved", cluster.url(), serving, () -> moveFullSlots(cluster));
    }
  }

  /** Moves every slot of the first primary that holds a key, each half of the time half-moved. */
  private static void moveFullSlots(RedisClusterProcesses cluster) {
    RedisProcess from = cluster.primaries().get(0);
    RedisProcess to = cluster.primaries().get(1);
    List<Integer> slots =
        from.cli("KEYS", "*").list().stream()
            .map(key -> cluster.slotOf(key.text()))
            .distinct()
            .toList();
    for (int slot : slots) {
      var migration = cluster.beginMigration(slot, to);
      migration.moveKeys(1);
      Waits.nap(Duration.ofMillis(10));
      migration.finish();
    }
  }

  private Findings clockMoved() {
    /* Full within 20 hours: to go back a day is a step, to come forward again fills it up. */
    TokenBucket bucket = new TokenBucket(Checker.LIMIT, Checker.LIMIT, Duration.ofHours(20));
    try (RedisProcess valkey =
        RedisProcess.builder().program("valkey-server").movableClock().start()) {
      return new FaultRun(settings, CLOCK_MOVED, valkey.url(), serving.clockSteps(2))
          .limiting(bucket)
          .inject(
              () -> {
                valkey.moveClock(Duration.ofDays(-1));
                pause();
                valkey.moveClock(Duration.ZERO);
              });
    }
  }

  private Findings run(String name, String url, Expectation expectation, Runnable injection) {
    return new FaultRun(settings, name, url, expectation).inject(injection);
  }

  private void pause() {
    Waits.nap(settings.fault());
  }

  /** So many times, spread over the time of a fault. */
  private void repeat(int times, Runnable action) {
    for (int i = 0; i < times; i++) {
      action.run();
      Waits.nap(settings.fault().dividedBy(times));
    }
  }
}
