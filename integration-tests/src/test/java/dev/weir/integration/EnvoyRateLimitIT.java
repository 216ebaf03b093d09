// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.weir.redis.fixtures.Ports;
import dev.weir.redis.fixtures.RequiresProgram;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real Envoy and the program {@code weir} with the files of {@code examples/proxies/envoy}, in
 * front of an application. The test that kills Weir comes last.
 */
@RequiresProgram({"envoy", "bash"})
@DisplayName("Envoy asks the rate limit service")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(300)
final class EnvoyRateLimitIT {

  private static final Path EXAMPLE = Path.of("../examples/proxies/envoy");
  private static final Path PROGRAM =
      Path.of(System.getProperty("weir.home")).toAbsolutePath().resolve("bin/weir");
  private static final Duration PATIENT = Duration.ofSeconds(60);

  private final List<Process> processes = new ArrayList<>();
  private final AtomicInteger forwarded = new AtomicInteger();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private HttpServer application;
  private Process weir;
  private int weirPort;
  private int open;
  private int closed;
  private Path folder = Path.of("");

  @BeforeAll
  void start(@TempDir Path temporary) throws Exception {
    folder = temporary;
    application = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    application.createContext("/", this::serve);
    application.start();
    weirPort = Ports.free();
    startWeir();
    // Twenty milliseconds are Envoy's own default, and little on a busy machine.
    String text =
        AskingProxyContract.replaced(
            Files.readString(EXAMPLE.resolve("envoy.yaml")), "timeout: 0.02s", "timeout: 5s");
    open = startEnvoy("open", text);
    closed =
        startEnvoy(
            "closed",
            AskingProxyContract.replaced(
                text, "failure_mode_deny: false", "failure_mode_deny: true"));
  }

