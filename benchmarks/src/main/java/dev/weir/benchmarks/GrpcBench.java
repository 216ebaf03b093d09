// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.redis.fixtures.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What does a decision of Envoy's rate limit service cost beside the bare framework answering the
 * same to everything, and beside the peers whose programs are named? Each server has processor 0
 * while it is asked; the load, and Redis, have the other. All runs are interleaved in rounds; every
 * check is admitted.
 *
 * <p>{@code ./weir bench grpc}; needs taskset and redis-server. {@code THROTTLECRAB} and {@code
 * ENVOY_RATELIMIT} name the peers' programs.
 */
final class GrpcBench {

  private static final int BARE_PORT = 18_101;
  private static final int WEIR_PORT = 18_102;
  private static final int CRAB_PORT = 18_103;
  private static final int REDIS_WEIR_PORT = 18_104;
  private static final int REFERENCE_PORT = 18_105;
  private static final int REFERENCE_HTTP_PORT = 18_106;
  private static final int REFERENCE_DEBUG_PORT = 18_107;
  private static final int CONNECTIONS = 16;
  private static final int STREAMS = 64;
  private static final int SECONDS = 5;
  private static final int WARM_UP_SECONDS = 8;

  private static final String CONFIG =
      """
      version: 1
      server: { event-loops: 1 }
      listeners:
        - { name: bench, host: 127.0.0.1, port: %d, serves: [rls] }
      policies:
        - name: p
          domain: bench
          match: { key: "*" }
          key: [key]
          limits: [{ name: plenty, rate: 1000000000 per hour }]
      """;

  private static final String REFERENCE_CONFIG =
      """
      domain: bench
      descriptors:
        - key: key
          rate_limit: { unit: hour, requests_per_unit: 1000000000 }
      """;

  private record Run(String name, Server server, GrpcCalls calls) {
    GrpcLoad.Result measure(int rate, int warmUp, int seconds)
        throws IOException, InterruptedException {
      return GrpcLoad.run(
          new GrpcLoad.Plan(
              server.port(), server.pid(), calls, CONNECTIONS, STREAMS, rate, warmUp, seconds));
    }
  }

  private final Path program;
  private final int rounds;
  private final List<Server> servers = new ArrayList<>();

  GrpcBench(Path program, int rounds) {
    this.program = program;
    this.rounds = rounds;
  }

