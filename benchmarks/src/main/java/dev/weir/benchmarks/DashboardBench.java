// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What does an open dashboard cost the server? One server in memory decides 20 000 checks a second
 * over 10 000 keys, over HTTP, all the time; meanwhile a reader of the live figures is there and is
 * not, ten seconds each in turn. Its processor time in each window counts, without the compilers. A
 * page also asks for other things when it is opened; that is before the window.
 *
 * <p>{@code ./weir bench dashboard [PAIRS]}; needs taskset.
 */
final class DashboardBench {

  private static final int PORT = 18_086;
  private static final int RATE = 20_000;
  private static final int WARM_UP_SECONDS = 20;
  private static final int WINDOW_SECONDS = 10;
  private static final int SETTLING_MILLIS = 1_500;
  private static final double BAR = 2;
  private static final String TOKEN = "only-for-this-run-of-the-benchmark";
  private static final String CONFIGURATION =
      """
      version: 1
      listeners:
        - { name: bench, host: 127.0.0.1, port: %d, serves: [api, metrics, admin] }
      admin: { token: %s }
      policies:
        - name: per-user
          domain: api
          key: user
          limits: [{ name: requests, algorithm: token-bucket, capacity: 1000, refill: 1, period: 1s }]
      """;

  private final Path program;
  private final int pairs;

  DashboardBench(Path program, int pairs) {
    this.program = program;
    this.pairs = pairs;
  }

  void run() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("weir-bench");
    try {
      Path config = folder.resolve("weir.yaml");
      Files.writeString(config, CONFIGURATION.formatted(PORT, TOKEN));
      List<String> command = List.of(program.toString(), "serve", "--config", config.toString());
      try (Server weir = Server.start("weir", PORT, command, folder.resolve("server.log"))) {
        Process load = load(folder.resolve("load.log"));
        try {
          measure(weir, load);
        } finally {
          load.destroy();
          if (!load.waitFor(10, TimeUnit.SECONDS)) {
            load.destroyForcibly().waitFor();
          }
        }
        System.out.println(lastLines(folder.resolve("load.log")));
      }
    } finally {
      Folders.delete(folder);
    }
  }

  private Process load(Path log) throws IOException {
    int seconds = WARM_UP_SECONDS + pairs * 2 * (WINDOW_SECONDS + 4) + 60;
    return new ProcessBuilder(
            "taskset",
            "-c",
            "1",
            program.toString(),
            "load",
            "--url",
            "http://127.0.0.1:" + PORT,
            "--check",
            "api,user={key}",
            "--keys",
            "10000",
            "--rate",
            Integer.toString(RATE),
            "--concurrency",
            "64",
            "--duration",
            seconds + "s")
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private void measure(Server weir, Process load) throws IOException, InterruptedException {
    TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
    // Once before anything counts: the first reader has classes loaded.
    watched(weir);
    double[] without = new double[pairs];
    double[] with = new double[pairs];
    double[] costs = new double[pairs];
    for (int i = 0; i < pairs; i++) {
      without[i] = window(weir);
      with[i] = watched(weir);
      costs[i] = with[i] - without[i];
      if (!load.isAlive()) {
        throw new IOException("the load ended early");
      }
      System.out.printf(
          Locale.ROOT,
          "pair %d  nobody looks %6.2f %% of a processor  one page open %6.2f %%  cost %5.2f %%%n",
          i + 1,
          without[i],
          with[i],
          costs[i]);
    }
    System.out.printf(
        Locale.ROOT,
        "medians %.2f %% and %.2f %%%n",
        RedisReport.median(without),
        RedisReport.median(with));
    RedisReport.atMost(
        "processor time of an open dashboard, % of one", RedisReport.median(costs), BAR);
  }

  /** A window with a reader. */
  private static double watched(Server weir) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + PORT + "/v1/admin/live"))
              .header("Authorization", "Bearer " + TOKEN)
              .build();
      HttpResponse<InputStream> answer =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream events = answer.body()) {
        if (answer.statusCode() != 200) {
          throw new IOException("live figures: " + answer.statusCode());
        }
        Thread reader = Thread.ofPlatform().daemon().start(() -> drain(events));
        double use = window(weir);
        if (!reader.isAlive()) {
          throw new IOException("live figures: ended");
        }
        return use;
      }
    }
  }

  private static void drain(InputStream events) {
    try {
      events.transferTo(OutputStream.nullOutputStream());
    } catch (IOException closed) {
      return;
    }
  }

  /** Percent of a processor. */
  private static double window(Server weir) throws IOException, InterruptedException {
    TimeUnit.MILLISECONDS.sleep(SETTLING_MILLIS);
    double before = weir.cpuSecondsWithoutCompilers();
    long began = System.nanoTime();
    TimeUnit.SECONDS.sleep(WINDOW_SECONDS);
    double used = weir.cpuSecondsWithoutCompilers() - before;
    return 100 * used / ((System.nanoTime() - began) / 1e9);
  }

  private static String lastLines(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
  }
}
