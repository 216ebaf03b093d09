// SPDX-License-Identifier: Apache-2.0
package dev.weir.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.redis.fixtures.TestCertificates;
import dev.weir.server.Configuration;
import dev.weir.server.WeirServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Two servers that serve everything, one in memory and one on a Redis, with some traffic. */
final class MonitoredServers implements AutoCloseable {

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final Pattern SAMPLE = Pattern.compile("(?m)^([a-z]\\w*)(?:\\{(.*)})? \\S+$");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"");

  private final RedisProcess redis;
  private final List<WeirServer> servers = new ArrayList<>();

  private MonitoredServers(RedisProcess redis) {
    this.redis = redis;
  }

  static MonitoredServers start(Path folder) throws IOException {
    TestCertificates.in(folder);
    MonitoredServers all = new MonitoredServers(RedisProcess.start());
    try {
      all.start(folder.resolve("memory.yaml"), "");
      all.start(
          folder.resolve("redis.yaml"),
          "store: { redis: { url: '" + all.redis.url() + "', timeout: 5s } }\n");
      all.traffic();
      return all;
    } catch (IOException | RuntimeException e) {
      all.close();
      throw e;
    }
  }

  private void start(Path file, String store) throws IOException {
    String text =
        """
        version: 1
        listeners:
          - { name: public, host: 127.0.0.1, port: 0, serves: [api, metrics, health] }
          - { name: resp, host: 127.0.0.1, port: 0, serves: [resp] }
          - { name: admin, host: 127.0.0.1, port: 0, serves: [admin] }
          - name: secured
            host: 127.0.0.1
            port: 0
            serves: [health]
            tls: { certificate: server.pem, private-key: server-key.pem }
        admin: { token: sixteen-characters }
        policies:
          - name: per-user
            domain: api
            key: [user]
            limits: [{ name: per-minute, rate: 20 per minute }]
        """;
    Files.writeString(file, text + store, UTF_8);
    servers.add(WeirServer.start(Configuration.read(file, Map.of())));
  }

  /** Where their metrics are. */
  List<Integer> ports() {
    return servers.stream().map(server -> server.ports().get("public")).toList();
  }

  /** Checks, some of which are denied and some of which meet no policy, and a pause of the JVM. */
  void traffic() throws IOException {
    System.gc();
    for (int port : ports()) {
      for (String domain : List.of("api", "api", "elsewhere")) {
        String check =
            "{\"domain\":\"%s\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\"u\"}],\"cost\":15}]}";
        send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/check"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(check.formatted(domain)))
                .build());
      }
    }
  }

  /** Every metric that they tell, with the names of its labels. */
  Map<String, Set<String>> told() throws IOException {
    // Pauses of the collector count from the first reading on.
    for (int port : ports()) {
      get(URI.create("http://127.0.0.1:" + port + "/metrics"));
    }
    traffic();
    Map<String, Set<String>> told = new TreeMap<>();
    for (int port : ports()) {
      String page = get(URI.create("http://127.0.0.1:" + port + "/metrics"));
      for (MatchResult sample : SAMPLE.matcher(page).results().toList()) {
        Set<String> labels = told.computeIfAbsent(sample.group(1), name -> new TreeSet<>());
        if (sample.group(2) != null) {
          LABEL.matcher(sample.group(2)).results().forEach(label -> labels.add(label.group(1)));
        }
      }
    }
    return told;
  }

  static String get(URI address) throws IOException {
    return send(HttpRequest.newBuilder(address).build());
  }

  private static String send(HttpRequest request) throws IOException {
    try {
      return CLIENT.send(request, BodyHandlers.ofString()).body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Override
  public void close() {
    servers.forEach(WeirServer::close);
    redis.close();
  }
}
