// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.redis.fixtures.Ports;
import dev.weir.redis.fixtures.RedisClusterProcesses;
import dev.weir.redis.fixtures.RedisProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Instances of one system on one Redis, a single server or a cluster, each a process of its own
 * that the scheduler may put on any processor.
 */
final class ScaleFleet implements AutoCloseable {

  /** Permits of the leases of the domain {@code scarce}. */
  static final int SCARCE_LEASE = 100;

  /** Permits a second, and at once, of the domain {@code scarce}. */
  static final int SCARCE = 2_000;

  /** Permits of a key of the domain {@code once}. */
  static final int ONCE = 1_000;

  private static final String CONFIG =
      """
      version: 1
      server: { event-loops: %d }
      listeners:
        - { name: bench, host: 127.0.0.1, port: %d, serves: [rls, api, metrics], limit-headers: none }
      %s
      policies:
        - name: exact
          domain: exact
          match: { key: "*" }
          key: [key]
          limits: [{ name: plenty, rate: 1000000000 per hour }]
        - name: three
          domain: three
          match: { key: "*" }
          key: [key]
          limits:
            - { name: hour, rate: 1000000000 per hour }
            - { name: minute, rate: 100000000 per minute }
            - { name: second, rate: 10000000 per second }
        - name: leased
          domain: leased
          match: { key: "*" }
          key: [key]
          limits: [{ name: plenty, rate: 1000000000 per hour, lease: true }]
        - name: once
          domain: once
          match: { key: "*" }
          key: [key]
          limits: [{ name: hour, rate: 1000 per hour fixed, on-failure: closed }]
        - name: scarce
          domain: scarce
          match: { key: "*" }
          key: [key]
          limits:
            - name: second
              rate: 2000 per second burst 2000
              lease: { permits: 100, lifetime: 100ms }
              on-failure: closed
      """;

  private static final String REFERENCE_CONFIG =
      """
      domain: exact
      descriptors:
        - key: key
          rate_limit: { unit: hour, requests_per_unit: 1000000000 }
      """;

  /* A check that misses its deadline would be decided without Redis, which is not what is measured
   * on two processors that do everything. */
  private static final String STORE = "store: { redis: { url: \"%s\", timeout: 1s } }";

  private static final String REFERENCE_ONCE =
      """
      domain: once
      descriptors:
        - key: key
          rate_limit: { unit: hour, requests_per_unit: 1000 }
      """;

  private final Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Server> instances = new ArrayList<>();
  private final boolean tells;
  private Optional<RedisProcess> single = Optional.empty();
  private Optional<RedisClusterProcesses> cluster = Optional.empty();

  private ScaleFleet(Path folder, boolean tells) {
    this.folder = folder;
    this.tells = tells;
  }

  /** Starts what belongs to a fleet. */
  @FunctionalInterface
  private interface Starting {
    void of(ScaleFleet fleet) throws IOException, InterruptedException;
  }

  /** A fleet that is started whole, or ended. */
  private static ScaleFleet started(boolean tells, Starting starting)
      throws IOException, InterruptedException {
    ScaleFleet fleet = new ScaleFleet(Files.createTempDirectory("weir-scale"), tells);
    try {
      starting.of(fleet);
      return fleet;
    } catch (IOException | InterruptedException | RuntimeException e) {
      fleet.close();
      throw e;
    }
  }

  /** Starts so many instances of Weir. */
  static ScaleFleet weir(Path program, int count, int shards, int loops)
      throws IOException, InterruptedException {
    return started(
        true,
        fleet -> {
          fleet.redis(shards);
          String store = shards == 0 ? "" : String.format(Locale.ROOT, STORE, fleet.url());
          for (int i = 0; i < count; i++) {
            int port = Ports.free();
            Path config = fleet.folder.resolve("weir-" + i + ".yaml");
            Files.writeString(config, String.format(Locale.ROOT, CONFIG, loops, port, store));
            fleet.start(
                "weir",
                i,
                port,
                List.of(program.toString(), "serve", "--config", config.toString()));
          }
        });
  }

  /** Starts so many instances of Envoy's reference service on one Redis. */
  static ScaleFleet reference(String reference, int count)
      throws IOException, InterruptedException {
    return started(
        false,
        fleet -> {
          fleet.redis(1);
          Path root = fleet.folder.resolve("runtime");
          Path rules = Files.createDirectories(root.resolve("ratelimit/config"));
          Files.writeString(rules.resolve("exact.yaml"), REFERENCE_CONFIG);
          Files.writeString(rules.resolve("once.yaml"), REFERENCE_ONCE);
          for (int i = 0; i < count; i++) {
            int port = Ports.free();
            fleet.start(
                "envoy",
                i,
                port,
                List.of(
                    "env",
                    "USE_STATSD=false",
                    "LOG_LEVEL=error",
                    "REDIS_SOCKET_TYPE=tcp",
                    "REDIS_URL=" + fleet.url().substring("redis://".length()),
                    "RUNTIME_ROOT=" + root,
                    "RUNTIME_SUBDIRECTORY=ratelimit",
                    "RUNTIME_WATCH_ROOT=false",
                    "GRPC_PORT=" + port,
                    "PORT=" + Ports.free(),
                    "DEBUG_PORT=" + Ports.free(),
                    reference));
          }
        });
  }

