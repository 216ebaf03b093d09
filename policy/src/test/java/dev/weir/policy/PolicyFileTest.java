// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.Algorithm;
import dev.weir.core.CalendarPeriod;
import dev.weir.core.CalendarQuota;
import dev.weir.core.Concurrency;
import dev.weir.core.Condition;
import dev.weir.core.EntryPattern;
import dev.weir.core.FailurePolicy;
import dev.weir.core.FixedWindow;
import dev.weir.core.KeyPart;
import dev.weir.core.Lease;
import dev.weir.core.Limit;
import dev.weir.core.LimitOverride;
import dev.weir.core.Mode;
import dev.weir.core.Policy;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.TokenBucket;
import dev.weir.core.ValuePattern;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class PolicyFileTest {

  static final Function<String, Optional<String>> NO_ENVIRONMENT = name -> Optional.empty();

  static Policy one(String policy) {
    String text = "version: 1\npolicies:\n  - " + policy.strip().replace("\n", "\n    ");
    return PolicyFile.parse("test.yaml", text, NO_ENVIRONMENT).getFirst();
  }

  private static List<Condition> match(String mapping) {
    return one("name: p\nlimits: [1/s]\nmatch: " + mapping).conditions();
  }

  private static List<KeyPart> key(String key) {
    return one("name: p\nlimits: [1/s]\nmatch: { path: '/u/{id}' }\nkey: " + key).key();
  }

  private static Limit limit(String limit) {
    return one("name: p\nlimits:\n- " + limit).limits().getFirst();
  }

  private static Algorithm algorithm(String limit) {
    return limit(limit).algorithm();
  }

  @Test
  void parse_halfACharacter_isRefusedWhereverItStands() {
    for (int length : new int[] {10, 1_023, 1_024, 1_025, 3_000}) {
      String text = "# " + "x".repeat(length - 2);
      assertThatThrownBy(() -> PolicyFile.catalog("f", text + "\ud800", name -> Optional.empty()))
          .as("after %d characters", length)
          .isInstanceOf(InvalidFileException.class)
          .hasMessageContaining("f:1:" + (length + 1) + ": half of a character");
    }
  }

  @Test
  void policy_onlyWhatIsRequired_hasTheDefaults() {
    assertThat(one("name: p\nlimits: [100 per minute]"))
        .isEqualTo(
            Policy.named("p")
                .domain("default")
                .limit(
                    new Limit(
                        "100-per-minute",
                        TokenBucket.of(100, Duration.ofMinutes(1)),
                        FailurePolicy.OPEN,
                        Mode.ENFORCED))
                .mode(Mode.ENFORCED)
                .build());
  }

  @Test
  void policyWithEntries_everyKey_isMapped() throws IOException {
    Path file = Path.of("src/test/resources/dev/weir/policy/good/entries.yaml");
    List<Policy> policies = PolicyFile.read(file).policies();

    assertThat(policies)
        .containsExactly(
            Policy.named("alice")
                .domain("api")
                .entries(
                    List.of(
                        EntryPattern.of("user", ValuePattern.exact("alice")),
                        EntryPattern.of(
                            "path",
                            new ValuePattern.Except(
                                ValuePattern.prefix("/v1/"),
                                List.of("/v1/health", "/v1/ready"),
                                List.of("/v1/admin/"))),
                        EntryPattern.of("path", ValuePattern.any()).shared()))
                .limit(
                    Limit.of("month", new CalendarQuota(100, CalendarPeriod.MONTH, ZoneOffset.UTC))
                        .quota())
                .limit(Limit.of("none", new FixedWindow(0, Duration.ofMinutes(1))))
                .limit(Limit.of("nothing", new FixedWindow(0, Duration.ofHours(1))))
                .replaces(List.of("anybody"))
                .build(),
            Policy.named("others")
                .domain("api")
                .entries(List.of(EntryPattern.of("user", ValuePattern.not("alice"))))
                .limit(Limit.of("anybody", TokenBucket.of(10, Duration.ofSeconds(1))))
                .mode(Mode.QUOTA)
                .build(),
            Policy.named("probes")
                .domain("api")
                .match(
                    "path", new ValuePattern.Except(ValuePattern.any(), List.of(), List.of("/v1/")))
                .unlimited()
                .build());
    assertThat(PolicyFile.parse("again", PolicyWriter.yaml(policies), NO_ENVIRONMENT))
        .isEqualTo(policies);
  }

  @Test
  void policy_everyKey_isMapped() throws IOException {
    Path file = Path.of("src/test/resources/dev/weir/policy/good/full.yaml");
    ZoneId paris = ZoneId.of("Europe/Paris");
    Limit daily =
        new Limit(
            "daily",
            new CalendarQuota(1_000, CalendarPeriod.DAY, paris),
            FailurePolicy.CLOSED,
            Mode.SHADOW);
    Condition inside = new Condition("ip", ValuePattern.cidr("10.0.0.0/8"));

    assertThat(PolicyFile.read(file).policies())
        .containsExactly(
            Policy.named("per-user")
                .domain("api")
                .match("user", ValuePattern.any())
                .match("path", ValuePattern.path("/v1/users/{id}"))
                .match(List.of(inside))
                .key("tenant", "user")
                .key(
                    List.of(
                        new KeyPart.AddressNetwork("ip", 32, 64),
                        new KeyPart.PathVariable("path", "id")))
                .partition("tenant")
                .cost("tokens")
                .limit(Limit.of("100-per-minute", TokenBucket.of(100, Duration.ofMinutes(1))))
                .limit(daily)
                .limit(
                    Limit.of("burst", new TokenBucket(50, 10, Duration.ofSeconds(1)))
                        .leased(new Lease(5, Duration.ofMillis(250))))
                .limit(Limit.of("log", new SlidingLog(100, Duration.ofMinutes(1))))
                .limit(Limit.of("inflight", new Concurrency(10, Duration.ofSeconds(30))))
                .limit(Limit.of("tb", new TokenBucket(100, 10, Duration.ofSeconds(1))))
                .limit(
                    Limit.of("fixed", new FixedWindow(100, Duration.ofMinutes(1)))
                        .onFailure(FailurePolicy.LOCAL))
                .limit(Limit.of("sliding", new SlidingWindow(100, Duration.ofHours(1))))
                .limit(
                    Limit.of("month", new CalendarQuota(100, CalendarPeriod.MONTH, ZoneOffset.UTC)))
                .override(
                    LimitOverride.multiply(
                        List.of(new Condition("user", ValuePattern.exact("alice"))), 10))
                .override(
                    LimitOverride.replace(
                        List.of(new Condition("tenant", ValuePattern.exact("big"))),
                        List.of(daily.with(new CalendarQuota(5_000, CalendarPeriod.DAY, paris)))))
                .allow(inside)
                .deny(new Condition("user", ValuePattern.exact("mallory")))
                .build());
  }

  @Test
  void match_words_arePatterns() {
    assertThat(match("{ a: '*', b: ab*, c: abc, d: 42, e: true, f: '' }"))
        .containsExactly(
            new Condition("a", ValuePattern.any()),
            new Condition("b", ValuePattern.prefix("ab")),
            new Condition("c", ValuePattern.exact("abc")),
            new Condition("d", ValuePattern.exact("42")),
            new Condition("e", ValuePattern.exact("true")),
            new Condition("f", ValuePattern.exact("")));
    assertThat(match("{ a: 10.0.0.0/8, b: '2001:db8::/32', c: 10.0.0.1, d: a/8 }"))
        .containsExactly(
            new Condition("a", ValuePattern.cidr("10.0.0.0/8")),
            new Condition("b", ValuePattern.cidr("2001:db8::/32")),
            new Condition("c", ValuePattern.exact("10.0.0.1")),
            new Condition("d", ValuePattern.exact("a/8")));
    assertThat(match("{ a: '/u/{id}', b: '/u/*/o', c: /u/**, d: /u/*, e: /u, path: '/{x}' }"))
        .containsExactly(
            new Condition("a", ValuePattern.path("/u/{id}")),
            new Condition("b", ValuePattern.path("/u/*/o")),
            new Condition("c", ValuePattern.path("/u/**")),
            new Condition("d", ValuePattern.prefix("/u/")),
            new Condition("e", ValuePattern.exact("/u")),
            new Condition("path", ValuePattern.path("/{x}")));
  }

  @Test
  void match_longForm_isThePattern() {
    assertThat(
            match(
                "{ a: {exact: 'x*'}, b: {prefix: x}, c: {cidr: 10.0.0.1}, d: {template: /a},"
                    + " e: {any: true} }"))
        .containsExactly(
            new Condition("a", ValuePattern.exact("x*")),
            new Condition("b", ValuePattern.prefix("x")),
            new Condition("c", ValuePattern.cidr("10.0.0.1/32")),
            new Condition("d", ValuePattern.path("/a")),
            new Condition("e", ValuePattern.any()));
  }

  @Test
  void match_listOfMappings_allMustHold() {
    assertThat(match("[ { a: a* }, { a: ab*, b: c } ]"))
        .containsExactly(
            new Condition("a", ValuePattern.prefix("a")),
            new Condition("a", ValuePattern.prefix("ab")),
            new Condition("b", ValuePattern.exact("c")));
  }

  @Test
  void key_words_areParts() {
    assertThat(key("user")).containsExactly(new KeyPart.Value("user"));
    assertThat(key("[user, 'ip/24,56', path.id, a.b]"))
        .containsExactly(
            new KeyPart.Value("user"),
            new KeyPart.AddressNetwork("ip", 24, 56),
            new KeyPart.PathVariable("path", "id"),
            new KeyPart.Value("a.b"));
  }

  @Test
  void key_longForm_isThePart() {
    assertThat(
            key(
                "[ {entry: path.id}, {network: ip}, {network: ip, ipv4: 8, ipv6: 16},"
                    + " {template: path, variable: id} ]"))
        .containsExactly(
            new KeyPart.Value("path.id"),
            new KeyPart.AddressNetwork("ip", 32, 64),
            new KeyPart.AddressNetwork("ip", 8, 16),
            new KeyPart.PathVariable("path", "id"));
  }

  @Test
  void limit_fieldByField_hasDefaults() {
    assertThat(algorithm("{ algorithm: token-bucket, capacity: 5, period: 1s }"))
        .isEqualTo(TokenBucket.of(5, Duration.ofSeconds(1)));
    assertThat(algorithm("{ algorithm: calendar, limit: 5, period: week }"))
        .isEqualTo(new CalendarQuota(5, CalendarPeriod.WEEK, ZoneOffset.UTC));
    assertThat(algorithm("{ algorithm: calendar, limit: 5, period: year, zone: Asia/Tokyo }"))
        .isEqualTo(new CalendarQuota(5, CalendarPeriod.YEAR, ZoneId.of("Asia/Tokyo")));
    assertThat(algorithm("{ algorithm: concurrency, limit: 5 }"))
        .isEqualTo(new Concurrency(5, Duration.ofMinutes(1)));
    assertThat(limit("{ algorithm: sliding-log, limit: 5, window: 1s }"))
        .isEqualTo(Limit.of("sliding-log", new SlidingLog(5, Duration.ofSeconds(1))));
    assertThat(limit("{ rate: 10/s burst 50 }").name()).isEqualTo("10-s-burst-50");
  }

  @Test
  void lease_isUsualUnlessSaidOtherwise() {
    TokenBucket bucket = TokenBucket.of(5_000, Duration.ofSeconds(1));
    Limit limit = Limit.of("l", bucket);

    assertThat(limit("{ name: l, rate: 5000/s }")).isEqualTo(limit);
    assertThat(limit("{ name: l, rate: 5000/s, lease: false }")).isEqualTo(limit);
    assertThat(limit("{ name: l, rate: 5000/s, lease: true }"))
        .isEqualTo(limit.leased(new Lease(50, Duration.ofMillis(100))));
    assertThat(limit("{ name: l, rate: 5000/s, lease: {} }")).isEqualTo(limit.leased());
    assertThat(limit("{ name: l, rate: 5000/s, lease: { permits: 7 } }"))
        .isEqualTo(limit.leased(Lease.of(7)));
    assertThat(limit("{ name: l, rate: 5000/s, lease: { lifetime: 1s }, shadow: true }"))
        .isEqualTo(limit.leased(new Lease(50, Duration.ofSeconds(1))).shadow());
  }

  @Test
  void override_lease_staysUnlessSaidOtherwiseOrImpossible() {
    Policy policy =
        one(
            """
            name: p
            limits: [ { name: a, rate: 1000/s, lease: true } ]
            overrides:
            - { match: { t: x }, limits: [ 5000/s ] }
            - { match: { t: y }, limits: [ { rate: 6/s, lease: false } ] }
            - { match: { t: z }, limits: [ 7/s fixed ] }
            """);

    assertThat(policy.overrides().stream().map(override -> override.limits().getFirst().lease()))
        .containsExactly(Optional.of(Lease.of(10)), Optional.empty(), Optional.empty());
  }

  @Test
  void override_limit_takesWhatItDoesNotSayFromTheOneItReplaces() {
    Policy policy =
        one(
            """
            name: p
            limits: [ { name: a, rate: 1/s, on-failure: closed, shadow: true } ]
            overrides:
            - { match: { t: x }, limits: [ 5/s ] }
            - { match: { t: y }, limits: [ { rate: 6/s, shadow: false } ] }
            - { match: { t: z }, limits: [ { name: a, rate: 7/s, on-failure: open } ] }
            """);
    Limit base = policy.limits().getFirst();

    assertThat(policy.overrides().stream().map(override -> override.limits().getFirst()))
        .containsExactly(
            base.with(TokenBucket.of(5, Duration.ofSeconds(1))),
            new Limit(
                "a", TokenBucket.of(6, Duration.ofSeconds(1)), FailurePolicy.CLOSED, Mode.ENFORCED),
            base.with(TokenBucket.of(7, Duration.ofSeconds(1))).onFailure(FailurePolicy.OPEN));
  }

  @Test
  void shadow_policy_isInShadowMode() {
    assertThat(one("name: p\nlimits: [1/s]\nshadow: true").mode()).isEqualTo(Mode.SHADOW);
  }

  @Test
  void json_isReadToo() {
    String json =
        "\t{\n\t\"version\": 1,\n\t\t\"policies\": [\n\t{\"name\": \"p\\u0031\", \"limits\":\t[\"1/s\"]}]\n}";

    assertThat(PolicyFile.parse("x.json", json, NO_ENVIRONMENT).getFirst().name()).isEqualTo("p1");
  }

  @Test
  void variables_anywhereInAText_areReplaced() {
    Function<String, Optional<String>> environment =
        name ->
            switch (name) {
              case "LIMIT" -> Optional.of("250");
              case "EMPTY" -> Optional.of("");
              default -> Optional.empty();
            };
    String text =
        """
        version: 1
        policies:
        - name: p-${NAME:-default}-${EMPTY:-e}
          domain: "${EMPTY}$${x}"
          limits: [ "${LIMIT} per ${UNIT:-minute}" ]
        """;

    Policy policy = PolicyFile.parse("x.yaml", text, environment).getFirst();

    assertThat(policy.name()).isEqualTo("p-default-e");
    assertThat(policy.domain()).isEqualTo("${x}");
    assertThat(policy.limits().getFirst())
        .isEqualTo(Limit.of("250-per-minute", TokenBucket.of(250, Duration.ofMinutes(1))));
  }

  @Test
  void aliases_areFollowedWithinBounds() {
    String text =
        """
        version: 1
        policies:
        - { name: a, limits: &l [1/s] }
        - { name: b, limits: *l }
        """;

    assertThat(PolicyFile.parse("x.yaml", text, NO_ENVIRONMENT)).hasSize(2);
  }

  @Test
  void aliases_thatGrowWithoutEnd_areRefused() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
      String before = "*a" + (i - 1);
      bomb.append("a" + i + ": &a" + i + " [");
      bomb.append((before + ", ").repeat(9)).append(before).append("]\n");
    }
    StringBuilder deep = new StringBuilder("a0: &a0 [x]\n");
    for (int i = 1; i < 100; i++) {
      deep.append("a" + i + ": &a" + i + " [*a" + (i - 1) + "]\n");
    }

    assertThatThrownBy(() -> PolicyFile.parse("x.yaml", bomb.toString(), NO_ENVIRONMENT))
        .hasMessage("x.yaml:1:5: more than 100000 values by aliases (expected: at most that)");
    assertThatThrownBy(() -> PolicyFile.parse("x.yaml", deep.toString(), NO_ENVIRONMENT))
        .hasMessageContaining("more than 50 levels (expected: at most that)");
    assertThatThrownBy(() -> PolicyFile.parse("x.yaml", "[".repeat(100_000), NO_ENVIRONMENT))
        .hasMessage("x.yaml:1:51: more than 50 levels (expected: at most that)");
    assertThatThrownBy(
            () -> PolicyFile.parse("x.yaml", " ".repeat(Document.MAX_BYTES + 1), NO_ENVIRONMENT))
        .hasMessage("x.yaml:1:1: more than 16777216 characters (expected: at most that)");
  }
}
