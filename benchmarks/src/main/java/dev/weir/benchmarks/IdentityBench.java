// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.redis.fixtures.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What does it cost to know who calls? First the gateway alone: an anonymous request beside one
 * with an API key, whose user's tier decides the limits, both answered by the gateway itself, with
 * metrics on, interleaved. Then profile E as it is shipped, over 10 000 users who are all admitted:
 * as many requests as it serves, and the latency at 15 000 a second, in memory and on Redis. The
 * server has one processor; wrk, the load tool and Redis share the other.
 *
 * <p>{@code ./weir bench identities}; needs wrk, taskset and redis-server.
 */
final class IdentityBench {

  private static final int PORT = 18_084;
  private static final int USERS = 10_000;
  private static final int CONNECTIONS = 64;
  private static final int REDIS_CONNECTIONS = 128;
  private static final int WARM_UP = 10;
  private static final int SECONDS = 5;

  /** Short and many: what else the machine does then meets both alike. */
  private static final int COST_SECONDS = 2;

  private static final int COST_ROUNDS = 5;
  private static final int OPEN_RATE = 15_000;
  private static final int OPEN_SECONDS = 35;

  private static final String GATEWAY =
      """
      version: 1
      listeners:
        - name: bench
          host: 127.0.0.1
          port: %d
          serves: [routes, metrics]
      identities:
        files: [{ file: users.json, format: tiers-json }]
      policy-files:
        - { file: users.json, format: tiers-json, domain: tiered }
      policies:
        - name: anonymous
          domain: anonymous
          key: client
          limits: [{ name: requests, algorithm: sliding-window, limit: 100000000, window: 1m }]
      routes:
        - path: /anonymous
          identity: [address]
          check: { domain: anonymous, entries: { client: "{identity}" } }
          respond: { json: { left: "{remaining}" } }
        - path: /keyed
          identity: { from: [{ api-key: X-API-Key }], absent: { status: 401 } }
          check: { domain: tiered, entries: { user: "{user}", tier: "{tier}" } }
          respond: { json: { left: "{remaining}" } }
      """;

  private final Path program;
  private final int rounds;

  IdentityBench(Path program, int rounds) {
    this.program = program;
    this.rounds = rounds;
  }

