// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.faults.FaultReport;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Runs a benchmark by its name. */
public final class Main {

  private static final String USAGE =
      """
      usage: ./weir bench NAME [ROUNDS] [TABLE...]

        memory   decisions in memory beside bucket4j, resilience4j and Guava; bytes per key
        http     decisions over HTTP beside nginx (needs nginx, wrk, taskset)
        grpc     Envoy's rate limit service beside the bare framework's (needs taskset,
                 redis-server), and beside throttlecrab and the reference service if THROTTLECRAB
                 and ENVOY_RATELIMIT name their programs; only some tables if named after the
                 rounds: memory redis open
        redis    decisions on Redis beside bucket4j, Redisson, Spring Cloud Gateway's script and
                 plain Lettuce (needs redis-server, taskset); only some tables if named after the
                 rounds: uniform zipf hot flood leased http open scripts outage limits
                 cluster (http needs wrk)
        faults   what Redis's faults lose, and how long anybody waits, at 200 and 5000 checks/s;
                 ROUNDS is one rate instead, and only the faults named after it are run
        identities
                 what an API key and a tier cost beside nobody's request, and profile E over 10 000
                 users, in memory and on Redis (needs wrk, taskset, redis-server); only some tables
                 if named after the rounds: cost memory redis
        peers    how Weir and Envoy's reference service (its program as ENVOY_RATELIMIT) behave on
                 the same questions: exactness, charging, a window's edge, Redis stopped and killed
        resp     decisions over the Redis protocol beside redis-server's INCR, and beside throttlecrab
                 over that and over HTTP (needs redis-server, redis-benchmark, wrk, taskset;
                 throttlecrab-server on the path, or THROTTLECRAB)
        scale    what a decision costs with 1, 2 and 4 instances, 1, 2 and 3 shards of Redis, 1 and 2
                 event loops, exact, leased and in memory, as comma-separated values (12 minutes;
                 ./weir bench scale quick: 2), beside THROTTLECRAB and ENVOY_RATELIMIT;
                 ./weir bench scale held-out measures what the model is held against (4 minutes);
                 ./weir bench scale fit FILE fits the model of docs/scaling.md to them
        simulate lines of an access log that weir simulate replays in a minute, beside reading the file;
                 ROUNDS may be followed by a number of lines in place of 10000000
        dashboard
                 what an open dashboard costs the server at 20 000 decisions/s, ROUNDS pairs of ten
                 seconds with and without (needs taskset)
        jmh      any JMH benchmark: ./weir bench jmh -h
      """;

  private static final long FAULT_SEED = 1;

  private Main() {}

  private static int rounds(String[] args) {
    return args.length > 1 ? Integer.parseInt(args[1]) : 3;
  }

  private static long lines(String[] args) {
    return args.length > 2 ? Long.parseLong(args[2]) : 10_000_000;
  }

  private static List<String> tables(String[] args) {
    return args.length > 2 ? named(args) : RedisBench.TABLES;
  }

  private static List<String> named(String[] args) {
    return args.length > 2 ? List.of(args).subList(2, args.length) : List.of();
  }

  private static boolean faults(String[] args) {
    List<String> named = named(args);
    if (args.length > 1) {
      return FaultReport.run(System.out, FAULT_SEED, Integer.parseInt(args[1]), named);
    }
    boolean few = FaultReport.run(System.out, FAULT_SEED, 200, named);
    return FaultReport.run(System.out, FAULT_SEED, 5_000, named) && few;
  }

  private static void scale(String[] args) throws Exception {
    switch (args.length == 1 ? "" : args[1]) {
      case "" -> ScaleBench.whole(program()).run();
      case "quick" -> ScaleBench.quick(program()).run();
      case "held-out" -> ScaleBench.heldOut(program()).run();
      case "fit" -> {
        // The launcher is target/weir/bin/weir of the tree.
        Path root = program().resolve("../../../..").normalize();
        String runs = root.resolve(ScaleDocument.RUNS).toString();
        ScaleDocument.fit(root, Path.of(args.length > 2 ? args[2] : runs));
      }
      default -> {
        System.err.println("scale: " + args[1] + " (expected: quick, held-out or fit [FILE])");
        System.exit(2);
      }
    }
  }

  /** The launcher of the program in this tree. */
  private static Path program() {
    return Path.of(System.getProperty("weir.home", "target/weir"), "bin", "weir").toAbsolutePath();
  }

  /** The first argument is the benchmark's name. */
  public static void main(String[] args) throws Exception {
    String name = args.length == 0 ? "" : args[0];
    switch (name) {
      case "memory" -> new MemoryBench(rounds(args)).run();
      case "http" -> new HttpBench(program(), rounds(args)).run();
      case "grpc" -> new GrpcBench(program(), rounds(args)).run(named(args));
      case "redis" -> new RedisBench(program(), rounds(args)).run(tables(args));
      case "identities" -> new IdentityBench(program(), rounds(args)).run(named(args));
      case "peers" -> new PeersBench(program()).run();
      case "resp" -> new RespBench(program(), rounds(args)).run();
      case "scale" -> scale(args);
      case "simulate" -> new SimulateBench(program(), rounds(args), lines(args)).run();
      case "dashboard" -> new DashboardBench(program(), args.length > 1 ? rounds(args) : 6).run();
      case "faults" -> System.exit(faults(args) ? 0 : 1);
      case "jmh" -> org.openjdk.jmh.Main.main(Arrays.copyOfRange(args, 1, args.length));
      default -> {
        System.err.print(USAGE);
        System.exit(2);
      }
    }
  }
}
