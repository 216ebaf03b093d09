// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What does a decision over HTTP cost beside nginx answering 200 and doing nothing? Each server has
 * one processor, wrk the other; all runs are interleaved in rounds. Every check is admitted.
 *
 * <p>{@code ./weir bench http}; needs nginx, wrk and taskset.
 */
final class HttpBench {

  private static final int NGINX_PORT = 18_081;
  private static final int WEIR_PORT = 18_082;
  private static final int BATCH = 100;
  private static final int SECONDS = 5;

  private static final String WEIR_CONFIG =
      """
      version: 1
      listeners:
        - name: bench
          host: 127.0.0.1
          port: %d
          serves: [api, routes]
          limit-headers: none
      policies:
        - name: per-user
          domain: api
          match: { user: "*" }
          key: [user]
          limits:
            - { name: bucket, rate: 1000000/s }
        - name: fixed
          domain: gateway
          key: [client]
          limits:
            - { name: bucket, rate: 1000000/s }
      routes:
        - name: fixed
          path: /fixed
          methods: [GET]
          identity: [address]
          check:
            domain: gateway
            entries: { client: "{identity}" }
          respond: { json: { ok: true } }
      """;

  private static final String NGINX_CONFIG =
      """
      worker_processes 1;
      daemon off;
      error_log stderr crit;
      pid %1$s/nginx.pid;
      events { worker_connections 1024; }
      http {
        access_log off;
        keepalive_requests 1000000000;
        client_body_temp_path %1$s/body;
        proxy_temp_path %1$s/proxy;
        fastcgi_temp_path %1$s/fastcgi;
        uwsgi_temp_path %1$s/uwsgi;
        scgi_temp_path %1$s/scgi;
        server {
          listen 127.0.0.1:%2$d;
          location / { return 200 "ok"; }
        }
      }
      """;

  private record Run(String name, Server server, String path, List<String> script) {}

  private final Path program;
  private final int rounds;

  HttpBench(Path program, int rounds) {
    this.program = program;
    this.rounds = rounds;
  }

  void run() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("weir-bench");
    try (Server nginx = nginx(folder);
        Server weir = weir(folder)) {
      List<Run> runs =
          List.of(
              new Run("nginx return 200", nginx, "/", Wrk.gets()),
              new Run("weir POST /v1/check", weir, "/v1/check", Wrk.posts(1, 100_000)),
              new Run("weir gateway, fixed response", weir, "/fixed", Wrk.gets()),
              new Run("weir POST /v1/checks of 100", weir, "/v1/checks", Wrk.posts(BATCH, 1_000)));
      for (Run run : runs.subList(1, runs.size())) {
        new Wrk(64, 8).run(run.server, run.path, run.script);
      }
      report(measure(runs));
      openLoop(weir);
    } finally {
      Folders.delete(folder);
    }
  }

  private Map<String, List<Wrk.Result>> measure(List<Run> runs)
      throws IOException, InterruptedException {
    Map<String, List<Wrk.Result>> results = new LinkedHashMap<>();
    for (int round = 1; round <= rounds; round++) {
      for (Run run : runs) {
        Wrk.Result result = new Wrk(64, SECONDS).run(run.server, run.path, run.script);
        results.computeIfAbsent(run.name, n -> new ArrayList<>()).add(result);
        System.out.printf(
            Locale.ROOT,
            "round %d  %-30s %8.0f/s  %6.2f µs of cpu  %s%n",
            round,
            run.name,
            result.rate(),
            result.cpuMicros(),
            result.errors());
      }
    }
    return results;
  }

  private static void report(Map<String, List<Wrk.Result>> results) {
    List<Wrk.Result> nginx = results.values().iterator().next();
    System.out.printf(
        "%n%-30s %10s %8s %12s %12s%n", "median", "rate/s", "cpu µs", "rate/nginx", "cpu/nginx");
    results.forEach(
        (name, list) -> {
          double[] rates = list.stream().mapToDouble(Wrk.Result::rate).toArray();
          double[] cpus = list.stream().mapToDouble(Wrk.Result::cpuMicros).toArray();
          double[] rateRatios = new double[rates.length];
          double[] cpuRatios = new double[rates.length];
          for (int i = 0; i < rates.length; i++) {
            rateRatios[i] = rates[i] / nginx.get(i).rate();
            cpuRatios[i] = cpus[i] / nginx.get(i).cpuMicros();
          }
          System.out.printf(
              Locale.ROOT,
              "%-30s %10.0f %8.2f %12.2f %12.2f%n",
              name,
              RedisReport.median(rates),
              RedisReport.median(cpus),
              RedisReport.median(rateRatios),
              RedisReport.median(cpuRatios));
          if (name.contains("of 100")) {
            System.out.printf(
                Locale.ROOT,
                "%-30s %10.0f decisions/s, %.2f µs of cpu each%n",
                "",
                RedisReport.median(rates) * BATCH,
                RedisReport.median(cpus) / BATCH);
          }
        });
    System.out.println(
        "bars: rate >= 0.85 x nginx, cpu <= 1.15 x nginx; batches >= 1 000 000 decisions/s");
  }

  private void openLoop(Server weir) throws IOException, InterruptedException {
    System.out.println("\nopen loop, 20 000 checks/s over 100 000 keys (bar: p99 <= 1.5 ms)");
    LoadTool.Latencies latencies =
        LoadTool.run(
            program,
            20_000,
            40,
            "--url",
            "http://127.0.0.1:" + weir.port(),
            "--check",
            "api,user=user-{key}",
            "--keys",
            "100000");
    System.out.println(latencies.output());
    System.out.printf(
        Locale.ROOT,
        "p99 of each second from the %dth: median %.2f ms, worst %.2f ms%n",
        LoadTool.WARM_UP_SECONDS + 1,
        latencies.p99(),
        latencies.worst());
  }

  private static Server nginx(Path folder) throws IOException, InterruptedException {
    Path config = folder.resolve("nginx.conf");
    Files.writeString(config, NGINX_CONFIG.formatted(folder, NGINX_PORT));
    Server master =
        Server.start(
            "nginx",
            NGINX_PORT,
            List.of("nginx", "-p", folder.toString(), "-c", config.toString()),
            folder.resolve("nginx.log"));
    // The worker does the work.
    long worker =
        ProcessHandle.of(master.pid()).stream()
            .flatMap(ProcessHandle::children)
            .findFirst()
            .orElseThrow()
            .pid();
    return new Server(master.name(), master.process(), worker, master.port());
  }

  private Server weir(Path folder) throws IOException, InterruptedException {
    Path config = folder.resolve("weir.yaml");
    Files.writeString(config, WEIR_CONFIG.formatted(WEIR_PORT));
    return Server.start(
        "weir",
        WEIR_PORT,
        List.of(program.toString(), "serve", "--config", config.toString()),
        folder.resolve("weir.log"));
  }
}
