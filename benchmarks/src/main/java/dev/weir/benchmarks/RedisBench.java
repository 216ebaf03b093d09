// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import static java.util.Objects.requireNonNull;

import dev.weir.redis.fixtures.RedisClusterProcesses;
import dev.weir.redis.fixtures.RedisProcess;
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
 * <p>{@code ./weir bench redis}; needs taskset.
 */
final class RedisBench {

  static final List<String> TABLES =
      List.of(
          "uniform", "zipf", "hot", "flood", "leased", "http", "open", "scripts", "outage",
          "limits", "cluster");

  private static final Path SYSTEM_REDIS = Path.of("/usr/bin/redis-server");
  private static final int CALLERS = 256;
  private static final int ATTEMPTS = Integer.getInteger("weir.bench.attempts", 4);
  private static final double DISTURBED = 0.08;

  /** One script call per check over one connection. */
  private static final String PLAIN = "lettuce-charge";

  private static final List<String> CONTESTANTS =
      List.of(
          "weir",
          "bucket4j",
          "bucket4j-batching",
          "redisson",
          "gateway",
          PLAIN,
          "lettuce-charge-flush",
          "lettuce-empty-flush");

  private final Path program;
  private final int rounds;

  RedisBench(Path program, int rounds) {
    this.program = program;
    this.rounds = rounds;
  }

  void run(List<String> tables) throws IOException, InterruptedException {
    // The system's Redis if there is one: its allocator is what operators have.
    RedisProcess.Builder builder = RedisProcess.builder().cpu(1);
    try (RedisProcess redis = system(builder).start()) {
      System.out.println(redis.version() + ", " + redis.info("memory").get("mem_allocator"));
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
          case "scripts" -> scripts(redis);
          case "limits" -> limits(redis);
          case "outage" -> OutageBench.run(system(RedisProcess.builder().cpu(1)));
          case "cluster" -> cluster();
          case "leased" -> new LeaseBench(rounds).run(redis);
          case "http" -> new RedisHttpBench(program, rounds).run(redis);
          default -> throw new IllegalArgumentException("table: " + table);
        }
      }
    }
  }

  private static RedisProcess.Builder system(RedisProcess.Builder builder) {
    return Files.isExecutable(SYSTEM_REDIS) ? builder.program("redis-server") : builder;
  }

  private void closed(RedisProcess redis, Workload workload)
      throws IOException, InterruptedException {
    List<RunOptions> runs = new ArrayList<>();
    for (String name : CONTESTANTS) {
      runs.add(RunOptions.closed(name, workload, CALLERS, redis));
    }
    Map<String, List<Figures>> all = rounds(redis, runs);
    String name = workload.name().toLowerCase(Locale.ROOT);
    RedisReport.print("%s keys, %d callers".formatted(name, CALLERS), all);
    RedisReport.closedBars(workload, all);
  }

  private void open(RedisProcess redis, int rate) throws IOException, InterruptedException {
    List<RunOptions> runs = new ArrayList<>();
    for (String name : List.of("weir", "bucket4j", "bucket4j-batching", PLAIN)) {
      runs.add(RunOptions.open(name, Workload.UNIFORM, rate, redis));
    }
    Map<String, List<Figures>> all = rounds(redis, runs);
    RedisReport.print("open loop, uniform keys, %d checks a second".formatted(rate), all);
    RedisReport.p50Ratio(all, "weir", PLAIN, 1.1);
    RedisReport.p99Ratio(all, "weir", PLAIN, 1.1);
  }

  private void flood(RedisProcess redis) throws IOException, InterruptedException {
    List<RunOptions> runs = new ArrayList<>();
    for (String name :
        List.of("weir-remembering", "bucket4j", "bucket4j-batching", "redisson", "gateway")) {
      runs.add(RunOptions.closed(name, Workload.HOT, CALLERS, redis).with(Allowance.ONE));
    }
    Map<String, List<Figures>> all = rounds(redis, runs);
    RedisReport.print("one key, everything denied, 256 callers", all);
    RedisReport.atLeast(
        "denials/s", Figures.median(requireNonNull(all.get("weir-remembering"))).rate(), 5_000_000);
  }

  private void scripts(RedisProcess redis) throws IOException, InterruptedException {
    List<RunOptions> runs =
        List.of(
            RunOptions.closed("lettuce-empty-flush", Workload.UNIFORM, CALLERS, redis),
            RunOptions.closed("script-1", Workload.UNIFORM, CALLERS, redis),
            RunOptions.closed("script-32", Workload.UNIFORM, CALLERS / 16, redis),
            RunOptions.closed("script-32-of-3", Workload.UNIFORM, CALLERS / 16, redis));
    RedisReport.printScripts(rounds(redis, runs));
  }

  private void limits(RedisProcess redis) throws IOException, InterruptedException {
    List<RunOptions> runs = new ArrayList<>();
    for (String name : List.of("weir", "weir-3-limits", "weir-10-limits")) {
      runs.add(RunOptions.open(name, Workload.UNIFORM, 500, redis));
    }
    Map<String, List<Figures>> all = rounds(redis, runs);
    RedisReport.print("limits on one key, 500 checks a second", all);
    RedisReport.meanRatio(all, "weir-10-limits", "weir", 1.5);
  }

  private void cluster() throws IOException, InterruptedException {
    try (RedisClusterProcesses cluster =
        RedisClusterProcesses.start(3, 0, node -> system(node.cpu(1)))) {
      RedisProcess first = cluster.nodes().getFirst();
      List<RunOptions> runs = new ArrayList<>();
      for (String name : List.of("weir", "weir-3-shards")) {
        runs.add(RunOptions.open(name, Workload.UNIFORM, 500, first).at(cluster.url()));
      }
      Map<String, List<Figures>> all = rounds(first, runs);
      RedisReport.print("cluster of three shards, 500 checks a second; one shard's CPU", all);
      RedisReport.p99Ratio(all, "weir-3-shards", "weir", 3);
    }
  }

  private Map<String, List<Figures>> rounds(RedisProcess redis, List<RunOptions> runs)
      throws IOException, InterruptedException {
    Map<String, List<Figures>> all = new LinkedHashMap<>();
    for (int round = 1; round <= rounds; round++) {
      for (RunOptions run : runs) {
        Figures figures = quietest(redis, run);
        all.computeIfAbsent(run.contestant(), name -> new ArrayList<>()).add(figures);
        System.out.printf("round %d  %s%n", round, RedisReport.row(run.contestant(), figures));
      }
    }
    return all;
  }

  /** Measures again while other processes disturb. */
  private static Figures quietest(RedisProcess redis, RunOptions run)
      throws IOException, InterruptedException {
    Figures best = null;
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      redis.cli("FLUSHALL", "SYNC");
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
