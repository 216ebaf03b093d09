// SPDX-License-Identifier: Apache-2.0
package dev.weir.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.redis.fixtures.Ports;
import dev.weir.redis.fixtures.RequiresProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The unit of systemd: what its own tools say, and its command with its environment. */
@RequiresProgram("bash")
@Timeout(300)
final class SystemdIT {
  private static final Path UNIT = Machine.ROOT.resolve("deploy/systemd/weir.service");

  private final Path folder = Machine.readableFolder();
  private Process server;

  @AfterEach
  void stop() throws InterruptedException {
    if (server != null) {
      server.destroyForcibly().waitFor();
    }
  }

  @Test
  @RequiresProgram("systemd-analyze")
  void unit_verify_findsNothing() throws IOException {
    Path here = folder.resolve("weir.service");
    Files.writeString(here, text().replace("/opt/weir", Image.folder().toString()));
    Machine.Outcome outcome = Machine.run("systemd-analyze", "verify", "--man=no", here.toString());
    assertThat(outcome.status()).as(outcome.output()).isZero();
    assertThat(outcome.output()).doesNotContain("weir.service");
  }

  @Test
  @RequiresProgram("systemd-analyze")
  void unit_security_isRatedWell() {
    Machine.Outcome outcome =
        Machine.run(
            "systemd-analyze", "security", "--offline=yes", "--threshold=20", UNIT.toString());
    assertThat(outcome.status()).as(outcome.output()).isZero();
  }

  @Test
  void unit_asAProcess_servesKeepsItsStateAndEndsWithZero() throws Exception {
    Map<String, String> environment = new HashMap<>();
    for (String line : values("Environment")) {
      set(environment, line);
    }
    for (String line : Files.readAllLines(UNIT.resolveSibling("weir.env"))) {
      // What is there to be switched on is switched on, but for a Java of the machine's.
      String given = line.startsWith("#WEIR_DATA_DIR") ? line.substring(1) : line;
      if (given.matches("[A-Z_]+=.*")) {
        set(environment, given);
      }
    }
    for (String credential : values("LoadCredential")) {
      String name = credential.substring(0, credential.indexOf(':'));
      PodProcess.write(
          folder.resolve("credentials/" + name),
          name.equals("redis-url") ? "" : "a-secret-for-this-test-and-no-other\n");
    }
    for (String kept : List.of("cache", "state")) {
      Path made = Files.createDirectories(folder.resolve(kept).resolve("weir"));
      Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxrwxrwx"));
    }
    int port = Ports.free();
    PodProcess.write(
        folder.resolve("weir.yaml"),
        "version: 1\nlisteners: [{ host: 127.0.0.1, port: "
            + port
            + ", serves: [health, admin] }]\npolicies: none\n");
    environment.replaceAll(
        (name, value) ->
            value
                .replace("%d", folder + "/credentials")
                .replace("%C", folder + "/cache")
                .replace("/var/lib/weir", folder + "/state/weir")
                .replace("/etc/weir", folder.toString()));
    List<String> command = List.of(values("ExecStart").getFirst().split(" "));
    assertThat(command.getFirst()).isEqualTo("/opt/weir/bin/weir");
    server = Image.start(environment, command.subList(1, command.size()), folder.resolve("log"));
    environment.put("WEIR_HEALTH_PORT", Integer.toString(port));
    Path healthy = Image.folder().resolve("bin/healthy");
    await()
        .atMost(Duration.ofSeconds(120))
        .until(
            () ->
                !server.isAlive()
                    || Machine.run(environment, List.of(healthy.toString())).status() == 0);
    assertThat(server.isAlive()).as(Files.readString(folder.resolve("log"))).isTrue();
    assertThat(folder.resolve("state/weir/records.log")).isNotEmptyFile();

    server.destroy();
    int patience = Integer.parseInt(values("TimeoutStopSec").getFirst());
    assertThat(patience).isGreaterThan(10);
    assertThat(server.waitFor(4L * patience, TimeUnit.SECONDS)).isTrue();
    assertThat(server.exitValue()).as(Files.readString(folder.resolve("log"))).isZero();
    assertThat(folder.resolve("cache/weir/weir.jsa")).isNotEmptyFile();
  }

  private static void set(Map<String, String> environment, String line) {
    environment.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
  }

  private static String text() throws IOException {
    return Files.readString(UNIT);
  }

  /** The values of a setting, each on a line. */
  private static List<String> values(String name) throws IOException {
    return text()
        .lines()
        .filter(line -> line.startsWith(name + "="))
        .map(line -> line.substring(name.length() + 1))
        .toList();
  }
}
