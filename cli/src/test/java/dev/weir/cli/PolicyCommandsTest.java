// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.ManualTimeSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that read policies: check by a file, validate and explain. */
final class PolicyCommandsTest {

  private static final String GOOD =
      """
      version: 1
      policies:
        - name: per-user
          domain: api
          match: {user: "*"}
          key: [user]
          limits: [{name: per-minute, rate: "${RATE:-3 per minute}"}]
          overrides:
            - match: {user: vip}
              multiply: 10
          deny:
            - {user: thief}
        - name: orders
          domain: api
          match: {path: "/v1/orders"}
          limits:
            - {name: all, rate: 10 per second burst 20, shadow: true}
      """;

  @TempDir private Path folder;
  private Path good;
  private Path bad;
  private final Terminal terminal = new Terminal(Map.of(), ManualTimeSource.create());

  @BeforeEach
  void writeFiles() throws IOException {
    good = Files.writeString(folder.resolve("good.yaml"), GOOD, UTF_8);
    bad =
        Files.writeString(
            folder.resolve("bad.yaml"),
            GOOD.replace("domain: api", "domian: api").replace("per second", "per sekond"),
            UTF_8);
  }

  @Test
  void check_withRoom_isAllowed() {
    assertThat(check("user=42", "--cost", "2"))
        .isEqualTo(
            new Terminal.Outcome(
                ExitCode.OK,
                """
                allowed (within_limit) by policy per-user, limit per-minute
                remaining 1, as if never used after 40 s
                """,
                ""));
  }

  @Test
  void check_tooBig_isDenied() {
    assertThat(check("user=42", "--cost", "4"))
        .isEqualTo(
            new Terminal.Outcome(
                ExitCode.DENIED,
                """
                denied (too_big) by policy per-user, limit per-minute
                remaining 3
                """,
                ""));
  }

  @Test
  void check_onADenyList_isDenied() {
    assertThat(check("user=thief"))
        .isEqualTo(new Terminal.Outcome(ExitCode.DENIED, "denied (deny_list)\n", ""));
  }

  @Test
  void check_asJson_hasTheWordsOfTheDecisionApi() {
    assertThat(check("user=42", "--json").out())
        .isEqualTo(
            "{\"allowed\":true,\"reason\":\"within_limit\",\"policy\":\"per-user\","
                + "\"limit\":\"per-minute\",\"remaining\":2,\"resetAfterMillis\":20000}\n");
  }

  @Test
  void check_withoutMatch_saysSo() {
    assertThat(terminal.run("check", "--policy", good.toString(), "--domain", "web"))
        .isEqualTo(new Terminal.Outcome(ExitCode.OK, "allowed (no_match)\n", ""));
  }

  @Test
  void check_peek_takesNothing() {
    assertThat(check("user=42", "--peek").out()).contains("\nremaining 3\n");
  }

  @Test
  void check_byTheEnvironment_usesItsValues() {
    Terminal other = new Terminal(Map.of("RATE", "7 per minute"), ManualTimeSource.create());
    assertThat(other.run("check", "--policy", good.toString(), "--domain", "api", "user=1").out())
        .contains("\nremaining 6,");
  }

  @Test
  void check_badEntry_isAUsageError() {
    assertThat(check("user"))
        .isEqualTo(
            new Terminal.Outcome(
                ExitCode.USAGE, "", "weir check: entry: user (expected: KEY=VALUE)\n"));
  }

  @Test
  void check_badCost_isAUsageError() {
    assertThat(check("user=1", "--cost", "-3").err())
        .isEqualTo("weir check: cost: -3 (expected: 0..2147483647)\n");
  }

  @Test
  void check_byFileAndServer_isAUsageError() {
    assertThat(check("user=1", "--url", "http://localhost").err())
        .isEqualTo("weir check: --url: given with --policy, which asks no server\n");
  }

  @Test
  void validate_goodFile_saysWhatItHolds() {
    assertThat(terminal.run("validate", good.toString()))
        .isEqualTo(
            new Terminal.Outcome(ExitCode.OK, good + ": 2 policies in 1 domain, 2 limits\n", ""));
  }