  @AfterAll
  void stop() throws InterruptedException {
    client.close();
    for (Process process : processes) {
      process.destroy();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
    if (weir != null) {
      kill();
    }
    if (application != null) {
      application.stop(0);
    }
  }

  private void startWeir() throws Exception {
    Path file = folder.resolve("weir.yaml");
    Files.writeString(
        file,
        AskingProxyContract.replaced(
            Files.readString(EXAMPLE.resolve("weir.yaml")), "port: 8081", "port: " + weirPort));
    ProcessBuilder builder =
        new ProcessBuilder(PROGRAM.toString(), "serve", "--config", file.toString());
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("WEIR_") && !name.endsWith("JAVA_HOME"));
    weir =
        builder
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("weir.log").toFile()))
            .start();
  }

  /** Ends Weir by SIGKILL: it says goodbye to nobody. */
  private void kill() throws InterruptedException {
    weir.destroyForcibly();
    assertThat(weir.waitFor(20, TimeUnit.SECONDS)).isTrue();
  }

  private int startEnvoy(String kind, String text) throws Exception {
    int own = Ports.free();
    Path file = folder.resolve(kind + ".yaml");
    Files.writeString(
        file,
        text.replace("port_value: 8000", "port_value: " + own)
            .replace("port_value: 9000", "port_value: " + application.getAddress().getPort())
            .replace("port_value: 8081", "port_value: " + weirPort));
    Path log = folder.resolve(kind + ".log");
    Process process =
        new ProcessBuilder(
                "envoy", "-c", file.toString(), "--disable-hot-restart", "--concurrency", "1")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    processes.add(process);
    await()
        .atMost(PATIENT)
        .ignoreExceptionsMatching(ConnectException.class::isInstance)
        .until(
            () -> {
              assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
              assertThat(weir.isAlive()).as(Files.readString(folder.resolve("weir.log"))).isTrue();
              return !field(get(own, "/up", "x-api-key", kind), "RateLimit").isEmpty();
            });
    return own;
  }

  private void serve(HttpExchange exchange) throws IOException {
    forwarded.incrementAndGet();
    String cost = exchange.getRequestURI().getQuery();
    if (cost != null) {
      exchange.getResponseHeaders().set("x-cost", cost);
    }
    byte[] answer = exchange.getRequestURI().getPath().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private HttpResponse<String> get(int port, String target, String... fields) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + target));
    if (fields.length > 0) {
      request.headers(fields);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String field(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  @Test
  @Order(1)
  void limitOfAPath_isToldOnEveryAnswer_andDeniedWithOurFieldsAndBody() throws Exception {
    for (int left = 4; left >= 0; left--) {
      HttpResponse<String> answer = get(open, "/login");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("/login");
      assertThat(field(answer, "RateLimit")).startsWith("\"five-a-minute\";r=" + left);
      assertThat(field(answer, "RateLimit-Policy")).isEqualTo("\"five-a-minute\";q=5;w=60");
    }
    int reached = forwarded.get();
    HttpResponse<String> denied = get(open, "/login");
    assertThat(denied.statusCode()).isEqualTo(429);
    assertThat(field(denied, "RateLimit")).startsWith("\"five-a-minute\";r=0;t=");
    assertThat(Integer.parseInt(field(denied, "Retry-After"))).isBetween(1, 12);
    assertThat(field(denied, "Cache-Control")).isEqualTo("no-store");
    assertThat(denied.headers().allValues("Content-Type"))
        .containsExactly("application/problem+json");
    assertThat(denied.body())
        .contains("#quota-exceeded", "\"status\":429", "\"violated-policies\":[\"five-a-minute\"]");
    // Another spelling is no other path.
    assertThat(get(open, "//login").statusCode()).isEqualTo(429);
    assertThat(forwarded).hasValue(reached);
  }

  @Test
  @Order(2)
  void limitOfAHeader_countsEachOfItsValues() throws Exception {
    for (int i = 0; i < 10; i++) {
      assertThat(get(open, "/", "x-api-key", "one").statusCode()).isEqualTo(200);
    }
    assertThat(get(open, "/", "x-api-key", "one").statusCode()).isEqualTo(429);
    assertThat(get(open, "/", "x-api-key", "two").statusCode()).isEqualTo(200);
    // Without the header there is no descriptor, and nothing is asked.
    HttpResponse<String> unlimited = get(open, "/");
    assertThat(unlimited.statusCode()).isEqualTo(200);
    assertThat(field(unlimited, "RateLimit")).isEmpty();
  }

  @Test
  @Order(3)
  void shadow_deniesNobody() throws Exception {
    for (int i = 0; i < 5; i++) {
      assertThat(get(open, "/trial").statusCode()).isEqualTo(200);
    }
  }

  @Test
  @Order(4)
  void costOfAResponse_isChargedWhenItHasEnded() throws Exception {
    assertThat(get(open, "/work?70", "x-tenant", "acme").statusCode()).isEqualTo(200);
    // Seventy of a hundred are gone as soon as Envoy has told, and asking costs nothing.
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(field(get(open, "/work?0", "x-tenant", "acme"), "RateLimit"))
                    .startsWith("\"hundred-an-hour\";r=30"));
    // More than is left is charged all the same, and then there is nothing left.
    assertThat(get(open, "/work?50", "x-tenant", "acme").statusCode()).isEqualTo(200);
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> assertThat(get(open, "/work?0", "x-tenant", "acme").statusCode()).isEqualTo(429));
    assertThat(get(open, "/work?1", "x-tenant", "other").statusCode()).isEqualTo(200);
  }

  @Test
  @Order(5)
  void weirKilled_envoysFailureModeDecides_untilItIsBack() throws Exception {
    // What an earlier test has left of it comes back.
    await().atMost(PATIENT).until(() -> get(closed, "/login").statusCode() == 429);
    kill();
    HttpResponse<String> passed = get(open, "/login");
    assertThat(passed.statusCode()).isEqualTo(200);
    assertThat(field(passed, "RateLimit")).isEmpty();
    assertThat(get(closed, "/login").statusCode()).isEqualTo(500);
    startWeir();
    await()
        .atMost(PATIENT)
        .untilAsserted(
            () ->
                assertThat(field(get(open, "/login"), "RateLimit"))
                    .startsWith("\"five-a-minute\";r="));
    await()
        .atMost(PATIENT)
        .untilAsserted(() -> assertThat(field(get(closed, "/login"), "RateLimit")).isNotEmpty());
  }
}