  /** Runs the tables that are named; all if none is. */
  void run(List<String> tables) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("weir-bench");
    try (RedisProcess redis = RedisProcess.builder().cpu(1).start()) {
      List<Run> memory = memory(folder);
      List<Run> onRedis = onRedis(folder, redis);
      if (wants(tables, "memory")) {
        Map<String, List<GrpcLoad.Result>> results = closed("in memory", memory);
        barsInMemory(results);
      }
      if (wants(tables, "redis")) {
        Map<String, List<GrpcLoad.Result>> results = closed("on Redis", onRedis);
        barsOnRedis(results);
      }
      if (wants(tables, "open")) {
        open(memory, 5_000);
        open(onRedis, 5_000);
        open(onRedis.stream().filter(run -> run.calls == GrpcCalls.TEN).toList(), 500);
      }
    } finally {
      for (Server server : servers) {
        server.close();
      }
      Folders.delete(folder);
    }
  }

  private static boolean wants(List<String> tables, String table) {
    return tables.isEmpty() || tables.contains(table);
  }

  private List<Run> memory(Path folder) throws IOException, InterruptedException {
    Server bare = started("bare", BARE_PORT, bareCommand(), folder);
    Server weir = started("weir", WEIR_PORT, weirCommand(folder, WEIR_PORT, List.of()), folder);
    List<Run> runs = new ArrayList<>();
    runs.add(new Run("bare Vert.x gRPC", bare, GrpcCalls.KEYS));
    runs.add(new Run("weir, 1 000 keys", weir, GrpcCalls.KEYS));
    runs.add(new Run("weir, one key", weir, GrpcCalls.HOT));
    runs.add(new Run("weir, 10 descriptors", weir, GrpcCalls.TEN));
    Optional<String> crab = Optional.ofNullable(System.getenv("THROTTLECRAB"));
    if (crab.isPresent()) {
      Server server =
          started(
              "throttlecrab",
              CRAB_PORT,
              List.of(
                  crab.get(),
                  "--grpc",
                  "--grpc-host",
                  "127.0.0.1",
                  "--grpc-port",
                  Integer.toString(CRAB_PORT)),
              folder);
      runs.add(new Run("throttlecrab, 1 000 keys", server, GrpcCalls.CRAB_KEYS));
      runs.add(new Run("throttlecrab, one key", server, GrpcCalls.CRAB_HOT));
    }
    return runs;
  }

  private List<Run> onRedis(Path folder, RedisProcess redis)
      throws IOException, InterruptedException {
    Server weir =
        started(
            "weir-redis",
            REDIS_WEIR_PORT,
            weirCommand(folder, REDIS_WEIR_PORT, List.of("--redis", redis.url())),
            folder);
    List<Run> runs = new ArrayList<>();
    runs.add(new Run("weir, 1 descriptor", weir, GrpcCalls.KEYS));
    runs.add(new Run("weir, 10 descriptors", weir, GrpcCalls.TEN));
    Optional<String> reference = Optional.ofNullable(System.getenv("ENVOY_RATELIMIT"));
    if (reference.isPresent()) {
      Server server =
          started(
              "reference",
              REFERENCE_PORT,
              referenceCommand(reference.get(), folder, redis),
              folder);
      runs.add(new Run("reference, 1 descriptor", server, GrpcCalls.KEYS));
      runs.add(new Run("reference, 10 descriptors", server, GrpcCalls.TEN));
    }
    return runs;
  }

  private Server started(String name, int port, List<String> command, Path folder)
      throws IOException, InterruptedException {
    Server server = Server.start(name, port, command, folder.resolve(name + ".log"));
    servers.add(server);
    return server;
  }

  /* The options that the program itself has, as far as they matter for speed. */
  private static List<String> bareCommand() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseParallelGC",
        "-Xms32m",
        "-XX:MaxNewSize=64m",
        "-Xss512k",
        "-cp",
        System.getProperty("java.class.path"),
        BareGrpc.class.getName(),
        Integer.toString(BARE_PORT));
  }

  private List<String> weirCommand(Path folder, int port, List<String> more) throws IOException {
    Path config = folder.resolve("weir-" + port + ".yaml");
    Files.writeString(config, CONFIG.formatted(port));
    List<String> command =
        new ArrayList<>(List.of(program.toString(), "serve", "--config", config.toString()));
    command.addAll(more);
    return command;
  }

  private static List<String> referenceCommand(String reference, Path folder, RedisProcess redis)
      throws IOException {
    Path config = Files.createDirectories(folder.resolve("runtime/ratelimit/config"));
    Files.writeString(config.resolve("bench.yaml"), REFERENCE_CONFIG);
    return List.of(
        "env",
        "RUNTIME_ROOT=" + folder.resolve("runtime"),
        "RUNTIME_SUBDIRECTORY=ratelimit",
        "RUNTIME_WATCH_ROOT=false",
        "USE_STATSD=false",
        "LOG_LEVEL=error",
        "REDIS_SOCKET_TYPE=tcp",
        "REDIS_URL=127.0.0.1:" + redis.port(),
        "GRPC_PORT=" + REFERENCE_PORT,
        "PORT=" + REFERENCE_HTTP_PORT,
        "DEBUG_PORT=" + REFERENCE_DEBUG_PORT,
        reference);
  }

  private Map<String, List<GrpcLoad.Result>> closed(String title, List<Run> runs)
      throws IOException, InterruptedException {
    System.out.printf("%n%s, %d connections x %d calls%n", title, CONNECTIONS, STREAMS);
    Map<String, List<GrpcLoad.Result>> results = new LinkedHashMap<>();
    for (int round = 0; round <= rounds; round++) {
      for (Run run : runs) {
        // The first round warms up only.
        GrpcLoad.Result result =
            run.measure(0, round == 0 ? WARM_UP_SECONDS : 1, round == 0 ? 1 : SECONDS);
        if (round > 0) {
          results.computeIfAbsent(run.name, name -> new ArrayList<>()).add(result);
          System.out.printf(
              Locale.ROOT,
              "round %d  %-28s %8.0f/s  %7.2f µs of cpu  %s%n",
              round,
              run.name,
              result.rate(),
              result.cpuMicros(),
              result.failed() == 0 ? "" : result.failed() + " failed");
        }
      }
    }
    List<GrpcLoad.Result> base = results.values().iterator().next();
    System.out.printf("%n%-28s %10s %8s %10s%n", "median", "rate/s", "cpu µs", "rate/first");
    results.forEach(
        (name, list) ->
            System.out.printf(
                Locale.ROOT,
                "%-28s %10.0f %8.2f %10.2f%n",
                name,
                rate(list),
                cpu(list),
                ratio(list, base)));
    return results;
  }

  private static void barsInMemory(Map<String, List<GrpcLoad.Result>> results) {
    List<GrpcLoad.Result> bare = get(results, "bare Vert.x gRPC");
    List<GrpcLoad.Result> keys = get(results, "weir, 1 000 keys");
    List<GrpcLoad.Result> hot = get(results, "weir, one key");
    RedisReport.atLeast("rate over 1 000 keys / bare", ratio(keys, bare), 0.85);
    RedisReport.atLeast("rate on one key / bare", ratio(hot, bare), 0.85);
    RedisReport.atMost(
        "cpu of 10 descriptors / 1", cpu(get(results, "weir, 10 descriptors")) / cpu(keys), 2);
    if (results.containsKey("throttlecrab, 1 000 keys")) {
      RedisReport.atLeast(
          "rate over 1 000 keys / throttlecrab",
          ratio(keys, get(results, "throttlecrab, 1 000 keys")),
          1.8);
      RedisReport.atLeast(
          "rate on one key / throttlecrab", ratio(hot, get(results, "throttlecrab, one key")), 1.8);
    }
  }

  private static void barsOnRedis(Map<String, List<GrpcLoad.Result>> results) {
    List<GrpcLoad.Result> one = get(results, "weir, 1 descriptor");
    RedisReport.atMost("server µs per decision", cpu(one), 12);
    if (results.containsKey("reference, 1 descriptor")) {
      RedisReport.atLeast(
          "rate / reference", ratio(one, get(results, "reference, 1 descriptor")), 6);
    }
  }

  private void open(List<Run> runs, int rate) throws IOException, InterruptedException {
    System.out.printf("%nopen loop, %d calls/s, timed from when they were due%n", rate);
    for (Run run : runs) {
      double[] mean = new double[rounds];
      double[] p99 = new double[rounds];
      double[] cpu = new double[rounds];
      // As warm as after the tables before this one.
      var unused = run.measure(0, WARM_UP_SECONDS, 1);
      for (int i = 0; i < rounds; i++) {
        GrpcLoad.Result result = run.measure(rate, 5, 6);
        mean[i] = result.meanMillis();
        p99[i] = result.p99Millis();
        cpu[i] = result.cpuMicros();
      }
      System.out.printf(
          Locale.ROOT,
          "%-28s mean %6.3f ms  p99 %6.3f ms  %7.2f µs of cpu%n",
          run.name,
          RedisReport.median(mean),
          RedisReport.median(p99),
          RedisReport.median(cpu));
    }
  }

  private static List<GrpcLoad.Result> get(
      Map<String, List<GrpcLoad.Result>> results, String name) {
    List<GrpcLoad.Result> list = results.get(name);
    if (list == null) {
      throw new IllegalStateException("no result of " + name);
    }
    return list;
  }

  private static double rate(List<GrpcLoad.Result> list) {
    return RedisReport.median(list.stream().mapToDouble(GrpcLoad.Result::rate).toArray());
  }

  private static double cpu(List<GrpcLoad.Result> list) {
    return RedisReport.median(list.stream().mapToDouble(GrpcLoad.Result::cpuMicros).toArray());
  }

  /** The median of the rounds' ratios of rates. */
  private static double ratio(List<GrpcLoad.Result> list, List<GrpcLoad.Result> base) {
    double[] ratios = new double[list.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = list.get(i).rate() / base.get(i).rate();
    }
    return RedisReport.median(ratios);
  }
}
