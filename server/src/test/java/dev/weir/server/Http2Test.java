// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The same port speaks HTTP/2 in clear text. */
class Http2Test {

  @Test
  void streamsOfOneConnection_areAllAnswered() {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
    try (TestServer server = TestServer.start()) {
      URI uri = URI.create("http://127.0.0.1:" + server.port() + "/v1/check");
      String body =
          "{\"domain\":\"api\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\"h2\"}]}]}";
      HttpRequest request =
          HttpRequest.newBuilder(uri)
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build();
      // The first request upgrades the connection that the others share.
      HttpResponse<String> first =
          client.sendAsync(request, HttpResponse.BodyHandlers.ofString()).join();
      assertThat(first.statusCode()).isEqualTo(200);
      List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < 80; i++) {
        answers.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
      }
      for (CompletableFuture<HttpResponse<String>> answer : answers) {
        assertThat(answer.join().version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(answer.join().body()).contains("\"allowed\":true");
      }
      HttpResponse<String> health =
          client
              .sendAsync(
                  HttpRequest.newBuilder(uri.resolve("/health")).build(),
                  HttpResponse.BodyHandlers.ofString())
              .join();
      assertThat(health.body()).contains("\"status\":\"ok\"");
      HttpResponse<String> wrong =
          client
              .sendAsync(
                  HttpRequest.newBuilder(uri)
                      .POST(HttpRequest.BodyPublishers.ofString("x".repeat(2_000_000)))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .join();
      assertThat(wrong.statusCode()).isEqualTo(413);
    }
  }

  /** A client may send the body of the request that it upgrades with whenever it likes. */
  @Test
  void bodyOfAnUpgrade_thatComesBehindTheSwitch_isNoFrame() throws Exception {
    String body =
        "{\"domain\":\"api\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\"PRI * HTTP\"}]}]}";
    try (TestServer server = TestServer.start();
        RawHttp2 client = new RawHttp2(server.port())) {
      String head =
          "POST /v1/check HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\n"
              + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n";
      client.send(head.getBytes(StandardCharsets.US_ASCII));
      assertThat(client.answerHead()).startsWith("HTTP/1.1 101 ");
      client.send(body.getBytes(StandardCharsets.US_ASCII));
      client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      client.frame(RawHttp2.SETTINGS, 0, 0, new byte[0]);
      RawHttp2.Frame data = client.next(RawHttp2.DATA).orElseThrow();
      assertThat(new String(data.payload(), StandardCharsets.US_ASCII))
          .contains("\"allowed\":true");
    }
  }
}
