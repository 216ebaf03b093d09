// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.Lease;
import dev.weir.core.Limit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** R21 from outside: files change under a running server. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class LiveReloadTest {

  @TempDir Path folder;

  private static String file(String limit) {
    return """
        version: 1
        listeners: [{ name: api, host: 127.0.0.1, port: 0, serves: [api] }]
        policies:
          - name: users
            domain: api
            key: user
            limits: [{ name: quota, algorithm: fixed-window, limit: %s, window: 1d }]
        """
        .formatted(limit);
  }

  private static String check(TestServer server) {
    return server.get("/v1/check?domain=api&user=u").body();
  }

  private static void until(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(50);
    }
  }

  @Test
  void rule21_changedFile_keepsWhatIsSpent_andABadOneIsRefused() throws Exception {
    Path file = folder.resolve("weir.yaml");
    Files.writeString(file, file("10"));
    try (TestServer server = TestServer.start(Configuration.read(file, Map.of()))) {
      for (int i = 0; i < 4; i++) {
        assertThat(check(server)).contains("\"allowed\":true");
      }
      Files.writeString(file, file("100"));
      until(() -> server.server().limiter().policies().version() == 2);
      assertThat(check(server)).contains("\"remaining\":95");

      Files.writeString(file, file("lots"));
      Thread.sleep(1_500);
      assertThat(check(server)).contains("\"remaining\":94");
      assertThat(server.server().limiter().policies().version()).isEqualTo(2);

      Files.writeString(file, file("5"));
      until(() -> server.server().limiter().policies().version() == 3);
      assertThat(check(server)).contains("\"allowed\":false");
    }
  }

  @Test
  void rule21_changedPolicyFile_isTaken() throws Exception {
    Path rules = folder.resolve("rules.json");
    Files.writeString(rules, rules(5));
    Path file = folder.resolve("weir.yaml");
    Files.writeString(
        file,
        """
        version: 1
        listeners: [{ name: api, host: 127.0.0.1, port: 0, serves: [api] }]
        policy-files: [{ file: rules.json, format: rules-json, domain: c }]
        """);
    try (TestServer server = TestServer.start(Configuration.read(file, Map.of()))) {
      assertThat(server.get("/v1/peek?x").statusCode()).isEqualTo(405);
      assertThat(server.get("/v1/check?domain=c&ip=10.0.0.1").body()).contains("\"remaining\":4");
      Files.writeString(rules, rules(50));
      until(() -> server.server().limiter().policies().version() == 2);
      assertThat(server.get("/v1/check?domain=c&ip=10.0.0.2").body()).contains("\"remaining\":49");
    }
  }

  private static String envoy(int limit) {
    return "domain: d\ndescriptors: [{ key: a, rate_limit: { unit: day, requests_per_unit: "
        + limit
        + " } }]";
  }

  @Test
  void rule21_folderOfEnvoysRules_isFollowedThroughTurnedLinks() throws Exception {
    Path one = Files.createDirectories(folder.resolve("v1/config"));
    Path two = Files.createDirectories(folder.resolve("v2/config"));
    Path three = Files.createDirectories(folder.resolve("v3/config"));
    Files.writeString(one.resolve("a.yaml"), envoy(5));
    Files.writeString(two.resolve("b.yaml"), envoy(50));
    Files.writeString(three.resolve("b.yaml"), envoy(7).replace("day", "fortnight"));
    Path current = Files.createSymbolicLink(folder.resolve("current"), Path.of("v1"));
    Path file = folder.resolve("weir.yaml");
    Files.writeString(
        file,
        """
        version: 1
        listeners: [{ name: api, host: 127.0.0.1, port: 0, serves: [api] }]
        policy-files: [{ file: current/config, format: envoy }]
        """);
    try (CapturedLog log = new CapturedLog();
        TestServer server = TestServer.start(Configuration.read(file, Map.of()))) {
      assertThat(server.get("/v1/check?domain=d&a=1").body()).contains("\"remaining\":4");
      turn(current, "v2");
      until(() -> server.server().limiter().policies().version() == 2);
      assertThat(server.get("/v1/check?domain=d&a=1").body()).contains("\"remaining\":48");
      until(() -> log.text().contains(": 1 policy in force"));
      turn(current, "v3");
      until(() -> log.text().contains("invalid rate limit unit 'fortnight'"));
      assertThat(log.text()).contains("refused, the policies before stay in force");
      assertThat(log.text()).contains("v3/config/b.yaml:2:".replace("v3", "current"));
      Files.delete(two.resolve("b.yaml"));
      turn(current, "v2");
      until(() -> log.text().contains("no rate limit configuration"));
      assertThat(server.get("/v1/check?domain=d&a=1").body()).contains("\"remaining\":47");
      Files.writeString(two.resolve("c.yaml"), envoy(60));
      until(() -> server.server().limiter().policies().version() == 3);
      assertThat(server.get("/v1/check?domain=d&a=1").body()).contains("\"remaining\":56");
    }
  }

  private void turn(Path link, String target) throws Exception {
    Path next = Files.createSymbolicLink(folder.resolve("next"), Path.of(target));
    Files.move(next, link, StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void emptyFolderOfEnvoysRules_startsWithoutAndTakesThemWhenTheyCome() throws Exception {
    Path rules = Files.createDirectories(folder.resolve("config"));
    Path file = folder.resolve("weir.yaml");
    Files.writeString(
        file,
        """
        version: 1
        listeners: [{ name: api, host: 127.0.0.1, port: 0, serves: [api] }]
        policy-files: [{ file: config, format: envoy }]
        """);
    try (TestServer server = TestServer.start(Configuration.read(file, Map.of()))) {
      assertThat(server.server().limiter().policies().loaded()).isFalse();
      Files.writeString(rules.resolve("a.yaml"), envoy(5));
      until(() -> server.server().limiter().policies().loaded());
      assertThat(server.get("/v1/check?domain=d&a=1").body()).contains("\"remaining\":4");
    }
  }

  @Test
  void envoysRules_wrongOrBesideVariablesOfWhatWeirDoesNot_areRefused() throws Exception {
    Path rules = Files.createDirectories(folder.resolve("config"));
    Files.writeString(rules.resolve("a.yaml"), "domain: d\ndescriptor: []");
    Path file = folder.resolve("weir.yaml");
    Files.writeString(
        file,
        """
        version: 1
        listeners: [{ name: api, host: 127.0.0.1, port: 0, serves: [api] }]
        policy-files: [{ file: config, format: envoy, service-variables: true }]
        """);
    assertThatThrownBy(() -> Configuration.read(file, Map.of()))
        .hasMessageContaining("config/a.yaml:2:13: descriptor: config error, unknown key");
    Files.writeString(rules.resolve("a.yaml"), envoy(5));
    assertThatThrownBy(
            () ->
                Configuration.read(
                    file, Map.of("GRPC_SERVER_USE_TLS", "true", "CONFIG_TYPE", "GRPC_XDS_SOTW")))
        .hasMessageContaining("CONFIG_TYPE: GRPC_XDS_SOTW (expected: FILE)")
        .hasMessageContaining("GRPC_SERVER_USE_TLS: true (expected: false; TLS is a matter of");
    assertThat(
            Configuration.read(file, Map.of("GRPC_SERVER_USE_TLS", "F", "CONFIG_TYPE", "FILE"))
                .policies()
                .policies())
        .hasSize(1);
  }

  @Test
  void changedFileOfUsers_isTaken() throws Exception {
    Path users = folder.resolve("users.json");
    Files.writeString(users, users("ann", "anns_key_123"));
    Path file = folder.resolve("weir.yaml");
    Files.writeString(
        file,
        """
        version: 1
        listeners: [{ name: public, host: 127.0.0.1, port: 0, serves: [routes] }]
        identities: { files: [{ file: users.json, format: tiers-json }] }
        policies: none
        routes:
          - path: /who
            identity: { from: [{ api-key: X-API-Key }], absent: { status: 401 } }
            respond: { body: "{user}" }
        """);
    try (TestServer server = TestServer.start(Configuration.read(file, Map.of()))) {
      assertThat(server.get("/who", "X-API-Key", "anns_key_123").body()).isEqualTo("ann");
      Files.writeString(users, users("bob", "bobs_key_456"));
      until(() -> server.server().callers().identities().user("bob").isPresent());
      assertThat(server.get("/who", "X-API-Key", "bobs_key_456").body()).isEqualTo("bob");
      assertThat(server.get("/who", "X-API-Key", "anns_key_123").statusCode()).isEqualTo(401);
    }
  }

  private static String users(String user, String key) {
    return "{\"tiers\":{\"free\":{\"base_limit\":10}},\"users\":{\""
        + user
        + "\":\"free\"},\"api_keys\":{\""
        + key
        + "\":\""
        + user
        + "\"}}";
  }

  @Test
  void leaseOfAFileOfRules_isThatOfItsLimits() throws Exception {
    Files.writeString(folder.resolve("rules.json"), rules(5_000));
    Path file = folder.resolve("weir.yaml");
    String text =
        """
        version: 1
        listeners: [{ name: api, host: 127.0.0.1, port: 0, serves: [api] }]
        policy-files: [{ file: rules.json, format: rules-json, lease: %s }]
        """;
    Files.writeString(file, text.formatted("{ permits: 20 }"));
    assertThat(Configuration.read(file, Map.of()).policies().policies().getFirst().limits())
        .extracting(Limit::lease)
        .containsExactly(Optional.of(Lease.of(20)));
    Files.writeString(file, text.formatted("{ permits: 5001 }"));
    assertThatThrownBy(() -> Configuration.read(file, Map.of()))
        .hasMessageContaining("lease permits: 5001 (expected: 1..5000)");
  }

  private static String rules(int burst) {
    return "[{\"id\":\"r\",\"key_template\":\"{ip}\",\"rate_per_sec\":0.01,\"burst\":"
        + burst
        + "}]";
  }
}
