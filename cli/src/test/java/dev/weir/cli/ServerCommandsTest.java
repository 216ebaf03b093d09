// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.TimeSource;
import dev.weir.redis.fixtures.Ports;
import dev.weir.server.Configuration;
import dev.weir.server.ServeOptions;
import dev.weir.server.WeirServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands that ask a server or become one. */
final class ServerCommandsTest {

  private static WeirServer server;
  private static String url;

  private final Terminal terminal = new Terminal();
  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    ServeOptions options = ServeOptions.NONE.host("127.0.0.1").port(0).eventLoops(1).adminPort(0);
    server = WeirServer.start(Configuration.of(options, Map.of()));
    url = "http://127.0.0.1:" + server.ports().values().iterator().next();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void check_withRoom_isAllowed() {
    Terminal.Outcome outcome = check("user=allowed", "--cost", "2");

    assertThat(outcome.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(outcome.out())
        .startsWith(
            "allowed (within_limit) by policy per-user, limit per-minute\nremaining 98, as if ");
  }

  @Test
  void check_withoutRoom_isDenied() {
    assertThat(check("user=denied", "--cost", "100").exitCode()).isEqualTo(ExitCode.OK);

    Terminal.Outcome outcome = check("user=denied", "--cost", "50");

    assertThat(outcome.exitCode()).isEqualTo(ExitCode.DENIED);
    assertThat(outcome.out())
        .matches(
            "(?s)denied \\(over_limit\\) by policy per-user, limit per-minute\nremaining \\d, retry.*");
  }

  @Test
  void check_peek_takesNothing() {
    check("user=peek", "--peek");
    assertThat(check("user=peek", "--peek").out()).contains("\nremaining 100");
  }

  @Test
  void check_asJson_isTheServersAnswer() {
    assertThat(check("user=json", "--json").out())
        .startsWith("{\"allowed\":true,\"reason\":\"within_limit\",")
        .contains("\"remaining\":99,", "\"receipts\":[");
  }

  @Test
  void check_serverRefuses_isAUsageError() {
    Terminal.Outcome outcome = terminal.run("check", "--url", url, "--domain", "", "user=1");
    assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(outcome.err())
        .startsWith("weir check: domain: \"\" (expected: 1 or more characters)");
  }

  @Test
  void check_nobodyListens_isOneLine() throws IOException {
    String nobody = "http://127.0.0.1:" + Ports.free();
    assertThat(terminal.run("check", "--url", nobody, "--domain", "api"))
        .isEqualTo(
            new Terminal.Outcome(
                ExitCode.NETWORK,
                "",
                "weir: cannot ask " + nobody + "/v1/check: Connection refused\n"));
  }

  @Test
  void check_otherService_saysWhatItAnswers() {
    assertThat(terminal.run("check", "--url", url + "/hello", "--domain", "api").err())
        .startsWith("weir: " + url + "/hello/v1/check answers status 404")
        .endsWith("(expected: a decision of weir)\n");
  }

  @Test
  void check_guardedServer_wantsTheToken() throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest("a token".getBytes(UTF_8));
    Path file = folder.resolve("guarded.yaml");
    Files.writeString(
        file,
        """
        version: 1
        listeners:
          - host: 127.0.0.1
            port: 0
            serves: [api]
            tokens: [{sha256: %s, scopes: [check]}]
        policies: none
        """
            .formatted(HexFormat.of().formatHex(digest)),
        UTF_8);
    try (WeirServer guarded = WeirServer.start(Configuration.read(file, Map.of()))) {
      String there = "http://127.0.0.1:" + guarded.ports().values().iterator().next();
      String[] check = {"check", "--url", there, "--domain", "api", "user=1"};
      Terminal knowing = new Terminal(Map.of("WEIR_TOKEN", "a token"), TimeSource.system());

      assertThat(terminal.run(check))
          .isEqualTo(
              new Terminal.Outcome(
                  ExitCode.NETWORK,
                  "",
                  "weir: "
                      + there
                      + "/v1/check answers status 401 (expected: a right --token or WEIR_TOKEN)\n"));
      assertThat(knowing.run(check).out()).isEqualTo("allowed (no_match)\n");
      assertThat(terminal.run(and(check, "--token", "a token")).exitCode()).isZero();
    }
  }

  @Test
  void check_noUrl_isAUsageError() {
    assertThat(terminal.run("check", "--url", "localhost:8080", "--domain", "api"))
        .isEqualTo(
            new Terminal.Outcome(
                ExitCode.USAGE,
                "",
                "weir check: --url: localhost:8080 (expected: http://HOST[:PORT][/PATH])\n"));
  }

