// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static dev.weir.server.TlsClient.answer;
import static dev.weir.server.TlsClient.client;
import static dev.weir.server.TlsClient.get;
import static dev.weir.server.TlsClient.health;
import static dev.weir.server.TlsClient.line;
import static dev.weir.server.TlsClient.send;
import static dev.weir.server.TlsClient.shakesHands;
import static dev.weir.server.TlsClient.socket;
import static dev.weir.server.TlsClient.trusting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.redis.fixtures.RequiresProgram;
import dev.weir.redis.fixtures.TestCertificates;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Listeners that speak TLS, and clients that do or do not. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class TlsTest {

  private static final String HEALTH =
      "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  private static final String REDIS = "PING\r\nQUIT\r\n";

  @TempDir static Path folder;
  private static TestCertificates certificates;
  private static TestCertificates others;

  @BeforeAll
  static void makeCertificates() throws IOException {
    certificates = TestCertificates.in(Files.createDirectory(folder.resolve("ours")));
    others = TestCertificates.in(Files.createDirectory(folder.resolve("others")));
  }

  static String tls(TestCertificates files, String more) {
    return "tls: { certificate: \"%s\", private-key: \"%s\" %s }"
        .formatted(files.serverCertificate(), files.serverKey(), more);
  }

  private static String mutual(String more) {
    return tls(certificates, ", client-ca: \"" + certificates.ca() + "\"" + more);
  }

  static Configuration configuration(String listener) {
    return configuration(listener, "30s");
  }

  private static Configuration configuration(String listener, String deadline) {
    return TestConfiguration.of(
        """
        version: 1
        http: { header-deadline: %s }
        listeners:
          - name: secure
            port: 0
            serves: [api, health, metrics, routes]
            %s
        policies:
          - name: per-user
            domain: api
            key: user
            limits: [{ name: quota, algorithm: fixed-window, limit: 1000, window: 1d }]
        routes:
          - { path: /who, identity: [address], respond: { json: { who: "{identity}" } } }
          - path: /name
            identity: [{ certificate: subject }, address]
            respond: { json: { who: "{identity}" } }
          - path: /host
            identity: [{ certificate: san, as: host }]
            respond: { json: { who: "{identity}" } }
        """
            .formatted(deadline, listener));
  }

  private static TestServer start(String listener) {
    return TestServer.start(configuration(listener));
  }

  private static SSLContext ours() {
    return trusting(certificates.ca());
  }

  @Test
  void requests_ofBothVersions_areAnswered() throws Exception {
    try (TestServer server = start(tls(certificates, ""))) {
      for (HttpClient.Version version : HttpClient.Version.values()) {
        try (HttpClient client = client(ours(), version)) {
          HttpResponse<String> first = get(client, server, "/who");
          assertThat(first.version()).isEqualTo(version);
          assertThat(first.body()).isEqualTo("{\"who\":\"127.0.0.1\"}");
          List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
          HttpRequest check =
              HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + "/v1/check"))
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "{\"domain\":\"api\",\"descriptors\":[{\"entries\":"
                              + "[{\"key\":\"user\",\"value\":\"u\"}]}]}"))
                  .build();
          for (int i = 0; i < 80; i++) {
            answers.add(client.sendAsync(check, HttpResponse.BodyHandlers.ofString()));
          }
          for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(answer.join().version()).isEqualTo(version);
            assertThat(answer.join().body()).contains("\"allowed\":true");
          }
        }
      }
    }
  }

  @Test
  void pipelinedChecks_overTls_areAnsweredInOrder() throws Exception {
    String body =
        "{\"domain\":\"api\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\"p\"}]}]}";
    String check =
        "POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body;
    try (TestServer server = start(tls(certificates, ""));
        SSLSocket socket = socket(server, ours())) {
      int left = 1_000;
      // One by one, which is the short way after the first, then in records of TLS that cut them.
      for (int i = 0; i < 20; i++) {
        send(socket, check);
        assertThat(answer(socket)).contains("\"remaining\":" + --left + ",");
      }
      send(socket, check.repeat(500) + "GET /health HTTP/1.1\r\nHost: x\r\nTE: trailers\r\n\r\n");
      for (int i = 0; i < 500; i++) {
        assertThat(answer(socket)).contains("\"remaining\":" + --left + ",");
      }
      assertThat(answer(socket)).contains("\"status\":\"ok\"");
    }
  }

  @Test
  void protocols_otherThanTheListeners_areRefused() throws Exception {
    try (TestServer server = start(tls(certificates, ", protocols: [TLSv1.3]"))) {
      try (SSLSocket socket = socket(server, ours(), "TLSv1.3")) {
        socket.startHandshake();
        assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
      }
      try (SSLSocket socket = socket(server, ours(), "TLSv1.2")) {
        assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLHandshakeException.class);
      }
    }
    try (TestServer server = start(tls(certificates, ""));
        SSLSocket socket = socket(server, ours(), "TLSv1.2")) {
      socket.startHandshake();
      assertThat(socket.getSession().getCipherSuite()).startsWith("TLS_ECDHE_").contains("GCM");
    }
  }

  @Test
  void renegotiation_byTheClient_isNotAllowed() throws Exception {
    try (TestServer server = start(tls(certificates, ""));
        SSLSocket socket = socket(server, ours(), "TLSv1.2")) {
      send(socket, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(answer(socket)).contains("ok");
      assertThatThrownBy(
              () -> {
                // Asks for it and reads the server's word; without a refusal the request is served.
                socket.startHandshake();
                send(socket, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
                answer(socket);
              })
          .isInstanceOf(IOException.class);
      assertThat(health(ours(), server).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void clientThatNeverShakesHands_isClosedAfterTheDeadline_andOthersAreServed() throws Exception {
    try (TestServer server = start(tls(certificates, ", handshake-deadline: 2s"))) {
      List<RawClient> slow = new ArrayList<>();
      try {
        for (int i = 0; i < 50; i++) {
          RawClient client = new RawClient(server.port());
          slow.add(client);
          if (i % 2 == 0) {
            // The head of a record that never comes.
            client.send(new byte[] {0x16, 3, 1, 2, 0, 1});
          }
        }
        assertThat(health(ours(), server).statusCode()).isEqualTo(200);
        for (RawClient client : slow) {
          client.readAll();
        }
      } finally {
        for (RawClient client : slow) {
          client.close();
        }
      }
      assertThat(metric(server, "tls_handshake_failed")).isEqualTo(50);
    }
  }

  private static int metric(TestServer server, String type) throws IOException {
    try (HttpClient client = client(ours(), HttpClient.Version.HTTP_1_1)) {
      return get(client, server, "/metrics")
          .body()
          .lines()
          .filter(line -> line.startsWith("weir_security_events_total{type=\"" + type + "\"} "))
          .mapToInt(line -> (int) Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
          .findFirst()
          .orElse(-1);
    }
  }

  @Test
  void plainText_onThePortOfTls_isClosed() throws Exception {
    try (TestServer server = start(tls(certificates, ""));
        RawClient plain = new RawClient(server.port())) {
      plain.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(plain.readAll()).doesNotContain("HTTP/1.1 200");
      assertThat(health(ours(), server).statusCode()).isEqualTo(200);
      assertThat(metric(server, "tls_handshake_failed")).isEqualTo(1);
    }
  }

  @Test
  void hostileRequests_overTls_areCutAsInPlainText() throws Exception {
    try (TestServer server = TestServer.start(configuration(tls(certificates, ""), "2s"))) {
      try (SSLSocket half = socket(server, ours())) {
        send(half, "GET /health HTTP/1.1\r\nHost:");
        assertThat(line(half)).isEqualTo("HTTP/1.1 408 Request Timeout");
      }
      try (SSLSocket silent = socket(server, ours())) {
        silent.startHandshake();
        assertThat(line(silent)).isEmpty();
      }
      try (SSLSocket large = socket(server, ours())) {
        send(large, "GET /" + "a".repeat(9_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(line(large)).contains(" 414 ");
      }
    }
  }

  @Test
  void mutualTls_onlyTheRightCertificatePasses() throws Exception {
    try (TestServer server = start(mutual(""))) {
      SSLContext right =
          trusting(certificates.ca(), certificates.clientCertificate(), certificates.clientKey());
      assertThat(health(right, server).statusCode()).isEqualTo(200);
      assertThatThrownBy(() -> health(ours(), server)).isInstanceOf(IOException.class);
      SSLContext wrong =
          trusting(certificates.ca(), others.clientCertificate(), others.clientKey());
      assertThatThrownBy(() -> health(wrong, server)).isInstanceOf(IOException.class);
    }
    try (TestServer server = start(mutual(", client-auth: requested"))) {
      assertThat(health(ours(), server).statusCode()).isEqualTo(200);
      SSLContext right =
          trusting(certificates.ca(), certificates.clientCertificate(), certificates.clientKey());
      assertThat(health(right, server).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void certificateOfAClient_isItsIdentity() throws Exception {
    SSLContext named =
        trusting(certificates.ca(), certificates.clientCertificate(), certificates.clientKey());
    try (TestServer server = start(mutual(", client-auth: requested"))) {
      for (HttpClient.Version version : HttpClient.Version.values()) {
        try (HttpClient client = client(named, version);
            HttpClient nameless = client(ours(), version)) {
          for (int i = 0; i < 2; i++) {
            assertThat(get(client, server, "/name").body()).isEqualTo("{\"who\":\"weir\"}");
          }
          assertThat(get(client, server, "/host").body()).isEqualTo("{\"who\":\"localhost\"}");
          assertThat(get(nameless, server, "/name").body()).isEqualTo("{\"who\":\"127.0.0.1\"}");
          assertThat(get(nameless, server, "/host").body()).isEqualTo("{\"who\":\"\"}");
        }
      }
    }
    try (TestServer plain = start("limit-headers: none")) {
      assertThat(plain.get("/name").body()).isEqualTo("{\"who\":\"127.0.0.1\"}");
    }
  }

  @Test
  @RequiresProgram("openssl")
  void mutualTls_requested_refusesAWrongCertificate() throws Exception {
    // The JDK's client does not show a certificate of an authority that the server did not name.
    try (TestServer server = start(mutual(", client-auth: requested"))) {
      assertThat(openssl(server, certificates, HEALTH)).contains("HTTP/1.1 200 OK");
      assertThat(openssl(server, others, HEALTH)).doesNotContain("HTTP/1.1 200 OK");
    }
  }

  @Test
  @RequiresProgram("openssl")
  void mutualTls_ofTheRedisProtocol_onlyTheRightCertificatePasses() throws Exception {
    try (TestServer server = TestServer.start(redisProtocol(mutual("")))) {
      SSLContext right =
          trusting(certificates.ca(), certificates.clientCertificate(), certificates.clientKey());
      try (RespClient client = new RespClient(socket(server, right))) {
        assertThat(client.ask("THROTTLE k 2 1 1000")).isEqualTo("[1, 2, 1, 1000, 0]");
      }
      assertThatThrownBy(
              () -> {
                try (RespClient client = new RespClient(socket(server, ours()))) {
                  client.ask("THROTTLE k 2 1 1000");
                }
              })
          .isInstanceOf(IOException.class);
      assertThat(openssl(server, certificates, REDIS)).contains("+PONG");
      assertThat(openssl(server, others, REDIS)).doesNotContain("+PONG");
      // Whoever was refused has spent nothing.
      try (RespClient client = new RespClient(socket(server, right))) {
        assertThat(client.ask("THROTTLE k 2 1 1000 0")).startsWith("[1, 2, 1, ");
      }
    }
    try (TestServer server = TestServer.start(redisProtocol(mutual(", client-auth: requested")))) {
      try (RespClient client = new RespClient(socket(server, ours()))) {
        assertThat(client.ask("PING")).isEqualTo("PONG");
      }
      assertThat(openssl(server, others, REDIS)).doesNotContain("+PONG");
    }
  }

  private static Configuration redisProtocol(String tls) {
    return TestConfiguration.of(
        """
        version: 1
        listeners:
          - { name: resp, port: 0, serves: [resp], %s }
        policies: none
        """
            .formatted(tls));
  }

  private static String openssl(TestServer server, TestCertificates shown, String request)
      throws Exception {
    Process process =
        new ProcessBuilder(
                "openssl",
                "s_client",
                "-quiet",
                "-ign_eof",
                "-connect",
                "127.0.0.1:" + server.port(),
                "-CAfile",
                certificates.ca().toString(),
                "-cert",
                shown.clientCertificate().toString(),
                "-key",
                shown.clientKey().toString())
            .redirectErrorStream(true)
            .start();
    try {
      process.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      process.getOutputStream().flush();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } finally {
      process.destroy();
    }
  }

  @Test
  @RequiresProgram("curl")
  void curl_speaksHttp2WithTheListener() throws Exception {
    try (TestServer server = start(tls(certificates, ""))) {
      Process curl =
          new ProcessBuilder(
                  "curl",
                  "-sS",
                  "--http2",
                  "-w",
                  "\n%{http_version} %{http_code}",
                  "--cacert",
                  certificates.ca().toString(),
                  "https://localhost:" + server.port() + "/who")
              .redirectErrorStream(true)
              .start();
      assertThat(new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("{\"who\":\"127.0.0.1\"}\n2 200");
      assertThat(curl.waitFor()).isZero();
    }
  }

  @Test
  void changedCertificate_isTaken_withoutLosingAConnection_andABrokenOneIsRefused()
      throws Exception {
    Path live = Files.createDirectory(folder.resolve("live"));
    copy(certificates, live);
    TestCertificates files =
        new TestCertificates(
            live.resolve("ca.pem"),
            live.resolve("server.pem"),
            live.resolve("server-key.pem"),
            live.resolve("client.pem"),
            live.resolve("client-key.pem"));
    try (TestServer server = start(tls(files, ""));
        SSLSocket before = socket(server, ours())) {
      send(before, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(answer(before)).contains("ok");

      copy(others, live);
      SSLContext next = trusting(others.ca());
      await().atMost(Duration.ofSeconds(30)).until(() -> shakesHands(next, server));
      assertThat(shakesHands(ours(), server)).isFalse();
      send(before, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(answer(before)).contains("ok");

      // The key of another certificate: what was in force stays, until the pair fits again.
      Files.writeString(live.resolve("server.pem"), Files.readString(certificates.ca()));
      await()
          .during(Duration.ofSeconds(2))
          .atMost(Duration.ofSeconds(30))
          .until(() -> shakesHands(next, server));
      copy(certificates, live);
      await().atMost(Duration.ofSeconds(30)).until(() -> shakesHands(ours(), server));
    }
  }

  private static void copy(TestCertificates from, Path to) throws IOException {
    for (Path file : List.of(from.serverCertificate(), from.serverKey())) {
      Path fresh = to.resolve("fresh");
      Files.copy(file, fresh, StandardCopyOption.REPLACE_EXISTING);
      Files.move(fresh, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
