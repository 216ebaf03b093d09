// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.weir.redis.fixtures.Ports;
import dev.weir.server.Configuration;
import dev.weir.server.WeirServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a proxy of {@code examples/proxies} does that asks Weir before it forwards. Each test is a
 * client of its own address; the one without Weir comes last.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(300)
abstract class AskingProxyContract {

  static final Path EXAMPLES = Path.of("../examples/proxies");

  private final List<Process> processes = new ArrayList<>();
  private final AtomicInteger forwarded = new AtomicInteger();
  private HttpServer application;
  private WeirServer weir;
  private int weirPort;
  private int port;
  private Path folder = Path.of("");

  /** The folder of the proxy's files. */
  abstract String name();

  /** The file that it is started with. */
  abstract String file();

  /** How it is started in the folder of its files. */
  abstract List<String> command(Path folder);

  /** Its file with deadlines that a busy machine keeps. */
  abstract String patient(String text);

  /** Its file for the other choice of what happens without Weir. */
  abstract String otherwise(String text);

  /** Whether the file as it is lets requests through without Weir. */
  abstract boolean open();

  @BeforeAll
  void start(@TempDir Path temporary) throws Exception {
    folder = temporary;
    // Started by root, nginx works as another user.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    application = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    application.createContext("/", this::serve);
    application.start();
    weirPort = Ports.free();
    startWeir();
    port = startProxy("as-it-is", patient(Files.readString(example(file()))));
  }

