// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.Priority;
import dev.weir.server.identity.Identities;
import dev.weir.server.identity.Identities.KeyRequest;
import dev.weir.server.identity.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a folder of records keeps from one start to the next. */
class DataDirTest {

  private static final String CONFIGURATION =
      """
      version: 1
      listeners: [{ name: public, host: 127.0.0.1, port: 0, serves: [routes] }]
      records: { data-dir: "${DIR}" }
      policies: none
      routes:
        - path: /who
          identity: { from: [{ api-key: X-API-Key }], absent: { status: 401 } }
          respond: { body: "{user} {tier}" }
      """;

  @TempDir Path folder;

  private Configuration configuration() {
    return TestConfiguration.of(CONFIGURATION, Map.of("DIR", folder.resolve("data").toString()));
  }

  @Test
  void loadStateAndPolicies_surviveARestart() {
    String policies =
        """
        version: 1
        states: { busy: { shed: low } }
        policies: [ { name: put, limits: [ 1/s ] } ]
        """;
    try (TestServer server = TestServer.start(configuration())) {
      server.server().policyVersions().put(policies, 0, "test", "").toCompletableFuture().join();
      server
          .server()
          .loadStates()
          .set("busy", Optional.empty(), "test", "")
          .toCompletableFuture()
          .join();
    }
    try (TestServer server = TestServer.start(configuration())) {
      assertThat(server.server().limiter().policies().policies())
          .singleElement()
          .satisfies(policy -> assertThat(policy.name()).isEqualTo("put"))
          .satisfies(policy -> assertThat(policy.shed()).contains(Priority.LOW));
      assertThat(server.server().loadStates().current().name()).isEqualTo("busy");
    }
  }

  @Test
  void usersKeysAndBans_surviveARestart() throws IOException {
    String key;
    try (TestServer server = TestServer.start(configuration())) {
      Identities identities = server.server().callers().identities();
      identities
          .create(new User("alice", "pro", Optional.empty(), 0, false), "test")
          .toCompletableFuture()
          .join();
      key = identities.issue(KeyRequest.of("alice"), "test").toCompletableFuture().join().text();
      server
          .server()
          .callers()
          .bans()
          .ban("198.51.100.0/24", Optional.of(Duration.ofHours(1)), "misuse", "test")
          .toCompletableFuture()
          .join();
    }
    try (TestServer server = TestServer.start(configuration())) {
      assertThat(server.get("/who", "X-API-Key", key).body()).isEqualTo("alice pro");
      assertThat(server.server().callers().ban("198.51.100.7")).isPresent();
    }
    try (var files = Files.walk(folder.resolve("data"))) {
      assertThat(files.filter(Files::isRegularFile))
          .isNotEmpty()
          .allSatisfy(
              file ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                      .isEqualTo("rw-------"));
    }
  }

  /** As a first start left it that was killed before it had written the secret. */
  @Test
  void emptySecretOfKeys_isMadeAndKept() throws IOException {
    Path secret = Files.createDirectories(folder.resolve("data")).resolve("key-secret");
    Files.createFile(
        secret, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    String made;
    try (TestServer server = TestServer.start(configuration())) {
      assertThat(server.get("/who").statusCode()).isEqualTo(401);
      made = Files.readString(secret);
      assertThat(made).matches("[0-9a-f]{64}");
    }
    try (TestServer server = TestServer.start(configuration())) {
      assertThat(server.get("/who").statusCode()).isEqualTo(401);
    }
    assertThat(secret).hasContent(made);
  }

  @Test
  void folderOfAnotherServer_isRefused() {
    try (TestServer server = TestServer.start(configuration())) {
      assertThat(server.get("/who").statusCode()).isEqualTo(401);
      assertThatThrownBy(() -> TestServer.start(configuration()))
          .hasMessageContaining(folder.resolve("data").toString());
    }
  }
}
