// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.policy.InvalidFileException;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokensTest {

  private static final String CHECK =
      "{\"domain\":\"api\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\"1\"}]}]}";

  @TempDir Path folder;

  private static String sha256(String token) throws Exception {
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest);
  }

  private Configuration configuration(String tokens) throws IOException {
    Path file = folder.resolve("weir.yaml");
    Files.writeString(
        file,
        """
        version: 1
        listeners:
          - host: 127.0.0.1
            port: 0
            serves: [api, rls-json]
            tokens: %s
        policies: none
        """
            .formatted(tokens));
    return Configuration.read(file, Map.of());
  }

  @Test
  void api_withTokens_servesWhoHasTheScope() throws Exception {
    String tokens =
        "[{ sha256: %s, scopes: [check] }, { sha256: %s, scopes: [check, refund] }]"
            .formatted(sha256("reader"), sha256("cashier"));
    try (TestServer server = TestServer.start(configuration(tokens))) {
      assertThat(post(server, "/v1/check", CHECK, "Bearer reader").statusCode()).isEqualTo(200);
      assertThat(post(server, "/v1/check", CHECK, "bearer cashier").statusCode()).isEqualTo(200);
      HttpResponse<String> nobody = server.post("/v1/check", CHECK);
      assertThat(nobody.statusCode()).isEqualTo(401);
      assertThat(nobody.headers().firstValue("www-authenticate")).hasValue("Bearer");
      for (String wrong : new String[] {"Bearer ", "Bearer x", "Basic reader", "reader"}) {
        assertThat(post(server, "/v1/check", CHECK, wrong).statusCode()).as(wrong).isEqualTo(401);
      }
      String refund = "{\"receipts\":[]}";
      assertThat(post(server, "/v1/refund", refund, "Bearer reader").statusCode()).isEqualTo(403);
      assertThat(post(server, "/v1/refund", refund, "Bearer cashier").statusCode())
          .isNotIn(401, 403);
      for (String path : new String[] {"checks", "peek", "record", "hold", "renew", "release"}) {
        assertThat(server.post("/v1/" + path, CHECK).statusCode()).as(path).isEqualTo(401);
      }
      assertThat(server.get("/v1/check?domain=api&user=1").statusCode()).isEqualTo(401);
    }
  }

  @Test
  void json_withTokens_refusesAsTheApiDoes() throws Exception {
    String tokens = "[{ sha256: %s, scopes: [refund] }]".formatted(sha256("cashier"));
    try (TestServer server = TestServer.start(configuration(tokens))) {
      for (String path : new String[] {"/v1/check", "/json"}) {
        for (String token : new String[] {"Bearer nobody", "Bearer cashier"}) {
          HttpResponse<String> refused = post(server, path, CHECK, token);
          assertThat(refused.statusCode())
              .as("%s %s", path, token)
              .isEqualTo(token.endsWith("cashier") ? 403 : 401);
          assertThat(refused.headers().firstValue("www-authenticate")).hasValue("Bearer");
        }
      }
    }
  }

  @Test
  void configuration_withATokenInPlaceOfItsDigest_isRefusedWithoutTellingIt() {
    assertThatThrownBy(() -> configuration("[{ sha256: hunter2, scopes: [check] }]"))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("listeners[0].tokens[0].sha256")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void configuration_withoutAToken_doesNotOpenTheApi() {
    assertThatThrownBy(() -> configuration("[]")).isInstanceOf(InvalidFileException.class);
    assertThatThrownBy(() -> configuration("[{ scopes: [check] }]"))
        .isInstanceOf(InvalidFileException.class);
  }

  private static HttpResponse<String> post(
      TestServer server, String path, String body, String authorization) {
    return server.post(path, body, "Authorization", authorization);
  }
}
