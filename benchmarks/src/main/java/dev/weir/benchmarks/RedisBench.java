// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What does a decision on Redis cost beside the peers on the JVM? Redis has one processor, the
 * client the other; each contestant runs in a fresh JVM, and all runs of a table are interleaved in
 * rounds. Nobody is denied unless a table says so.
 *
 * <p>{@code ./weir bench redis}; needs redis-server and taskset.
 */
final class RedisBench {

  static final List<String> TABLES = List.of("uniform", "zipf", "hot", "open", "flood");

  private static final int CALLERS = 256;
  private static final int ATTEMPTS = Integer.getInteger("weir.bench.attempts", 4);
  private static final double DISTURBED = 0.08;

  /** Contestants of the closed loops; the first peers are the base of the ratios. */
  private static final List<String> CONTESTANTS =
      List.of(
          "bucket4j",
          "bucket4j-batching",
          "redisson",
          "gateway",
          "lettuce-empty",
          "lettuce-empty-flush");

  private final int rounds;

  RedisBench(int rounds) {
    this.rounds = rounds;
  }

  void run(List<String> tables) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("weir-bench");
    try (Server redis = RedisServer.start(folder, 1)) {
      for (String table : tables) {
        switch (table) {
          case "uniform" -> closed(redis, Workload.UNIFORM);
          case "zipf" -> closed(redis, Workload.ZIPF);
          case "hot" -> closed(redis, Workload.HOT);
          case "open" -> {
            open(redis, 1_000);
            open(redis, 5_000);
          }
          case "flood" -> flood(redis);
          default -> throw new IllegalArgumentException("table: " + table);
        }
      }
    } finally {
      Folders.delete(folder);
    }
  }

  private void closed(Server redis, Workload workload) throws IOException, InterruptedException {
    Map<String, List<Figures>> all =
        rounds(
            redis,
            CONTESTANTS.stream()
                .map(name -> RunOptions.closed(name, workload, CALLERS, redis))
                .toList());
    System.out.printf(
        "%n%s keys, %d callers, median of %d%n",
        workload.name().toLowerCase(Locale.ROOT), CALLERS, rounds);
    RedisReport.print(all);
  }

  private void open(Server redis, int rate) throws IOException, InterruptedException {
    Map<String, List<Figures>> all =
        rounds(
            redis,
            CONTESTANTS.stream()
                .map(name -> RunOptions.open(name, Workload.UNIFORM, rate, redis))
                .toList());
    System.out.printf(
        "%nopen loop, %d checks a second from the scheduled time, uniform keys%n", rate);
    RedisReport.print(all);
  }

  private void flood(Server redis) throws IOException, InterruptedException {
    Map<String, List<Figures>> all =
        rounds(
            redis,
            CONTESTANTS.stream()
                .filter(name -> !name.startsWith("lettuce"))
                .map(name -> RunOptions.closed(name, Workload.HOT, CALLERS, redis))
                .map(options -> options.with(Allowance.ONE))
                .toList());
    System.out.printf("%none key, everything denied, %d callers%n", CALLERS);
    RedisReport.print(all);
  }

  private Map<String, List<Figures>> rounds(Server redis, List<RunOptions> runs)
      throws IOException, InterruptedException {
    Map<String, List<Figures>> all = new LinkedHashMap<>();
    try (RedisProbe probe = new RedisProbe("redis://127.0.0.1:" + redis.port())) {
      for (int round = 1; round <= rounds; round++) {
        for (RunOptions run : runs) {
          Figures figures = quietest(probe, run);
          all.computeIfAbsent(run.contestant(), name -> new ArrayList<>()).add(figures);
          System.out.printf("round %d  %s%n", round, RedisReport.row(run.contestant(), figures));
        }
      }
    }
    return all;
  }

  /** Measures again while other processes disturb. */
  private static Figures quietest(RedisProbe probe, RunOptions run)
      throws IOException, InterruptedException {
    Figures best = null;
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      probe.flushAll();
      Figures figures = RedisRun.run(run);
      if (best == null || figures.others() < best.others()) {
        best = figures;
      }
      if (best.others() <= DISTURBED) {
        break;
      }
      System.out.printf(
          "         %s: %.0f %% of the processors went to others%n",
          run.contestant(), figures.others() * 100);
    }
    return requireNonNull(best);
  }
}
