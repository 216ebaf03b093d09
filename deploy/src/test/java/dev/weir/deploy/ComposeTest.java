// SPDX-License-Identifier: Apache-2.0
package dev.weir.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.RequiresProgram;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the compose files promise of every service, without starting any. */
@Timeout(300)
final class ComposeTest {
  private static final Set<String> SECRET = Set.of("PASSWORD", "TOKEN", "SECRET", "KEY", "URL");

  @ParameterizedTest
  @ValueSource(strings = {"common", "a", "b", "c", "d", "e"})
  @RequiresProgram("check-jsonschema")
  void file_fitsTheSchemaOfCompose(String name) {
    Machine.Outcome outcome =
        Machine.run(
            "check-jsonschema",
            "--builtin-schema",
            "vendor.compose-spec",
            "deploy/compose/" + name + ".yaml");
    assertThat(outcome.status()).as(outcome.output()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "b", "c", "d", "e"})
  void everyService_isConfined(String name) {
    ComposeFile file = ComposeFile.read(name + ".yaml", Map.of());
    file.services()
        .forEach(
            (service, spec) -> {
              assertThat(spec).as(service).containsEntry("read_only", true);
              assertThat(spec)
                  .as(service)
                  .containsKeys("mem_limit", "cpus", "pids_limit", "restart", "logging");
              assertThat(file.list(service, "cap_drop")).as(service).containsExactly("ALL");
              assertThat(file.list(service, "cap_add")).as(service).isEmpty();
              assertThat(file.list(service, "security_opt"))
                  .as(service)
                  .containsExactly("no-new-privileges:true");
              assertThat(spec.get("user").toString()).as(service).matches("[1-9]\\d*:\\d+");
              assertThat(spec.get("image").toString())
                  .as(service)
                  .matches("weir|[a-z/-]+:v?\\d[\\w.-]+");
              assertThat(file.list(service, "ports"))
                  .as(service)
                  .allMatch(port -> port.startsWith("127.0.0.1:"));
            });
    assertThat(file.services().keySet()).contains("redis", "prometheus", "grafana");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "b", "c", "d", "e"})
  void everySecret_isAFile_andNoneIsInTheEnvironment(String name, @TempDir Path folder) {
    Machine.Outcome made =
        Machine.run("deploy/compose/make-secrets", folder.resolve("secrets").toString());
    assertThat(made.status()).as(made.output()).isZero();
    ComposeFile file = ComposeFile.read(name + ".yaml", Map.of());
    file.secrets()
        .forEach(
            (secret, path) ->
                assertThat(folder.resolve("secrets").resolve(path.getFileName()))
                    .as(secret)
                    .isNotEmptyFile());
    for (String service : file.services().keySet()) {
      assertThat(file.environment(service).keySet())
          .as(service)
          .noneMatch(key -> SECRET.stream().anyMatch(key::endsWith));
      file.environment(service)
          .forEach(
              (key, value) -> {
                if (key.endsWith("_FILE")) {
                  assertThat(file.mounts(service)).as(service + " " + key).containsKey(value);
                }
              });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "b", "c", "d", "e"})
  void everyMount_isThere(String name) {
    ComposeFile file = ComposeFile.read(name + ".yaml", Map.of());
    for (String service : file.services().keySet()) {
      file.mounts(service)
          .forEach(
              (place, path) -> {
                if (!place.startsWith("/run/secrets/")) {
                  assertThat(path).as(service).exists();
                }
              });
    }
  }

  @Test
  void secrets_areMadeOnce_andAreNotTheSameTwice(@TempDir Path folder) throws Exception {
    String first = folder.resolve("1").toString();
    assertThat(Machine.run("deploy/compose/make-secrets", first).output()).contains("made ");
    String token = Files.readString(folder.resolve("1/admin-token"));
    assertThat(token).hasSizeGreaterThanOrEqualTo(64);
    assertThat(Machine.run("deploy/compose/make-secrets", first).output()).isEmpty();
    assertThat(folder.resolve("1/admin-token")).hasContent(token);
    Machine.run("deploy/compose/make-secrets", folder.resolve("2").toString());
    assertThat(Files.readString(folder.resolve("2/admin-token"))).isNotEqualTo(token);
    for (String secret : List.of("redis-url", "redis-auth", "redis-password")) {
      assertThat(folder.resolve("1").resolve(secret)).isNotEmptyFile();
    }
  }
}