  /**
   * @param tables which; none means all
   */
  void run(List<String> tables) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("weir-bench");
    try {
      Files.writeString(folder.resolve("users.json"), users());
      if (tables.isEmpty() || tables.contains("cost")) {
        cost(folder);
      }
      if (tables.isEmpty() || tables.contains("memory")) {
        System.out.println("\nprofile E in memory");
        profile(folder, CONNECTIONS, List.of(), 60_000, 1.5);
      }
      if (tables.isEmpty() || tables.contains("redis")) {
        System.out.println("\nprofile E on Redis");
        try (RedisProcess redis = RedisProcess.builder().cpu(1).start()) {
          List<String> variables =
              List.of("REDIS_HOST=127.0.0.1", "REDIS_PORT=" + redis.port(), "REDIS_TIMEOUT=0.025");
          profile(folder, REDIS_CONNECTIONS, variables, 50_000, 3);
        }
      }
    } finally {
      Folders.delete(folder);
    }
  }

  /** Every user has one key and a tier of which none uses up the limit here. */
  private static String users() {
    StringBuilder users = new StringBuilder();
    StringBuilder keys = new StringBuilder();
    for (int i = 0; i < USERS; i++) {
      String separator = i == 0 ? "" : ",";
      users.append(separator).append("\"user_").append(i).append("\":\"enterprise\"");
      keys.append(separator).append("\"bench_key_").append(i).append("\":\"user_").append(i);
      keys.append('"');
    }
    return "{\"tiers\":{"
        + "\"free\":{\"base_limit\":10,\"burst_limit\":20,\"degraded_limit\":2,"
        + "\"window_minutes\":1},"
        + "\"enterprise\":{\"base_limit\":1000000,\"burst_limit\":1000000,"
        + "\"degraded_limit\":1000000,\"window_minutes\":1}},\"users\":{"
        + users
        + "},\"api_keys\":{"
        + keys
        + "}}";
  }

  private static List<String> keys() {
    return List.of(
        "math.randomseed(42)",
        "local requests = {}",
        "init = function(args)",
        "  for i = 1, 20000 do",
        "    local key = 'bench_key_' .. math.random(0, " + (USERS - 1) + ")",
        "    requests[i] = wrk.format('GET', nil, {['X-API-Key'] = key})",
        "  end",
        "end",
        "local next = 0",
        "request = function()",
        "  next = next % 20000 + 1",
        "  return requests[next]",
        "end");
  }

  private void cost(Path folder) throws IOException, InterruptedException {
    Path config = folder.resolve("gateway.yaml");
    Files.writeString(config, GATEWAY.formatted(PORT));
    List<String> command = List.of(program.toString(), "serve", "--config", config.toString());
    try (Server weir = Server.start("weir", PORT, command, folder.resolve("gateway.log"))) {
      new Wrk(CONNECTIONS, WARM_UP).run(weir, "/anonymous", Wrk.gets());
      new Wrk(CONNECTIONS, WARM_UP).run(weir, "/keyed", keys());
      int pairs = rounds * COST_ROUNDS;
      double[] anonymous = new double[pairs];
      double[] keyed = new double[pairs];
      double[] ratios = new double[pairs];
      for (int i = 0; i < pairs; i++) {
        Wrk.Result nobody = new Wrk(CONNECTIONS, COST_SECONDS).run(weir, "/anonymous", Wrk.gets());
        Wrk.Result somebody = new Wrk(CONNECTIONS, COST_SECONDS).run(weir, "/keyed", keys());
        anonymous[i] = nobody.cpuMicros();
        keyed[i] = somebody.cpuMicros();
        ratios[i] = keyed[i] / anonymous[i];
        System.out.printf(
            Locale.ROOT,
            "round %d  anonymous %8.0f/s %6.2f µs of cpu  keyed %8.0f/s %6.2f µs  x %.2f  %s%s%n",
            i + 1,
            nobody.rate(),
            anonymous[i],
            somebody.rate(),
            keyed[i],
            ratios[i],
            nobody.errors(),
            somebody.errors());
      }
      System.out.printf(
          Locale.ROOT,
          "medians %.2f and %.2f µs%n",
          RedisReport.median(anonymous),
          RedisReport.median(keyed));
      RedisReport.atMost(
          "cpu of a keyed request x an anonymous one", RedisReport.median(ratios), 1.3);
    }
  }

  private void profile(
      Path folder, int connections, List<String> variables, double rateBar, double p99Bar)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("env", "HOST=127.0.0.1", "PORT=" + PORT));
    command.add("RATE_LIMITER_CONFIG_PATH=" + folder.resolve("users.json"));
    command.add("ADMIN_API_KEY=only-for-this-run-of-the-benchmark");
    command.add("WEIR_ADMIN_PORT=0");
    command.addAll(variables);
    command.addAll(List.of(program.toString(), "serve", "--config"));
    command.add(Path.of("examples/profiles/e.yaml").toAbsolutePath().toString());
    try (Server weir = Server.start("weir", PORT, command, folder.resolve("profile.log"))) {
      new Wrk(connections, WARM_UP).run(weir, "/test", keys());
      double[] rates = new double[rounds];
      double[] cpus = new double[rounds];
      for (int i = 0; i < rounds; i++) {
        Wrk.Result result = new Wrk(connections, SECONDS).run(weir, "/test", keys());
        rates[i] = result.rate();
        cpus[i] = result.cpuMicros();
        System.out.printf(
            Locale.ROOT,
            "round %d  %8.0f/s  %6.2f µs of cpu  %s%n",
            i + 1,
            rates[i],
            cpus[i],
            result.errors());
      }
      RedisReport.atLeast("requests/s", RedisReport.median(rates), rateBar);
      LoadTool.Latencies latencies =
          LoadTool.run(
              program,
              OPEN_RATE,
              OPEN_SECONDS,
              "--url",
              "http://127.0.0.1:" + PORT + "/test",
              "--header",
              "X-API-Key: bench_key_{key}",
              "--keys",
              Integer.toString(USERS));
      System.out.println(latencies.output());
      System.out.printf(
          Locale.ROOT,
          "p99 of each second: median %.2f ms, worst %.2f ms%n",
          latencies.p99(),
          latencies.worst());
      RedisReport.atMost("p99 ms at 15 000/s", latencies.p99(), p99Bar);
    }
  }
}
