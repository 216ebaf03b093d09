// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.weir.redis.fixtures.Ports;
import dev.weir.redis.fixtures.RequiresProgram;
import dev.weir.server.Configuration;
import dev.weir.server.ServeOptions;
import dev.weir.server.WeirServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real Envoy, as it is set up for its reference service, asking Weir that was started with that
 * service's files: nothing is changed at Envoy. Without an answer Envoy would say 500.
 */
@RequiresProgram("envoy")
@DisplayName("Envoy asks Weir in the place of the reference service")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(300)
final class EnvoyTakeoverTest {

  private static final String RULES =
      """
      domain: edge
      descriptors:
        - key: api_key
          rate_limit: { unit: year, requests_per_unit: %s }
        - key: api_key
          value: "free*"
          rate_limit: { unlimited: true }
      """;

  private static final String ENVOY =
      """
      static_resources:
        listeners:
          - address: { socket_address: { address: 127.0.0.1, port_value: %d } }
            filter_chains:
              - filters:
                  - name: envoy.filters.network.http_connection_manager
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                      stat_prefix: public
                      route_config:
                        virtual_hosts:
                          - name: application
                            domains: ["*"]
                            routes:
                              - match: { prefix: / }
                                route:
                                  cluster: application
                                  rate_limits:
                                    - actions:
                                        - request_headers: { header_name: x-api-key, descriptor_key: api_key }
                      http_filters:
                        - name: envoy.filters.http.ratelimit
                          typed_config:
                            "@type": type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit
                            domain: edge
                            failure_mode_deny: true
                            enable_x_ratelimit_headers: DRAFT_VERSION_03
                            timeout: 5s
                            rate_limit_service:
                              transport_api_version: V3
                              grpc_service: { envoy_grpc: { cluster_name: ratelimit } }
                        - name: envoy.filters.http.router
                          typed_config:
                            "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
        clusters:
          - name: application
            load_assignment:
              cluster_name: application
              endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %d } } } }] }]
          - name: ratelimit
            typed_extension_protocol_options:
              envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                explicit_http_config: { http2_protocol_options: {} }
            load_assignment:
              cluster_name: ratelimit
              endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %d } } } }] }]
      """;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<AutoCloseable> closing = new ArrayList<>();
  private Path folder = Path.of("");
  private int port;

  @BeforeAll
  void start(@TempDir Path temporary) throws Exception {
    folder = temporary;
    write("one", "1000000");
    write("two", "2000000");
    write("bad", "many");
    Files.createSymbolicLink(folder.resolve("current"), Path.of("one"));
    HttpServer application = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    application.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    application.start();
    closing.add(() -> application.stop(0));
    Map<String, String> environment = new HashMap<>();
    for (String name : List.of("PORT", "GRPC_PORT", "DEBUG_PORT")) {
      environment.put(name, "0");
    }
    for (String name : List.of("HOST", "GRPC_HOST", "DEBUG_HOST")) {
      environment.put(name, "127.0.0.1");
    }
    Path rules = folder.resolve("current/config");
    WeirServer weir =
        WeirServer.start(Configuration.of(ServeOptions.NONE.envoyConfig(rules), environment));
    closing.add(weir);
    startEnvoy(application.getAddress().getPort(), weir.ports().get("grpc"));
  }

  private void write(String version, String limit) throws IOException {
    Path config = Files.createDirectories(folder.resolve(version).resolve("config"));
    Files.writeString(config.resolve("edge.yaml"), RULES.formatted(limit));
  }

  private void startEnvoy(int application, int weir) throws Exception {
    port = Ports.free();
    Path file =
        Files.writeString(folder.resolve("envoy.yaml"), ENVOY.formatted(port, application, weir));
    Path log = folder.resolve("envoy.log");
    Process envoy =
        new ProcessBuilder(
                "envoy", "-c", file.toString(), "--disable-hot-restart", "--concurrency", "1")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    closing.add(
        () -> {
          envoy.destroy();
          assertThat(envoy.waitFor(20, TimeUnit.SECONDS)).isTrue();
        });
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptionsMatching(ConnectException.class::isInstance)
        .until(
            () -> {
              assertThat(envoy.isAlive()).as(Files.readString(log)).isTrue();
              return get("up").statusCode() == 204;
            });
  }

  @AfterAll
  void stop() throws Exception {
    for (AutoCloseable each : closing.reversed()) {
      each.close();
    }
    client.close();
  }

  private HttpResponse<Void> get(String key) throws IOException, InterruptedException {
    URI target = URI.create("http://127.0.0.1:" + port + "/");
    HttpRequest request = HttpRequest.newBuilder(target).header("x-api-key", key).build();
    return client.send(request, HttpResponse.BodyHandlers.discarding());
  }

  private String limit(String key) throws IOException, InterruptedException {
    return get(key).headers().firstValue("x-ratelimit-limit").orElse("none");
  }

  private void turn(String version) throws IOException {
    Path next = Files.createSymbolicLink(folder.resolve("next"), Path.of(version));
    Files.move(next, folder.resolve("current"), StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void turnedLink_underLoad_changesTheLimitsAndFailsNoRequest() throws Exception {
    assertThat(limit("a")).startsWith("1000000, 1000000;w=31536000");
    assertThat(limit("free1")).isEqualTo("none");
    Map<Integer, Integer> statuses = new ConcurrentHashMap<>();
    AtomicBoolean enough = new AtomicBoolean();
    List<Thread> load = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String key = "load" + i;
      load.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (!enough.get()) {
                      try {
                        statuses.merge(get(key).statusCode(), 1, Integer::sum);
                      } catch (IOException | InterruptedException e) {
                        statuses.merge(-1, 1, Integer::sum);
                      }
                    }
                  }));
    }
    try {
      turn("two");
      await().atMost(Duration.ofSeconds(20)).until(() -> limit("a").startsWith("2000000"));
      turn("bad");
      int before = statuses.getOrDefault(204, 0);
      await()
          .during(Duration.ofSeconds(2))
          .atMost(Duration.ofSeconds(20))
          .until(() -> limit("a").startsWith("2000000"));
      assertThat(statuses.getOrDefault(204, 0)).isGreaterThan(before);
      turn("one");
      await().atMost(Duration.ofSeconds(20)).until(() -> limit("a").startsWith("1000000"));
    } finally {
      enough.set(true);
      for (Thread thread : load) {
        thread.join();
      }
    }
    assertThat(statuses).containsOnlyKeys(204);
  }
}
