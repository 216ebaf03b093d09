// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.core.TokenBucket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RulesJsonImporterTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void parse_rules_arePolicies() {
    String rules =
        """
        {
          "rules": [
            {"id": "per-ip", "key_template": "rl:{ip}", "rate_per_sec": 100, "burst": 200,
             "scope": "ip", "enabled": true},
            {"id": "tenant route", "key_template": "{tenant}:{route}", "rate_per_sec": 0.5,
             "burst": 3},
            {"id": "off", "key_template": "{ip}", "rate_per_sec": 1, "enabled": false},
            {"id": "scoped", "key_template": "", "rate_per_sec": 2.25, "scope": "tenant"},
            {"id": "all", "key_template": "all", "rate_per_sec": 7, "scope": "global"}
          ]
        }
        """;

    assertThat(RulesJsonImporter.parse("rules.json", rules, "gateway"))
        .containsExactly(
            policy("per-ip", new TokenBucket(200, 100, SECOND), "ip"),
            policy(
                "tenant-route", new TokenBucket(3, 5, Duration.ofSeconds(10)), "tenant", "route"),
            policy("scoped", new TokenBucket(3, 225, Duration.ofSeconds(100)), "tenant"),
            policy("all", new TokenBucket(7, 7, SECOND)));
  }

  private static Policy policy(String name, TokenBucket bucket, String... key) {
    return Policy.named(name).domain("gateway").key(key).limit(Limit.of("rate", bucket)).build();
  }

  @Test
  void parse_list_isReadToo() {
    String rules = "[{\"id\": \"a\", \"key_template\": \"{ip}\", \"rate_per_sec\": 1}]";

    assertThat(RulesJsonImporter.parse("rules.json", rules, "default")).hasSize(1);
  }

  @Test
  void parse_badRules_tellsEveryProblem() {
    String rules =
        """
        [
          {"id": "a", "key_template": "{user}", "rate_per_sec": 1},
          {"id": "b", "key_template": "{ip}", "rate_per_sec": -1},
          {"id": "c", "key_template": "{ip}", "rate_per_sec": 1, "burst": 0},
          {"key_template": "x", "rate_per_sec": 1, "scope": "planet", "bust": 1},
          {"id": "d", "key_template": "{ip}", "rate_per_sec": 1},
          {"id": "d", "key_template": "{ip}", "rate_per_sec": 1}
        ]
        """;

    assertThatThrownBy(() -> RulesJsonImporter.parse("r.json", rules, "default"))
        .isInstanceOf(InvalidFileException.class)
        .hasMessage(
            """
            r.json:2:31: [0].key_template: "{user}" (expected: {ip}, {route} or {tenant})
            r.json:3:55: [1].rate_per_sec: "-1" (expected: a number of permits per second above 0, \
            at most 6 decimals)
            r.json:4:67: [2].burst: "0" (expected: a whole number, 1..1000000000000)
            r.json:5:3: [3]: no id (expected: a field id)
            r.json:5:53: [3].scope: "planet" (expected: ip, route, tenant or global)
            r.json:5:71: [3].bust: unknown (expected: burst)
            r.json:7:3: [5]: id of policy "d" (expected: each once; first on line 6)""");
  }
}
