// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.redis.fixtures.RedisProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
  private static final int LOAD_WARM_UP_SECONDS = 15;
  private static final Pattern SECOND =
      Pattern.compile("(?m)^ +[0-9]+ s .* p50 ([0-9.]+) +p99 ([0-9.]+) ms$");

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

  /* As HttpBench does: the load generator is a JVM, too, and its first seconds measure itself. */
  private void open(Server weir) throws IOException, InterruptedException {
    List<String> command =
        List.of(
            "taskset",
            "-c",
            "1",
            program.toString(),
            "load",
            "--url",
            "http://127.0.0.1:" + weir.port(),
            "--check",
            "api,user=user-{key}",
            "--keys",
            "100000",
            "--rate",
            "5000",
            "--concurrency",
            "64",
            "--duration",
            "30s");
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    System.out.println(output);
    List<Double> p50 = new ArrayList<>();
    List<Double> p99 = new ArrayList<>();
    Matcher seconds = SECOND.matcher(output);
    for (int i = 0; seconds.find(); i++) {
      if (i >= LOAD_WARM_UP_SECONDS) {
        p50.add(Double.parseDouble(seconds.group(1)));
        p99.add(Double.parseDouble(seconds.group(2)));
      }
    }
    RedisReport.atMost("p50 ms of a second, 5 000 checks/s", median(p50), 0.4);
    RedisReport.atMost("p99 ms of a second, 5 000 checks/s", median(p99), 1.5);
  }

  private static double median(List<Double> values) {
    double[] array = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(array);
    return array.length == 0 ? Double.NaN : array[array.length / 2];
  }
}
