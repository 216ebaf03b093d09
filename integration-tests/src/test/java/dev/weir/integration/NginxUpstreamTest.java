// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.Ports;
import dev.weir.redis.fixtures.RequiresProgram;
import dev.weir.server.Configuration;
import dev.weir.server.WeirServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gateway in front of a real nginx. */
@RequiresProgram("nginx")
@DisplayName("nginx as an upstream")
class NginxUpstreamTest {

  private static final int FILE_BYTES = 8 * 1_024 * 1_024;

  private static final String NGINX =
      """
      daemon off; worker_processes 1; error_log stderr crit; pid %1$s/nginx.pid;
      events { worker_connections 256; }
      http {
        access_log off;
        client_max_body_size 64m;
        client_body_temp_path %1$s/body; proxy_temp_path %1$s/proxy;
        fastcgi_temp_path %1$s/fastcgi; uwsgi_temp_path %1$s/uwsgi; scgi_temp_path %1$s/scgi;
        server {
          listen 127.0.0.1:%2$d;
          root %1$s/www;
          location /echo {
            add_header X-Host $host; add_header X-Seen "$http_x_forwarded_for";
            add_header X-Hop "$http_x_hop"; add_header X-Connection "$http_connection";
            return 200 "$request_method $request_uri";
          }
          location /moved { return 302 /elsewhere; }
          location /empty { return 204; }
          location /broken { return 444; }
        }
      }
      """;

  private static final String WEIR =
      """
      version: 1
      listeners:
        - { name: public, host: 127.0.0.1, port: 0, serves: [routes], limit-headers: none }
      policies:
        - name: per-client
          domain: gateway
          key: [client]
          limits: [ "40 per day" ]
      routes:
        - name: everything
          path: /**
          identity: [ { header: X-API-Key, secret: true, as: key } ]
          check: { domain: gateway, entries: { client: "{identity}" } }
          headers: { X-Left: "{remaining}" }
          upstream: http://127.0.0.1:%d
      """;

  @TempDir static Path folder;
  private static Process nginx;
  private static WeirServer weir;
  private static String digest;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeAll
  static void start() throws Exception {
    byte[] content = new byte[FILE_BYTES];
    new SplittableRandom(1).nextBytes(content);
    digest = digest(content);
    Files.createDirectories(folder.resolve("www"));
    // Started by root, nginx works as another user.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.write(folder.resolve("www/big.bin"), content);
    int port = Ports.free();
    Path config = folder.resolve("nginx.conf");
    Files.writeString(config, NGINX.formatted(folder, port));
    nginx =
        new ProcessBuilder("nginx", "-p", folder.toString(), "-c", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("nginx.log").toFile())
            .start();
    awaitPort(port);
    Path file = folder.resolve("weir.yaml");
    Files.writeString(file, WEIR.formatted(port));
    weir = WeirServer.start(Configuration.read(file, Map.of()));
  }

  @AfterAll
  static void stop() throws InterruptedException {
    if (weir != null) {
      weir.close();
    }
    if (nginx != null) {
      nginx.destroy();
      assertThat(nginx.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void file_ofEightMegabytes_arrivesWhole() throws Exception {
    HttpResponse<byte[]> answer =
        client.send(
            request("/big.bin", "file").GET().build(), HttpResponse.BodyHandlers.ofByteArray());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(digest(answer.body())).isEqualTo(digest);
    assertThat(answer.headers().firstValue("x-left")).hasValue("39");
    assertThat(answer.headers().firstValue("etag")).isPresent();
  }

  @Test
  void conditionsAndRanges_areTheUpstreams() throws Exception {
    HttpResponse<String> first = send(request("/big.bin", "range").header("Range", "bytes=0-9"));
    assertThat(first.statusCode()).isEqualTo(206);
    String etag = first.headers().firstValue("etag").orElseThrow();
    HttpResponse<String> again = send(request("/big.bin", "range").header("If-None-Match", etag));
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
  }

  @Test
  void headRedirectAndNoContent_passUnchanged() throws Exception {
    HttpResponse<String> head =
        send(request("/big.bin", "kinds").method("HEAD", HttpRequest.BodyPublishers.noBody()));
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.headers().firstValue("content-length")).hasValue(Integer.toString(FILE_BYTES));
    HttpResponse<String> moved = send(request("/moved", "kinds"));
    assertThat(moved.statusCode()).isEqualTo(302);
    assertThat(moved.headers().firstValue("location").orElseThrow()).endsWith("/elsewhere");
    assertThat(send(request("/empty", "kinds")).statusCode()).isEqualTo(204);
    assertThat(send(request("/nothing", "kinds")).statusCode()).isEqualTo(404);
  }

  @Test
  void queryAndForwardingFields_arrive_andHopByHopFieldsDoNot() throws Exception {
    try (Socket socket = new Socket("127.0.0.1", port())) {
      socket
          .getOutputStream()
          .write(
              ("GET /echo/a%20b?x=1&y=%2F HTTP/1.1\r\nHost: public.example\r\nX-API-Key: hop\r\n"
                      + "Connection: close, X-Hop\r\nX-Hop: secret\r\n\r\n")
                  .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes());
      assertThat(answer).startsWith("HTTP/1.1 200").endsWith("GET /echo/a%20b?x=1&y=%2F");
      assertThat(answer).contains("X-Seen: 127.0.0.1").doesNotContain("secret");
    }
  }

  @Test
  void upstreamThatHangsUp_isABadGateway() throws Exception {
    HttpResponse<String> answer = send(request("/broken", "broken"));
    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
  }

  @Test
  void limit_isExact_andDeniedRequestsDoNotReachTheUpstream() throws Exception {
    int allowed = 0;
    for (int i = 0; i < 50; i++) {
      HttpResponse<String> answer = send(request("/echo", "exact"));
      allowed += answer.statusCode() == 200 ? 1 : 0;
      if (answer.statusCode() != 200) {
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.headers().map()).doesNotContainKey("x-host");
      }
    }
    assertThat(allowed).isEqualTo(40);
  }

  private static HttpRequest.Builder request(String target, String key) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + target))
        .header("X-API-Key", key);
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static int port() {
    return weir.ports().values().iterator().next();
  }

  private static String digest(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private static void awaitPort(int port) throws Exception {
    for (int i = 0; ; i++) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress("127.0.0.1", port), 200);
        return;
      } catch (IOException notYet) {
        if (i == 100 || !nginx.isAlive()) {
          throw new IOException("nginx: " + Files.readString(folder.resolve("nginx.log")), notYet);
        }
        Thread.sleep(50);
      }
    }
  }
}