  /** Starts so many instances of throttlecrab, which share nothing. */
  static ScaleFleet throttlecrab(String program, int count)
      throws IOException, InterruptedException {
    return started(
        false,
        fleet -> {
          for (int i = 0; i < count; i++) {
            int port = Ports.free();
            fleet.start(
                "throttlecrab",
                i,
                port,
                List.of(
                    program,
                    "--grpc",
                    "--grpc-host",
                    "127.0.0.1",
                    "--grpc-port",
                    Integer.toString(port)));
          }
        });
  }

  private void redis(int shards) {
    if (shards == 1) {
      single = Optional.of(RedisProcess.start());
    } else if (shards > 1) {
      cluster = Optional.of(RedisClusterProcesses.start(shards, 0));
    }
  }

  private String url() {
    return single
        .map(RedisProcess::url)
        .or(() -> cluster.map(RedisClusterProcesses::url))
        .orElseThrow();
  }

  private void start(String name, int number, int port, List<String> command)
      throws IOException, InterruptedException {
    Path log = folder.resolve(name + "-" + number + ".log");
    instances.add(Server.startAnywhere(name, port, command, log));
  }

  int size() {
    return instances.size();
  }

  List<Integer> ports(int count) {
    return instances.subList(0, count).stream().map(Server::port).toList();
  }

  List<RedisProcess> redis() {
    return single
        .map(List::of)
        .or(() -> cluster.map(RedisClusterProcesses::nodes))
        .orElse(List.of());
  }

  /**
   * Processor time of all instances so far, in seconds, without the JVM's compilers, which are done
   * once a server has run for a while. Those that are not asked do next to nothing.
   */
  double instanceSeconds() throws IOException {
    double seconds = 0;
    for (Server instance : instances) {
      seconds += instance.cpuSecondsWithoutCompilers();
    }
    return seconds;
  }

  /** Processor time of all shards so far, in seconds. */
  double redisSeconds() {
    return redis().stream().mapToLong(RedisProcess::cpuMicros).sum() / 1e6;
  }

  /** Bytes that all shards have allocated. */
  long redisMemory() {
    return infoSum("memory", "used_memory");
  }

  void flush() {
    redis().forEach(node -> node.cli("FLUSHALL", "SYNC"));
  }

  /** What instances and Redis have counted so far. */
  ScaleCounters counters() throws IOException, InterruptedException {
    double decisions = 0;
    double checks = 0;
    double calls = 0;
    double roundTrips = 0;
    double failures = 0;
    for (Server instance : tells ? instances : List.<Server>of()) {
      for (String line : metrics(instance)) {
        int space = line.lastIndexOf(' ');
        if (space < 0 || line.charAt(0) == '#') {
          continue;
        }
        double value = Double.parseDouble(line.substring(space + 1));
        String name = line.substring(0, space);
        decisions += name.startsWith("weir_decisions_total") ? value : 0;
        failures += name.startsWith("weir_store_failures_total") ? value : 0;
        checks += name.equals("weir_store_call_checks_sum") ? value : 0;
        calls += name.equals("weir_store_call_checks_count") ? value : 0;
        roundTrips += name.equals("weir_store_round_trip_seconds_sum") ? value : 0;
      }
    }
    return new ScaleCounters(
        decisions,
        checks,
        calls,
        roundTrips,
        failures,
        infoSum("stats", "total_commands_processed"),
        infoSum("stats", "total_reads_processed"),
        sleeps(),
        infoSum("stats", "total_net_input_bytes") + infoSum("stats", "total_net_output_bytes"),
        loopbackBytes());
  }

  private double sleeps() throws IOException {
    double sleeps = 0;
    for (Server instance : instances) {
      sleeps += instance.sleeps();
    }
    return sleeps;
  }

  private long infoSum(String section, String field) {
    return redis().stream()
        .map(node -> node.info(section).getOrDefault(field, "0").strip())
        .mapToLong(Long::parseLong)
        .sum();
  }

  private List<String> metrics(Server instance) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + instance.port() + "/metrics"))
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString()).body().lines().toList();
  }

  /* /proc/net/dev: the name, then bytes received and seven more columns, then bytes sent. */
  private static long loopbackBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/net/dev"))) {
      String text = line.strip();
      if (text.startsWith("lo:")) {
        return Long.parseLong(text.substring("lo:".length()).strip().split("\\s+")[0]);
      }
    }
    throw new IOException("/proc/net/dev: no lo");
  }

  @Override
  public void close() throws InterruptedException, IOException {
    for (Server instance : instances) {
      instance.close();
    }
    single.ifPresent(RedisProcess::close);
    cluster.ifPresent(RedisClusterProcesses::close);
    Folders.delete(folder);
  }
}
