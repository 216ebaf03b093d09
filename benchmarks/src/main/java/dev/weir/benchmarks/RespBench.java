// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What does a decision over the Redis protocol cost beside redis-server doing INCR, and beside
 * throttlecrab deciding, over that protocol and over HTTP? Each server has one processor, the load
 * the other; all runs are interleaved in rounds, over 100 000 keys, and every check is admitted.
 *
 * <p>{@code ./weir bench resp}; needs redis-server, redis-benchmark, wrk and taskset, and tells of
 * throttlecrab where {@code throttlecrab-server} is on the path or named by {@code THROTTLECRAB}.
 */
final class RespBench {

  private static final int REDIS_PORT = 18_091;
  private static final int WEIR_PORT = 18_092;
  private static final int WEIR_HTTP_PORT = 18_093;
  private static final int CRAB_PORT = 18_094;
  private static final int CRAB_HTTP_PORT = 18_095;
  private static final int SECONDS = 5;
  private static final int KEYS = 100_000;
  private static final int CONNECTIONS = 50;
  private static final int WARM_UPS = 4;
  private static final long FEW = 20_000;
  private static final List<Integer> PIPELINES = List.of(1, 16, 64);

  private static final List<String> INCR = List.of("INCR", "key:__rand_int__");
  private static final List<String> THROTTLE =
      List.of("THROTTLE", "key:__rand_int__", "1000000", "1000000", "1");

  private static final String WEIR_CONFIG =
      """
      version: 1
      listeners:
        - { name: http, host: 127.0.0.1, port: %d, serves: [api, throttle, metrics] }
        - { name: resp, host: 127.0.0.1, port: %d, serves: [resp] }
      policies:
        - name: per-user
          domain: api
          match: { user: "*" }
          key: [user]
          limits:
            - { name: bucket, rate: 1000000/s }
      """;

  /** What a run came to. */
  private record Result(double rate, double cpuMicros) {}

  /** A server and what it is asked. */
  private record Contestant(String name, Server server, List<String> command) {}

  private final Path program;
  private final int rounds;
  private final Map<String, List<Result>> results = new LinkedHashMap<>();

  RespBench(Path program, int rounds) {
    this.program = program;
    this.rounds = rounds;
  }

