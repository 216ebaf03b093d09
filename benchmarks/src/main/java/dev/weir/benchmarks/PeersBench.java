// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.redis.fixtures.Ports;
import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.rls.api.RateLimitRequest;
import dev.weir.rls.api.RateLimitResponse;
import dev.weir.rls.api.RateLimitResponse.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * How does a service behave where its figures say nothing: under concurrency, for what it denies,
 * at the edge of a window, and while its Redis stands still or is killed? Each question is put to
 * Weir and, if its program is given as {@code ENVOY_RATELIMIT}, to Envoy's reference service, by
 * gRPC and each on a Redis of its own.
 *
 * <p>{@code ./weir bench peers}; needs taskset.
 */
final class PeersBench {

  private static final long SECOND = 1_000_000_000L;
  private static final int PATIENCE_MILLIS = 15_000;

  private static final String WEIR_CONFIG =
      """
      version: 1
      listeners:
        - { name: rls, host: 127.0.0.1, port: %d, serves: [rls] }
      store: { redis: "%s" }
      policies:
        - name: user
          domain: bench
          match: { user: "*" }
          key: [user]
          limits: [ { name: hour, algorithm: fixed-window, limit: 100, window: 3600s } ]
        - name: other
          domain: bench
          match: { other: "*" }
          key: [other]
          limits: [ { name: hour, algorithm: fixed-window, limit: 1000, window: 3600s } ]
        - name: edge
          domain: bench
          match: { edge: "*" }
          key: [edge]
          limits: [ { name: minute, rate: 100 per minute sliding } ]
        - name: many
          domain: bench
          match: { many: "*" }
          key: [many]
          limits: [ { name: hour, algorithm: fixed-window, limit: 1000000, window: 3600s } ]
      """;

  private static final String REFERENCE_CONFIG =
      """
      domain: bench
      descriptors:
        - { key: user, rate_limit: { unit: hour, requests_per_unit: 100 } }
        - { key: other, rate_limit: { unit: hour, requests_per_unit: 1000 } }
        - { key: edge, rate_limit: { unit: minute, requests_per_unit: 100 } }
        - { key: many, rate_limit: { unit: hour, requests_per_unit: 1000000 } }
      """;

  private final Path program;

  PeersBench(Path program) {
    this.program = program;
  }

  /** Puts a question to a service and gives its answer as a cell of the table. */
  @FunctionalInterface
  private interface Question {
    String ask(RlsClient client, RedisProcess redis) throws InterruptedException;
  }

  void run() throws IOException, InterruptedException {
    Map<String, Question> questions = new LinkedHashMap<>();
    questions.put("limit 100, 1 000 requests on 8 connections: admitted", this::admitted);
    questions.put("hits charged to the other descriptor of 50 denied requests", this::charged);
    questions.put("60 of 100 taken, 60 denied, 40 more", this::budget);
    questions.put("limit 100 a minute, 200 requests in 2.5 s over its edge: admitted", this::edge);
    questions.put("redis stopped for 3 s, 200/s: longest answer; errors", this::stopped);
    questions.put("redis killed and started again, 2 000 requests: unanswered", this::killed);

    Path folder = Files.createTempDirectory("weir-bench");
    try {
      Map<String, List<String>> answers = new LinkedHashMap<>();
      List<String> names = new ArrayList<>();
      names.add("weir");
      put(questions, answers, folder, this::weir);
      String reference = System.getenv("ENVOY_RATELIMIT");
      if (reference == null) {
        System.out.println("ENVOY_RATELIMIT: not given; Envoy's reference service is left out");
      } else {
        names.add("reference service");
        put(questions, answers, folder, (redis, at) -> reference(reference, redis, at));
      }
      System.out.printf(Locale.ROOT, "%-70s %s%n", "", String.join(" | ", names));
      answers.forEach(
          (question, cells) ->
              System.out.printf(Locale.ROOT, "%-70s %s%n", question, String.join(" | ", cells)));
    } finally {
      Folders.delete(folder);
    }
  }

  /** Starts a service on a Redis, in a folder. */
  @FunctionalInterface
  private interface Start {
    Server on(RedisProcess redis, Path folder) throws IOException, InterruptedException;
  }

  private static void put(
      Map<String, Question> questions, Map<String, List<String>> answers, Path folder, Start start)
      throws IOException, InterruptedException {
    try (RedisProcess redis = RedisProcess.builder().start();
        Server server = start.on(redis, folder);
        RlsClient client = new RlsClient(server.port())) {
      warm(client);
      for (Map.Entry<String, Question> question : questions.entrySet()) {
        System.out.printf(Locale.ROOT, "%s: %s%n", server.name(), question.getKey());
        String answer = question.getValue().ask(client, redis);
        answers.computeIfAbsent(question.getKey(), absent -> new ArrayList<>()).add(answer);
      }
    }
  }

  private Server weir(RedisProcess redis, Path folder) throws IOException, InterruptedException {
    int port = Ports.free();
    Path config = folder.resolve("weir.yaml");
    Files.writeString(config, String.format(Locale.ROOT, WEIR_CONFIG, port, redis.url()));
    return Server.start(
        "weir",
        port,
        List.of(program.toString(), "serve", "--config", config.toString()),
        folder.resolve("weir.log"));
  }