  @AfterAll
  void stop() throws InterruptedException {
    for (Process process : processes) {
      process.destroy();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
    if (weir != null) {
      weir.close();
    }
    if (application != null) {
      application.stop(0);
    }
  }

  @Test
  @Order(1)
  void allowedRequest_reachesTheApplication_andItsAnswerTellsTheLimit() throws Exception {
    try (HttpClient client = client("127.0.0.11")) {
      HttpResponse<String> answer = send(client, "GET", "/abc?d=e", "");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("GET /abc?d=e ");
      assertThat(field(answer, "RateLimit")).startsWith("\"per-second\";r=19");
      assertThat(field(answer, "RateLimit-Policy"))
          .isEqualTo("\"per-second\";q=20;w=1,\"per-hour\";q=1000;w=3600");
      assertThat(answer.headers().firstValue("Retry-After")).isEmpty();
      assertThat(send(client, "POST", "/echo", "a body").body()).isEqualTo("POST /echo a body");
    }
  }

  @Test
  @Order(2)
  void deniedRequest_isAnswered429_andDoesNotReachTheApplication() throws Exception {
    try (HttpClient client = client("127.0.0.12")) {
      for (int left = 4; left >= 0; left--) {
        HttpResponse<String> answer = send(client, "POST", "/login", "user=a");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(field(answer, "RateLimit")).startsWith("\"five-a-minute\";r=" + left);
      }
      int reached = forwarded.get();
      for (String spelling : List.of("/login", "/%6Cogin", "/login?again")) {
        HttpResponse<String> denied = send(client, "POST", spelling, "user=a");
        assertThat(denied.statusCode()).as(spelling).isEqualTo(429);
        assertThat(Integer.parseInt(field(denied, "Retry-After"))).isBetween(1, 12);
        assertThat(field(denied, "RateLimit")).startsWith("\"five-a-minute\";r=0;t=");
        assertThat(field(denied, "RateLimit-Policy")).startsWith("\"five-a-minute\";q=5;w=60");
        assertThat(field(denied, "Cache-Control")).isEqualTo("no-store");
        assertThat(field(denied, "Content-Type")).startsWith("application/problem+json");
        assertThat(denied.body()).contains("#quota-exceeded");
      }
      assertThat(forwarded).hasValue(reached);
      assertThat(send(client, "GET", "/login", "").statusCode()).isEqualTo(200);
    }
    try (HttpClient other = client("127.0.0.13")) {
      assertThat(send(other, "POST", "/login", "user=b").statusCode()).isEqualTo(200);
    }
  }

  @Test
  @Order(3)
  void clientThatSpeaksAsAProxy_isCountedAsItself() throws Exception {
    try (HttpClient client = client("127.0.0.14")) {
      for (int i = 0; i < 6; i++) {
        HttpResponse<String> answer =
            send(
                client,
                "POST",
                "/login?domain=nowhere&cost=0",
                "",
                "X-Forwarded-For",
                "203.0.113." + i,
                "X-Forwarded-Uri",
                "/free",
                "X-Forwarded-Method",
                "GET",
                "X-Original-URI",
                "/free",
                "X-Original-Method",
                "GET",
                "X-Original-URL",
                "http://shop/free");
        assertThat(answer.statusCode()).as("request %d", i).isEqualTo(i < 5 ? 200 : 429);
      }
    }
  }

  @Test
  @Order(4)
  void fieldsOfTheClient_reachTheRules() throws Exception {
    try (HttpClient client = client("127.0.0.15")) {
      for (String key : List.of("one", "two")) {
        HttpResponse<String> answer = send(client, "GET", "/", "", "X-API-Key", name() + key);
        assertThat(field(answer, "RateLimit")).startsWith("\"per-second\";r=19");
      }
    }
  }

  @Test
  @Order(5)
  void whateverHostTheClientNames_theRequestIsCounted() throws Exception {
    for (String host : List.of("localhost:" + port, "shop.example", "")) {
      try (Socket socket = new Socket("127.0.0.1", port)) {
        socket.setSoTimeout(60_000);
        String request = "GET /any HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        String answer =
            new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        if (host.isEmpty() && answer.startsWith("HTTP/1.1 400")) {
          continue;
        }
        assertThat(answer).as("host %s", host).startsWith("HTTP/1.1 200").endsWith("GET /any ");
        assertThat(answer.toLowerCase(Locale.ROOT)).contains("\nratelimit: \"per-second\"");
      }
    }
  }

  @Test
  @Order(6)
  void withoutWeir_isOpenOrClosedAsConfigured_untilItIsBack() throws Exception {
    int otherPort = startProxy("otherwise", otherwise(patient(Files.readString(example(file())))));
    try (HttpClient client = client("127.0.0.16")) {
      assertThat(field(send(client, "GET", "/", ""), "RateLimit")).isNotEmpty();
      weir.close();
      assertUnjudged(send(client, "GET", "/a", ""), open());
      assertUnjudged(sendTo(otherPort, client, "GET", "/a", ""), !open());
      startWeir();
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                assertThat(field(send(client, "GET", "/", ""), "RateLimit")).isNotEmpty();
                assertThat(field(sendTo(otherPort, client, "GET", "/", ""), "RateLimit"))
                    .isNotEmpty();
              });
    }
  }

  private static void assertUnjudged(HttpResponse<String> answer, boolean open) {
    if (open) {
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("GET /a ");
    } else {
      assertThat(answer.statusCode()).isBetween(502, 503);
      assertThat(answer.body()).doesNotContain("GET /a");
    }
    assertThat(answer.headers().firstValue("RateLimit")).isEmpty();
  }

  private Path example(String file) {
    return EXAMPLES.resolve(name()).resolve(file);
  }

  private void startWeir() throws Exception {
    Path file = folder.resolve("weir.yaml");
    String text = Files.readString(EXAMPLES.resolve("weir.yaml"));
    assertThat(text).contains("port: 8080");
    Files.writeString(file, text.replace("port: 8080", "port: " + weirPort));
    weir = WeirServer.start(Configuration.read(file, Map.of()));
  }

  /** Starts the proxy with its own file, but for the ports; answers its port. */
  private int startProxy(String kind, String text) throws IOException {
    int own = Ports.free();
    Path place = Files.createDirectories(folder.resolve(kind));
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (var files = Files.list(EXAMPLES.resolve(name()))) {
      for (Path each : files.toList()) {
        Files.copy(each, place.resolve(each.getFileName()));
      }
    }
    Files.writeString(
        place.resolve(file()),
        text.replace("127.0.0.1:8080", "127.0.0.1:" + weirPort)
            .replace(":8000", ":" + own)
            .replace(":8001", ":" + Ports.free())
            .replace("127.0.0.1:9000", "127.0.0.1:" + application.getAddress().getPort()));
    Path log = place.resolve("proxy.log");
    ProcessBuilder builder =
        new ProcessBuilder(command(place))
            .directory(place.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("HOME", place.toString());
    Process process = builder.start();
    processes.add(process);
    try (HttpClient client = client("127.0.0.10")) {
      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptionsMatching(ConnectException.class::isInstance)
          .until(
              () -> {
                assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
                return !field(sendTo(own, client, "GET", "/up", ""), "RateLimit").isEmpty();
              });
    }
    return own;
  }

  private void serve(HttpExchange exchange) throws IOException {
    forwarded.incrementAndGet();
    byte[] body = exchange.getRequestBody().readAllBytes();
    String told =
        exchange.getRequestMethod()
            + " "
            + exchange.getRequestURI()
            + " "
            + new String(body, StandardCharsets.UTF_8);
    byte[] answer = told.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private HttpResponse<String> send(
      HttpClient client, String method, String target, String body, String... fields)
      throws Exception {
    return sendTo(port, client, method, target, body, fields);
  }

  private static HttpResponse<String> sendTo(
      int to, HttpClient client, String method, String target, String body, String... fields)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + to + target));
    request.method(
        method,
        body.isEmpty()
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofString(body));
    if (fields.length > 0) {
      request.headers(fields);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String field(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  private static HttpClient client(String address) throws IOException {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .localAddress(InetAddress.getByName(address))
        .build();
  }

  /** The text with another; it must be there. */
  static String replaced(String text, String old, String other) {
    assertThat(text).contains(old);
    return text.replace(old, other);
  }
}
