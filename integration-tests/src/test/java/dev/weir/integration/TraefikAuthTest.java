// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.server.Configuration;
import dev.weir.server.WeirServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Traefik's {@code forwardAuth} sends to the address of the example, and what it needs of the
 * answer: it lets a 2xx through and gives the client every other answer as it is.
 *
 * @see <a href="https://doc.traefik.io/traefik/middlewares/http/forwardauth/">ForwardAuth</a>
 */
@DisplayName("Traefik's forwardAuth")
class TraefikAuthTest {

  @TempDir Path folder;

  @Test
  void request_asForwardAuthSendsIt_isJudged_andItsDenialIsComplete() throws Exception {
    String dynamic = Files.readString(AskingProxyContract.EXAMPLES.resolve("traefik/dynamic.yaml"));
    Matcher address =
        Pattern.compile("address: http://127\\.0\\.0\\.1:8080(\\S+)").matcher(dynamic);
    assertThat(address.find()).isTrue();
    Path file = folder.resolve("weir.yaml");
    Files.writeString(
        file,
        Files.readString(AskingProxyContract.EXAMPLES.resolve("weir.yaml"))
            .replace("port: 8080", "port: 0"));
    try (WeirServer weir = WeirServer.start(Configuration.read(file, Map.of()));
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      URI hook = URI.create("http://127.0.0.1:" + weir.ports().get("hook") + address.group(1));
      HttpRequest request =
          HttpRequest.newBuilder(hook)
              .headers("User-Agent", "a client", "Accept-Encoding", "gzip")
              .headers("Content-Type", "application/x-www-form-urlencoded")
              .headers("X-Forwarded-Method", "POST", "X-Forwarded-Proto", "https")
              .headers("X-Forwarded-Host", "shop.example", "X-Forwarded-Uri", "/login?next=/")
              .headers("X-Forwarded-For", "203.0.113.7")
              .build();
      for (int i = 0; i < 5; i++) {
        HttpResponse<String> allowed = client.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(allowed.statusCode()).isEqualTo(200);
      }
      HttpResponse<String> denied = client.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(denied.statusCode()).isEqualTo(429);
      assertThat(denied.headers().firstValue("Retry-After")).isPresent();
      assertThat(denied.headers().firstValue("RateLimit").orElse(""))
          .startsWith("\"five-a-minute\";r=0");
      assertThat(denied.headers().firstValue("Cache-Control")).hasValue("no-store");
      assertThat(denied.headers().firstValue("Content-Type")).hasValue("application/problem+json");
      assertThat(denied.body()).contains("five-a-minute");
    }
  }
}