  void run() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("weir-bench");
    List<Server> servers = new ArrayList<>();
    try {
      Server redis = redis(folder);
      servers.add(redis);
      Server weir = weir(folder);
      servers.add(weir);
      List<Contestant> contestants =
          new ArrayList<>(
              List.of(
                  new Contestant("redis INCR", redis, INCR),
                  new Contestant("weir THROTTLE", weir, THROTTLE)));
      Optional<Server> crab = throttlecrab(folder);
      if (crab.isPresent()) {
        servers.add(crab.get());
        contestants.add(new Contestant("throttlecrab THROTTLE", crab.get(), THROTTLE));
      } else {
        System.out.println("throttlecrab-server: not found, not measured (THROTTLECRAB names it)");
      }
      measure(contestants);
      http(weir, crab);
      report(crab.isPresent());
    } finally {
      for (Server server : servers) {
        server.close();
      }
      Folders.delete(folder);
    }
  }

  private void measure(List<Contestant> contestants) throws IOException, InterruptedException {
    Map<String, Long> requests = new LinkedHashMap<>();
    for (int pipeline : PIPELINES) {
      for (Contestant each : contestants) {
        // What has been reached tells how many requests make a run of some seconds.
        long count = FEW;
        for (int i = 0; i < WARM_UPS; i++) {
          count = Math.max(FEW, (long) (2 * load(each, pipeline, count).rate));
        }
        requests.put(each.name + pipeline, count * SECONDS / 2);
      }
    }
    for (int round = 1; round <= rounds; round++) {
      for (int pipeline : PIPELINES) {
        for (Contestant each : contestants) {
          String name = each.name + ", pipeline " + pipeline;
          tell(
              round,
              name,
              load(each, pipeline, requireNonNull(requests.get(each.name + pipeline))));
        }
      }
    }
  }

  private static Result load(Contestant asked, int pipeline, long requests)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("taskset", "-c", "1", "redis-benchmark"));
    command.addAll(List.of("-h", "127.0.0.1", "-p", Integer.toString(port(asked.server))));
    command.addAll(List.of("-c", Integer.toString(CONNECTIONS), "--threads", "1", "--csv"));
    command.addAll(List.of("-n", Long.toString(requests), "-r", Integer.toString(KEYS)));
    command.addAll(List.of("-P", Integer.toString(pipeline)));
    command.addAll(asked.command);
    double before = asked.server.cpuSeconds();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    double cpu = asked.server.cpuSeconds() - before;
    String[] lines = output.strip().split("\n", -1);
    String[] columns = lines[lines.length - 1].split("\",\"", -1);
    if (columns.length < 2) {
      throw new IOException("redis-benchmark said:\n" + output);
    }
    return new Result(Double.parseDouble(columns[1]), cpu * 1e6 / requests);
  }

  private static int port(Server server) {
    return server.name().equals("weir") ? WEIR_PORT : server.port();
  }

  private void http(Server weir, Optional<Server> crab) throws IOException, InterruptedException {
    Server crabHttp =
        crab.map(each -> new Server(each.name(), each.process(), each.pid(), CRAB_HTTP_PORT))
            .orElse(null);
    new Wrk(64, SECONDS).run(weir, "/throttle", throttles());
    new Wrk(64, SECONDS).run(weir, "/v1/check", Wrk.posts(1, KEYS));
    for (int round = 1; round <= rounds; round++) {
      if (crabHttp != null) {
        tell(round, "throttlecrab POST /throttle", wrk(crabHttp, "/throttle", throttles()));
      }
      tell(round, "weir POST /throttle", wrk(weir, "/throttle", throttles()));
      tell(round, "weir POST /v1/check", wrk(weir, "/v1/check", Wrk.posts(1, KEYS)));
    }
  }

  private static Result wrk(Server server, String path, List<String> script)
      throws IOException, InterruptedException {
    Wrk.Result result = new Wrk(64, SECONDS).run(server, path, script);
    if (!result.errors().isEmpty()) {
      System.out.println(server.name() + path + ": " + result.errors());
    }
    return new Result(result.rate(), result.cpuMicros());
  }

  private static List<String> throttles() {
    return List.of(
        "math.randomseed(42)",
        "local requests = {}",
        "local headers = {['Content-Type'] = 'application/json'}",
        "init = function(args)",
        "  for i = 1, " + KEYS + " do",
        "    local body = string.format('{\"key\":\"user-%07d\",\"max_burst\":1000000,'",
        "      .. '\"count_per_period\":1000000,\"period\":1}', math.random(0, 99999))",
        "    requests[i] = wrk.format('POST', nil, headers, body)",
        "  end",
        "end",
        "local next = 0",
        "request = function()",
        "  next = next % " + KEYS + " + 1",
        "  return requests[next]",
        "end");
  }

  private void tell(int round, String name, Result result) {
    results.computeIfAbsent(name, absent -> new ArrayList<>()).add(result);
    System.out.printf(
        Locale.ROOT,
        "round %d  %-36s %9.0f/s  %6.2f µs of cpu%n",
        round,
        name,
        result.rate,
        result.cpuMicros);
  }

  private void report(boolean crab) {
    System.out.printf("%n%-36s %10s %8s%n", "median", "rate/s", "cpu µs");
    results.forEach(
        (name, runs) ->
            System.out.printf(
                Locale.ROOT,
                "%-36s %10.0f %8.2f%n",
                name,
                RedisReport.median(runs.stream().mapToDouble(Result::rate).toArray()),
                RedisReport.median(runs.stream().mapToDouble(Result::cpuMicros).toArray())));
    System.out.printf("%n%-58s %6s %8s%n", "ratio of each round, median", "rate", "cpu");
    for (int pipeline : PIPELINES) {
      String with = ", pipeline " + pipeline;
      ratio("weir THROTTLE" + with, "redis INCR" + with, pipeline == 1 ? 0.9 : 0.7);
    }
    if (crab) {
      for (int pipeline : PIPELINES) {
        String with = ", pipeline " + pipeline;
        ratio("weir THROTTLE" + with, "throttlecrab THROTTLE" + with, 1);
      }
      ratio("weir POST /throttle", "throttlecrab POST /throttle", 1.4);
      ratio("weir POST /v1/check", "throttlecrab POST /throttle", 1.4);
    }
  }

  /** How two of the same round compare; load on the other processor may slow both. */
  private void ratio(String name, String beside, double bar) {
    List<Result> these = results.getOrDefault(name, List.of());
    List<Result> those = results.getOrDefault(beside, List.of());
    double[] rates = new double[these.size()];
    double[] cpus = new double[these.size()];
    for (int i = 0; i < rates.length; i++) {
      rates[i] = these.get(i).rate / those.get(i).rate;
      cpus[i] = these.get(i).cpuMicros / those.get(i).cpuMicros;
    }
    System.out.printf(
        Locale.ROOT,
        "%-58s %6.2f %8.2f  (bar: rate >= %.1f)%n",
        name + " / " + beside,
        RedisReport.median(rates),
        RedisReport.median(cpus),
        bar);
  }

  private static Server redis(Path folder) throws IOException, InterruptedException {
    return Server.start(
        "redis",
        REDIS_PORT,
        List.of(
            "redis-server",
            "--port",
            Integer.toString(REDIS_PORT),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no"),
        folder.resolve("redis.log"));
  }

  private Server weir(Path folder) throws IOException, InterruptedException {
    Path config = folder.resolve("weir.yaml");
    Files.writeString(config, WEIR_CONFIG.formatted(WEIR_HTTP_PORT, WEIR_PORT));
    return Server.start(
        "weir",
        WEIR_HTTP_PORT,
        List.of(program.toString(), "serve", "--config", config.toString()),
        folder.resolve("weir.log"));
  }

  private static Optional<Server> throttlecrab(Path folder)
      throws IOException, InterruptedException {
    Optional<String> found =
        Optional.ofNullable(System.getenv("THROTTLECRAB")).or(RespBench::onPath);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    List<String> command = new ArrayList<>(List.of(found.get()));
    command.addAll(List.of("--http", "--http-host", "127.0.0.1"));
    command.addAll(List.of("--http-port", Integer.toString(CRAB_HTTP_PORT)));
    command.addAll(List.of("--redis", "--redis-host", "127.0.0.1"));
    command.addAll(List.of("--redis-port", Integer.toString(CRAB_PORT)));
    return Optional.of(
        Server.start("throttlecrab", CRAB_PORT, command, folder.resolve("throttlecrab.log")));
  }

  private static Optional<String> onPath() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
        .map(directory -> Path.of(directory, "throttlecrab-server"))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }
}