  @Test
  void validate_configuration_countsListenersAndRoutes() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("weir.yaml"),
            GOOD
                + """
                routes:
                  - name: hello
                    path: /hello
                    respond: {body: hello}
                """,
            UTF_8);
    assertThat(terminal.run("validate", file.toString()).out())
        .isEqualTo(file + ": 1 listener, 1 route, 2 policies in 1 domain, 2 limits\n");
  }

  @Test
  void validate_severalFiles_tellsEveryErrorWithItsPlace() {
    Path missing = folder.resolve("missing.yaml");

    Terminal.Outcome outcome =
        terminal.run("validate", good.toString(), bad.toString(), missing.toString());

    assertThat(outcome.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(outcome.out()).startsWith(good + ": 2 policies");
    assertThat(outcome.err().lines())
        .hasSize(4)
        .anyMatch(line -> line.startsWith(bad + ":4:13: policies[0].domian: unknown (expected: "))
        .anyMatch(line -> line.startsWith(bad + ":17:27: policies[1].limits[0].rate: "))
        .contains(missing + ": no such file");
  }

  @Test
  void validate_aFolder_isOneLine() {
    Terminal.Outcome outcome = terminal.run("validate", folder.toString());
    assertThat(outcome.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(outcome.err()).isEqualTo(folder + ": cannot be read (Is a directory)\n");
  }

  @Test
  void import_envoyFolder_printsPoliciesThatAreOfTheSameMind() throws IOException {
    Path rules = Files.createDirectories(folder.resolve("rules/more"));
    Files.writeString(
        rules.resolve("a.yaml"),
        "domain: d\ndescriptors: [{ key: a, unit: day, rate_limit: { unit: day } }]",
        UTF_8);
    Files.writeString(
        folder.resolve("rules/b.yaml"),
        "domain: d\ndescriptors: [{ key: b, rate_limit: { unlimited: true } }]",
        UTF_8);
    String from = folder.resolve("rules").toString();

    assertThat(terminal.run("import", "envoy", from).err())
        .endsWith(
            "more/a.yaml:1:9: domain: duplicate domain 'd' in config file (first in "
                + from
                + "/b.yaml)\n");
    Terminal.Outcome outcome = terminal.run("import", "envoy", "--merge-domains", from);
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.err())
        .endsWith("/more/a.yaml:2:31: descriptors[0].unit: has no effect here\n");
    Path printed = Files.writeString(folder.resolve("printed.yaml"), outcome.out(), UTF_8);
    assertThat(terminal.run("validate", printed.toString()).out())
        .endsWith("2 policies in 1 domain, 1 limit\n");
    assertThat(terminal.run("check", "--policy", printed.toString(), "--domain", "d", "a=1").out())
        .startsWith("denied (too_big) by policy a, limit per-day");
    assertThat(terminal.run("check", "--policy", printed.toString(), "--domain", "d", "b=1").out())
        .startsWith("allowed (unlimited)");
  }

  @Test
  void import_jsonRules_printsPolicies() throws IOException {
    Path rules =
        Files.writeString(
            folder.resolve("rules.json"),
            "[{\"id\":\"r\",\"key_template\":\"{ip}\",\"rate_per_sec\":2}]",
            UTF_8);

    assertThat(terminal.run("import", "rules-json", "--domain", "x", rules.toString()).out())
        .contains("name: r", "domain: x", "2 per second");
    assertThat(terminal.run("import", "envoi", rules.toString()).err())
        .startsWith("weir import: FORMAT: envoi (expected: envoy)");
    assertThat(terminal.run("import", "envoy", "/nowhere/x.yaml").exitCode())
        .isEqualTo(ExitCode.CONFIGURATION);
    Path none = Files.writeString(folder.resolve("none.yaml"), "domain: d\n", UTF_8);
    assertThat(terminal.run("import", "envoy", none.toString()).err())
        .endsWith("none.yaml: no rate limit (expected: at least one)\n");
  }

  @Test
  void explain_descriptor_tellsWhyOfEachPolicy() {
    assertThat(explain("user=42", "path=/v1/x"))
        .isEqualTo(
            new Terminal.Outcome(
                ExitCode.OK,
                """
                api/per-user applies
                  because    user is present
                  counts by  user=42
                  limit      per-minute: 3 per minute, open while the store is away
                  charges    1
                api/orders does not apply
                  because    path: "/v1/x" (expected: it is "/v1/orders")
                """,
                ""));
  }

  @Test
  void explain_override_tellsWhatItReplaces() {
    assertThat(explain("user=vip", "path=/v1/orders", "--cost", "5").out())
        .isEqualTo(
            """
            api/per-user applies
              because    user is present
              counts by  user=vip
              limit      per-minute: 30 per minute, open while the store is away \
            (an override of 3 per minute)
              charges    5
            api/orders applies
              because    path is "/v1/orders"
              counts by  nothing: one counter for all
              limit      all: 10 per second burst 20, shadow, open while the store is away
              charges    5
            """);
  }

  private static final String TIERS =
      """
      version: 1
      tiers:
        free: { minute: { normal: 20 per minute, degraded: 2 per minute } }
      states:
        degraded: { shed: low }
      policies:
        - name: per-user
          domain: api
          key: [user]
          tier: tier
          priority: { entry: priority }
          limits: [ { name: minute, rate: 10 per minute } ]
      """;

  @Test
  void validate_tiersAndStates_areCounted() throws IOException {
    Path file = Files.writeString(folder.resolve("tiers.yaml"), TIERS, UTF_8);

    assertThat(terminal.run("validate", file.toString()).out())
        .isEqualTo(file + ": 1 policy in 1 domain, 1 limit, 1 tier, states normal, degraded\n");
  }

  @Test
  void explain_tierAndState_tellsWhatApplies() throws IOException {
    String file = Files.writeString(folder.resolve("tiers.yaml"), TIERS, UTF_8).toString();
    String[] words = {"explain", "--policy", file, "--domain", "api", "user=42", "tier=free"};

    assertThat(terminal.run(words).out())
        .isEqualTo(
            """
            api/per-user applies
              because    it is for every descriptor of the domain
              counts by  user=42
              tier       free
              limit      minute: 20 per minute, open while the store is away \
            (an override of 10 per minute)
              charges    1
            """);
    String degraded = terminal.run(and(words, "--state", "degraded")).out();
    assertThat(degraded).startsWith("In the load state degraded:\napi/per-user applies\n");
    assertThat(degraded).contains("  tier       free\n  limit      minute: 2 per minute, ");
    assertThat(terminal.run(and(words, "--state", "degraded", "priority=low")).out())
        .endsWith("api/per-user applies and sheds\n  because    the priority is shed\n");
    assertThat(terminal.run(and(words, "--state", "busy")).err())
        .contains("--state: \"busy\" (expected: one of normal, degraded)");
  }

  @Test
  void validate_controlCharactersOfAFile_doNotReachTheTerminal() throws IOException {
    String text = TIERS.replace("10 per minute", "\"10 per \\e[31m\"");
    String file = Files.writeString(folder.resolve("red.yaml"), text, UTF_8).toString();
    assertThat(terminal.run("validate", file).err())
        .contains("10 per \\u001b[31m")
        .doesNotContain("\u001b");
  }

  @Test
  void check_ofAFile_decidesInTheStateThatIsAskedFor() throws IOException {
    String file = Files.writeString(folder.resolve("tiers.yaml"), TIERS, UTF_8).toString();
    String[] words = {"check", "--policy", file, "--domain", "api", "user=42", "tier=free"};

    assertThat(terminal.run(words).out()).contains("\nremaining 19");
    assertThat(terminal.run(and(words, "--state", "degraded")).out()).contains("\nremaining 1");
    assertThat(terminal.run(and(words, "--state", "degraded", "priority=low")).out())
        .startsWith("denied (shed)");
    assertThat(terminal.run(and(words, "--state", "busy")).err())
        .contains("--state: \"busy\" (expected: one of normal, degraded)");
    assertThat(terminal.run("check", "--domain", "api", "user=42", "--state", "busy").err())
        .contains("--state: given without --policy");
  }

  private static String[] and(String[] words, String... more) {
    String[] all = java.util.Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    return all;
  }

  @Test
  void explain_denyList_says() {
    assertThat(explain("user=thief").out())
        .startsWith("api/per-user applies and denies\n  because    its deny list holds\n");
  }

  @Test
  void explain_otherDomain_saysThatNothingApplies() {
    assertThat(terminal.run("explain", "--policy", good.toString(), "--domain", "web").out())
        .endsWith("No policy applies: a check is allowed (no_match).\n");
  }

  @Test
  void explain_badFile_tellsItsErrors() {
    Terminal.Outcome outcome = terminal.run("explain", "--policy", bad.toString(), "--domain", "a");
    assertThat(outcome.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(outcome.err()).startsWith(bad + ":4:13: ");
  }

  private Terminal.Outcome check(String... more) {
    return withPolicy("check", more);
  }

  private Terminal.Outcome explain(String... more) {
    return withPolicy("explain", more);
  }

  private Terminal.Outcome withPolicy(String command, String... more) {
    String[] first = {command, "--policy", good.toString(), "--domain", "api"};
    String[] all = java.util.Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return terminal.run(all);
  }
}
