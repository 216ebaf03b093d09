// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.redis.fixtures.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What does an exact decision over HTTP cost, through the whole server with its counters in Redis?
 * The server has one processor; Redis and wrk share the other. Every check is admitted.
 *
 * <p>{@code ./weir bench redis 3 http}; needs wrk and taskset.
 */
final class RedisHttpBench {

  private static final int PORT = 18_083;
  private static final int CONNECTIONS = 128;
  private static final int SECONDS = 6;
  private static final int WARM_UP_SECONDS = 10;

  private static final String CONFIG =
      """
      version: 1
      listeners:
        - name: bench
          host: 127.0.0.1
          port: %d
          serves: [api]
          limit-headers: none
      policies:
        - name: p
          domain: api
          match: { user: "*" }
          key: [user]
          limits:
            - { name: bucket, rate: 1000000/s }
      """;

  private final Path program;
  private final int rounds;

  RedisHttpBench(Path program, int rounds) {
    this.program = program;
    this.rounds = rounds;
  }

  void run(RedisProcess redis) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("weir-bench");
    Path config = folder.resolve("weir.yaml");
    Files.writeString(config, CONFIG.formatted(PORT));
    List<String> command =
        List.of(program.toString(), "serve", "--config", config.toString(), "--redis", redis.url());
    try (Server weir = Server.start("weir", PORT, command, folder.resolve("weir.log"))) {
      closed(weir, redis);
      open(weir);
    } finally {
      Folders.delete(folder);
    }
  }

  private void closed(Server weir, RedisProcess redis) throws IOException, InterruptedException {
    List<String> checks = Wrk.posts(1, 100_000);
    new Wrk(CONNECTIONS, WARM_UP_SECONDS).run(weir, "/v1/check", checks);
    double[] rates = new double[rounds];
    double[] server = new double[rounds];
    double[] ofRedis = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      long before = redis.cpuMicros();
      Wrk.Result result = new Wrk(CONNECTIONS, SECONDS).run(weir, "/v1/check", checks);
      rates[i] = result.rate();
      server[i] = result.cpuMicros();
      ofRedis[i] = (redis.cpuMicros() - before) / (result.rate() * SECONDS);
      System.out.printf(
          Locale.ROOT,
          "round %d  http %8.0f/s  server %6.2f  redis %6.2f µs  %s%n",
          i + 1,
          rates[i],
          server[i],
          ofRedis[i],
          result.errors());
    }
    RedisReport.atLeast("checks/s over HTTP", RedisReport.median(rates), 80_000);
    RedisReport.atMost("server µs per check", RedisReport.median(server), 12);
    RedisReport.atMost("redis µs per check", RedisReport.median(ofRedis), 4);
  }

  private void open(Server weir) throws IOException, InterruptedException {
    LoadTool.Latencies latencies =
        LoadTool.run(
            program,
            5_000,
            30,
            "--url",
            "http://127.0.0.1:" + weir.port(),
            "--check",
            "api,user=user-{key}",
            "--keys",
            "100000");
    System.out.println(latencies.output());
    RedisReport.atMost("p50 ms of a second, 5 000 checks/s", latencies.p50(), 0.4);
    RedisReport.atMost("p99 ms of a second, 5 000 checks/s", latencies.p99(), 1.5);
  }
}