  private static Server reference(String reference, RedisProcess redis, Path folder)
      throws IOException, InterruptedException {
    int port = Ports.free();
    Path root = folder.resolve("runtime");
    Path rules = Files.createDirectories(root.resolve("ratelimit/config"));
    Files.writeString(rules.resolve("bench.yaml"), REFERENCE_CONFIG);
    List<String> command =
        List.of(
            "env",
            "USE_STATSD=false",
            "LOG_LEVEL=error",
            "REDIS_SOCKET_TYPE=tcp",
            "REDIS_URL=127.0.0.1:" + redis.port(),
            "RUNTIME_ROOT=" + root,
            "RUNTIME_SUBDIRECTORY=ratelimit",
            "RUNTIME_WATCH_ROOT=false",
            "GRPC_PORT=" + port,
            "PORT=" + Ports.free(),
            "DEBUG_PORT=" + Ports.free(),
            reference);
    return Server.start("reference service", port, command, folder.resolve("reference.log"));
  }

  private static void warm(RlsClient client) {
    for (int i = 0; i < 300; i++) {
      List<CompletableFuture<RateLimitResponse>> asked = new ArrayList<>();
      for (int j = 0; j < 100; j++) {
        asked.add(client.ask(RlsClient.request(1, "many", "warm-" + j), PATIENCE_MILLIS));
      }
      CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)).join();
    }
  }

  private static Code answer(RlsClient client, RateLimitRequest request) {
    return client.ask(request, PATIENCE_MILLIS).join().getOverallCode();
  }

  private String admitted(RlsClient client, RedisProcess redis) throws InterruptedException {
    AtomicInteger admitted = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    int port = client.port();
    for (int i = 0; i < 8; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try (RlsClient own = new RlsClient(port)) {
                      List<CompletableFuture<RateLimitResponse>> asked = new ArrayList<>();
                      for (int j = 0; j < 125; j++) {
                        asked.add(own.ask(RlsClient.request(1, "user", "all"), PATIENCE_MILLIS));
                      }
                      for (CompletableFuture<RateLimitResponse> one : asked) {
                        admitted.addAndGet(one.join().getOverallCode() == Code.OK ? 1 : 0);
                      }
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return Integer.toString(admitted.get());
  }

  private String charged(RlsClient client, RedisProcess redis) {
    answer(client, RlsClient.request(100, "user", "spent"));
    for (int i = 0; i < 50; i++) {
      answer(client, RlsClient.request(1, "user", "spent", "other", "innocent"));
    }
    RateLimitResponse after =
        client.ask(RlsClient.request(1, "other", "innocent"), PATIENCE_MILLIS).join();
    return Integer.toString(999 - after.getStatuses(0).getLimitRemaining());
  }

  private String budget(RlsClient client, RedisProcess redis) {
    List<String> codes = new ArrayList<>();
    for (int hits : List.of(60, 60, 40)) {
      codes.add(answer(client, RlsClient.request(hits, "user", "budget")) == Code.OK ? "ok" : "no");
    }
    return String.join(" ", codes);
  }

  /* Both clocks are this machine's. */
  private String edge(RlsClient client, RedisProcess redis) {
    long toEdge = 60_000 - System.currentTimeMillis() % 60_000;
    long start = toEdge > 1_250 ? toEdge - 1_250 : toEdge + 58_750;
    LockSupport.parkNanos(start * 1_000_000);
    Paced paced = paced(client, 200, 80, "edge", false);
    return Integer.toString(paced.ok);
  }

  private String stopped(RlsClient client, RedisProcess redis) {
    at(1, redis::pause);
    at(4, redis::resume);
    Paced paced = paced(client, 1_200, 200, "many", true);
    return String.format(
        Locale.ROOT, "%.0f ms; %d of 1 200", paced.longestNanos / 1e6, paced.errors);
  }

  private String killed(RlsClient client, RedisProcess redis) {
    at(1, redis::kill);
    at(2, redis::restart);
    Paced paced = paced(client, 2_000, 500, "many", true);
    return String.format(
        Locale.ROOT, "%d; longest %.0f ms", paced.errors, paced.longestNanos / 1e6);
  }

  private record Paced(int ok, int errors, long longestNanos) {}

  /** Asks at a steady rate, and waits for every answer. */
  private static Paced paced(
      RlsClient client, int requests, int rate, String entry, boolean manyKeys) {
    List<CompletableFuture<Long>> answers = new ArrayList<>();
    AtomicInteger ok = new AtomicInteger();
    AtomicInteger errors = new AtomicInteger();
    long begin = System.nanoTime();
    for (int i = 0; i < requests; i++) {
      long due = begin + i * SECOND / rate;
      for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
        LockSupport.parkNanos(wait);
      }
      String value = manyKeys ? "k" + i % 100 : "one";
      answers.add(
          client
              .ask(RlsClient.request(1, entry, value), PATIENCE_MILLIS)
              .handle((response, error) -> noted(response, error, ok, errors, due)));
    }
    long longest = 0;
    for (CompletableFuture<Long> answer : answers) {
      longest = Math.max(longest, answer.join());
    }
    return new Paced(ok.get(), errors.get(), longest);
  }

  private static long noted(
      @Nullable RateLimitResponse response,
      @Nullable Throwable error,
      AtomicInteger ok,
      AtomicInteger errors,
      long due) {
    if (response == null || error != null) {
      errors.incrementAndGet();
    } else if (response.getOverallCode() == Code.OK) {
      ok.incrementAndGet();
    }
    return System.nanoTime() - due;
  }

  private static void at(int seconds, Runnable fault) {
    CompletableFuture<Void> unused =
        CompletableFuture.runAsync(
            fault, CompletableFuture.delayedExecutor(seconds, TimeUnit.SECONDS));
  }
}
