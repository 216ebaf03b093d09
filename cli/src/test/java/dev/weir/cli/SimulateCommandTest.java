// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code weir simulate}: its options, and what it ends with. */
final class SimulateCommandTest {

  private static final String LINE =
      "192.0.2.7 - ann [10/Oct/2025:13:55:3%d +0000] \"GET /a/b?tenant=t1 HTTP/1.1\" 200 12\n";

  @TempDir private Path folder;
  private Path policy;
  private Path log;
  private final Terminal terminal = new Terminal();

  @BeforeEach
  void writeFiles() throws IOException {
    policy = write("policy.yaml", policies("web", "ip", "2 per minute"));
    log = write("access.log", LINE.formatted(1) + LINE.formatted(2) + LINE.formatted(3));
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text, UTF_8);
  }

  private static String policies(String domain, String key, String rate) {
    return """
    version: 1
    policies:
      - name: limited
        domain: %s
        key: [%s]
        limits: [{ name: rate, rate: %s }]
    """
        .formatted(domain, key, rate);
  }

  private Terminal.Outcome simulate(String... options) {
    String[] all = new String[options.length + 1];
    all[0] = "simulate";
    System.arraycopy(options, 0, all, 1, options.length);
    return terminal.run(all);
  }

  private Terminal.Outcome replay(String... options) {
    String[] all = new String[options.length + 4];
    System.arraycopy(
        new String[] {"--policy", policy.toString(), "--log", log.toString()}, 0, all, 0, 4);
    System.arraycopy(options, 0, all, 4, options.length);
    return simulate(all);
  }

  @Test
  void simulate_aLog_tellsWhoIsDenied() {
    Terminal.Outcome outcome = replay();
    assertThat(outcome.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(outcome.out())
        .contains("3 requests in 3 lines")
        .contains("denied 1 of 3 (33.3 %)")
        .contains("192.0.2.7    web/limited/rate       1  2025-10-10T13:55:33Z");
  }

  @Test
  void simulate_byAnotherEntry_countsByIt() throws IOException {
    policy = write("policy.yaml", policies("web", "tenant", "1 per minute"));
    assertThat(replay("--entry", "tenant=query:tenant").out()).contains("denied 2 of 3");
    assertThat(replay("--set", "tenant=x").out()).contains("denied 2 of 3");
    assertThat(replay().out())
        .contains("denied 0 of 3")
        .contains("note       entry tenant: no line has the field tenant");
  }

  @Test
  void simulate_withACost_chargesIt() {
    assertThat(replay("--cost", "bytes").out()).contains("too_big 3");
  }

  @Test
  void simulate_aSpanOfTime_skipsTheRest() {
    assertThat(replay("--from", "2025-10-10T13:55:32Z", "--until", "2025-10-10T13:55:33Z").out())
        .contains("1 requests in 3 lines")
        .contains("skipped    2");
  }

  @Test
  void simulate_asJson_isOneLineOfJson() {
    assertThat(replay("--output", "json").out())
        .startsWith("{\"interrupted\":false")
        .contains("\"denied\":1")
        .hasLineCount(1);
  }

  @Test
  void simulate_withAChart_writesAPage() throws IOException {
    Path page = folder.resolve("page.html");
    assertThat(replay("--chart", page.toString()).exitCode()).isEqualTo(ExitCode.OK);
    assertThat(Files.readString(page, UTF_8)).startsWith("<!doctype html>").contains("192.0.2.7");
  }

  @Test
  void simulate_withAChartThatCannotBe_saysSoBeforeItReadsTheLog() {
    String page = folder.resolve("nowhere/page.html").toString();
    Terminal.Outcome outcome = replay("--chart", page);
    assertThat(outcome.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(outcome.err()).isEqualTo(page + ": no such folder\n");
    assertThat(outcome.out()).isEmpty();
  }

  @Test
  void simulate_unknownChoice_tellsTheChoicesAsTheyAreWritten() {
    assertThat(simulate("--policy", policy.toString(), "--synthetic", "x").err())
        .contains("--synthetic: x (expected: one of steady, bursty, diurnal, attack, zipf)");
  }

  @Test
  void simulate_comparing_tellsWhatChanges() throws IOException {
    Path other = write("other.yaml", policies("web", "ip", "9 per minute"));
    assertThat(replay("--compare", other.toString()).out())
        .contains("no longer denied       1")
        .contains("denied by it alone     0");
  }

  @Test
  void simulate_strict_failsForAMalformedLine() throws IOException {
    Files.writeString(log, LINE.formatted(1) + "nonsense\n", UTF_8);
    assertThat(replay().exitCode()).isEqualTo(ExitCode.OK);
    Terminal.Outcome strict = replay("--strict");
    assertThat(strict.exitCode()).isEqualTo(ExitCode.DENIED);
    assertThat(strict.out()).contains("malformed  1");
  }

  @Test
  void suggest_printsPoliciesThatAreRight() throws IOException {
    Terminal.Outcome outcome = simulate("--suggest", "--by", "user", "--log", log.toString());
    assertThat(outcome.exitCode()).isEqualTo(ExitCode.OK);
    Path suggested = write("suggested.yaml", outcome.out());
    assertThat(terminal.run("validate", suggested.toString()).exitCode()).isEqualTo(ExitCode.OK);
    assertThat(outcome.out()).contains("key: [user]").contains("denied 0 of 3");
  }

  @Test
  void synthetic_writtenAsALog_isTheSameTwice() throws IOException {
    Path one = folder.resolve("one.log");
    Path other = folder.resolve("other.log");
    for (Path file : new Path[] {one, other}) {
      assertThat(
              simulate("--synthetic", "zipf", "--duration", "5s", "--write-log", file.toString())
                  .exitCode())
          .isEqualTo(ExitCode.OK);
    }
    assertThat(other).hasSameBinaryContentAs(one).isNotEmptyFile();
  }

  @Test
  void simulate_byRoutes_chargesWhatTheGatewayWould() throws IOException {
    policy =
        write(
            "weir.yaml",
            """
            version: 1
            policies:
              - { name: limited, domain: shop, key: [who], limits: [1 per minute] }
            routes:
              - path: /a/{id}
                identity: { from: [{ header: X-User-ID, as: user }] }
                check: [{ domain: shop, entries: { who: "{identity}" } }]
                respond: { body: ok }
            """);
    assertThat(replay("--header", "X-User-ID=user").out())
        .contains("denied 2 of 3")
        .contains("user:ann");
  }

  @Test
  void options_thatAreWrong_areToldWithWhatIsExpected() throws IOException {
    assertThat(simulate("--log", "x").err()).contains("--policy: missing");
    assertThat(simulate("--policy", policy.toString()).err()).contains("--log: missing");
    assertThat(replay("--entry", "ip").err()).contains("--entry: ip (expected: KEY=FIELD)");
    assertThat(replay("--field", "when=time").err())
        .contains("--field: when (expected: one of time,");
    assertThat(replay("--from", "yesterday").err())
        .contains("--from: yesterday (expected: 2025-10-10 or");
    assertThat(replay("--header", "A=b").err()).contains("--header: given without routes");
    assertThat(simulate("--synthetic", "zipf", "--keys", "0", "--policy", policy.toString()).err())
        .contains("--keys: 0 (expected: 1..1000000)");
    String others =
        policies("x", "ip", "1 per second").replaceFirst("(?s)version.*policies:\n", "");
    policy = write("policy.yaml", policies("web", "ip", "1 per minute") + others);
    assertThat(replay().err()).contains("--domain: missing (expected: one of web, x)");
    log = folder.resolve("none.log");
    Terminal.Outcome absent = replay("--domain", "web");
    assertThat(absent.err()).contains("none.log: no such file");
    assertThat(absent.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
  }
}