  @Test
  void load_ofChecks_countsDecisions() {
    Terminal.Outcome outcome =
        terminal.run(
            "load",
            "--url",
            url,
            "--check",
            "api,user=load{key}",
            "--keys",
            "2",
            "--requests",
            "50",
            "--batch",
            "10",
            "--concurrency",
            "2",
            "--json");

    assertThat(outcome.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(outcome.out())
        .contains("\"sent\":50,", "\"answered\":50,", "\"errors\":{},")
        .containsPattern("\"allowed\":2[0-4][0-9],\"denied\":(2[5-9][0-9]|300),");
  }

  @Test
  void load_ofTheSampleRoute_countsStatus() {
    Terminal.Outcome outcome =
        terminal.run("load", "--url", url + "/hello", "--requests", "30", "--concurrency", "1");

    assertThat(outcome.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(outcome.out())
        .startsWith(url + "/hello: ")
        .containsPattern("  sent  +30 ")
        .containsPattern("  allowed  +1[0-9] ")
        .containsPattern("  denied  +(1[0-9]|20) ")
        .containsPattern("  errors  +0\n")
        .containsPattern("  latency   p50 .* p90 .* p95 .* p99 .* p99\\.9 .* max .* ms\n");
  }

  @Test
  void load_nobodyListens_isOneLine() throws IOException {
    int port = Ports.free();
    assertThat(terminal.run("load", "--url", "http://127.0.0.1:" + port))
        .isEqualTo(
            new Terminal.Outcome(
                ExitCode.NETWORK,
                "",
                "weir: cannot connect to 127.0.0.1:" + port + ": Connection refused\n"));
  }

  @Test
  void serve_portInUse_isOneLine() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = Integer.toString(taken.getLocalPort());
      assertThat(terminal.run("serve", "--host", "127.0.0.1", "--port", port))
          .isEqualTo(
              new Terminal.Outcome(
                  ExitCode.NETWORK,
                  "",
                  "weir: cannot listen on 127.0.0.1:"
                      + port
                      + ": the port is in use (--port chooses another)\n"));
    }
  }

  @Test
  void serve_portOutOfRange_isAUsageError() {
    assertThat(terminal.run("serve", "--port", "65536"))
        .isEqualTo(
            new Terminal.Outcome(
                ExitCode.USAGE, "", "weir serve: --port: 65536 (expected: 0..65535)\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--port 65536",
        "--event-loops many",
        "--redis http://user:secret@localhost",
        "--config /nowhere/weir.yaml",
        "--host 127.0.0.1 --port 70000",
        "--host nowhere.invalid --port 1 --event-loops 1"
      })
  void serve_plainLine_isReadAsPicocliReadsIt(String line) {
    String[] plain = and(new String[] {"serve"}, line.split(" "));
    String[] other = and(new String[] {"serve"}, line.replaceAll("(--[a-z-]+) ", "$1=").split(" "));

    assertThat(terminal.run(plain)).isEqualTo(terminal.run(other));
  }

  @Test
  void serve_redisUrlThatIsNone_isToldWithoutItsPassword() {
    Terminal.Outcome outcome = terminal.run("serve", "--redis", "http://user:secret@localhost");
    assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(outcome.err())
        .startsWith("weir serve: --redis: http://…@localhost (expected: redis://")
        .doesNotContain("secret");
  }

  @Test
  void serve_optionTwice_isAUsageError() {
    assertThat(terminal.run("serve", "--port", "1", "--port", "2").exitCode())
        .isEqualTo(ExitCode.USAGE);
  }

  @Test
  void serve_variableOutOfRange_namesTheVariable() {
    Terminal other = new Terminal(Map.of("WEIR_PORT", "http"), TimeSource.system());
    assertThat(other.run("serve").err())
        .isEqualTo("weir serve: WEIR_PORT: http (expected: 0..65535)\n");
  }

  @Test
  void serve_optionAndVariable_optionWins() {
    Terminal other = new Terminal(Map.of("WEIR_PORT", "http"), TimeSource.system());
    assertThat(other.run("serve", "--port", "-1").err())
        .isEqualTo("weir serve: --port: -1 (expected: 0..65535)\n");
  }

  @Test
  void serve_configurationMissing_isOneLine() {
    assertThat(terminal.run("serve", "--config", folder.resolve("none.yaml").toString()))
        .isEqualTo(
            new Terminal.Outcome(
                ExitCode.CONFIGURATION, "", folder.resolve("none.yaml") + ": no such file\n"));
  }

  @Test
  void serve_configurationWrong_tellsEveryError() throws IOException {
    Path file = folder.resolve("weir.yaml");
    Files.writeString(file, "version: 2\npolices: []\n", UTF_8);
    Terminal other = new Terminal(Map.of("WEIR_CONFIG", file.toString()), TimeSource.system());

    Terminal.Outcome outcome = other.run("serve");

    assertThat(outcome.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(outcome.err().lines())
        .anyMatch(line -> line.startsWith(file + ":1:10: version: "))
        .anyMatch(line -> line.startsWith(file + ":2:10: polices: unknown (expected: policies"));
  }

  private Terminal.Outcome check(String... more) {
    return terminal.run(and(new String[] {"check", "--url", url, "--domain", "api"}, more));
  }

  private static String[] and(String[] first, String... more) {
    String[] all = Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return all;
  }
}
