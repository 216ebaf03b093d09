// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Descriptor;
import dev.weir.core.Network;
import dev.weir.server.Configuration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The descriptors of requests that were logged. */
final class PreviewTest {

  @TempDir private Path folder;
  private Preview preview;

  @BeforeEach
  void readRoutes() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("weir.yaml"),
            """
            version: 1
            policies:
              - { name: any, domain: shop, key: [who], limits: [9 per second] }
            routes:
              - path: /free
                respond: { body: free }
              - path: /orders/{id}
                methods: [GET]
                identity:
                  from:
                    - { header: X-User-ID, as: user }
                    - address
                check:
                  - domain: shop
                    entries: { who: "{identity}", order: "{path:id}", q: "{query:q}" }
                respond: { body: ok }
              - path: /keyed
                identity:
                  from: [{ api-key: X-API-Key }]
                  absent: { status: 401 }
                check:
                  - domain: shop
                    entries: { who: "{identity}" }
                respond: { body: ok }
            """,
            UTF_8);
    preview =
        new Preview(
            Configuration.read(file, Map.of()).routes(),
            new ClientAddress(List.of(Network.of("10.0.0.0/8"))));
  }

  private List<Descriptor> of(String method, String target, Map<String, String> headers) {
    return preview.descriptors(
        new Preview.Request("10.0.0.1", method, target, headers, Optional.empty(), 0));
  }

  @Test
  void descriptors_ofARoute_areThoseOfTheGateway() {
    assertThat(of("GET", "/orders/7?q=a", Map.of("x-forwarded-for", "192.0.2.7")))
        .singleElement()
        .asString()
        .isEqualTo("shop{who=address:192.0.2.7,order=7,q=a}");
    assertThat(of("GET", "//orders/./7", Map.of("x-user-id", "ann")))
        .singleElement()
        .asString()
        .isEqualTo("shop{who=user:ann,order=7}");
  }

  @Test
  void descriptors_whereNothingIsCharged_areNone() {
    assertThat(of("GET", "/free", Map.of())).isEmpty();
    assertThat(of("GET", "/nowhere", Map.of())).isEmpty();
    assertThat(of("POST", "/orders/7", Map.of())).isEmpty();
    assertThat(of("GET", "/orders/%zz", Map.of())).isEmpty();
  }

  @Test
  void descriptors_byAnApiKey_takeTheUserOfTheLog() {
    assertThat(of("GET", "/keyed", Map.of())).isEmpty();
    assertThat(
            preview.descriptors(
                new Preview.Request("192.0.2.7", "GET", "/keyed", Map.of(), Optional.of("ann"), 0)))
        .singleElement()
        .asString()
        .isEqualTo("shop{who=user:ann}");
  }
}
