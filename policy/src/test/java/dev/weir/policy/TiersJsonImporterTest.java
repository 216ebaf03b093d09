// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.Descriptor;
import dev.weir.core.FailurePolicy;
import dev.weir.core.MemoryStore;
import dev.weir.core.RateLimiter;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class TiersJsonImporterTest {

  private static final String FILE =
      """
      {
        "tiers": {
          "free": {"base_limit": 10, "burst_limit": 20, "degraded_limit": 2, "window_minutes": 1},
          "pro": {"base_limit": 100, "burst_limit": 150, "window_minutes": 1, "note": "paid"}
        },
        "users": {"ann": "free", "bob": "pro"},
        "api_keys": {"anns_key_123": "ann"},
        "redis": {"host": "there", "port": 7000, "db": 3, "timeout": 0.005, "max_connections": 9},
        "comment": "of another program"
      }
      """;

  private static final long NOW_MICROS = 1_767_225_600_000_000L;

  private static TiersJson parse(String text) {
    return TiersJsonImporter.parse("tiers.json", text, "e", UnaryOperator.identity());
  }

  private static long admitted(PolicyCatalog catalog, String state, String... entries) {
    RateLimiter limiter =
        RateLimiter.builder()
            .store(MemoryStore.create(() -> NOW_MICROS, 1_000))
            .nodes(1)
            .policies(catalog.in(state))
            .build();
    List<Descriptor.Entry> list = new java.util.ArrayList<>();
    for (int i = 0; i < entries.length; i += 2) {
      list.add(new Descriptor.Entry(entries[i], entries[i + 1]));
    }
    Descriptor descriptor = Descriptor.of("e", list);
    long admitted = 0;
    while (limiter.check(descriptor).allowed()) {
      admitted++;
    }
    return admitted;
  }

  @Test
  void limits_areBurstInNormalTimes_andDegradedOrBaseElse() {
    PolicyCatalog catalog = parse(FILE).catalog();
    assertThat(catalog.states()).containsExactly("normal", "base", "degraded");
    assertThat(admitted(catalog, "normal", "user", "ann", "tier", "free")).isEqualTo(20);
    assertThat(admitted(catalog, "normal", "user", "bob", "tier", "pro")).isEqualTo(150);
    assertThat(admitted(catalog, "base", "user", "ann", "tier", "free")).isEqualTo(10);
    assertThat(admitted(catalog, "degraded", "user", "ann", "tier", "free")).isEqualTo(2);
    assertThat(admitted(catalog, "degraded", "user", "bob", "tier", "pro")).isEqualTo(100);
    assertThat(admitted(catalog, "normal", "user", "eve", "tier", "none")).isEqualTo(20);
  }

  @Test
  void usersKeysAndRedis_areTold() {
    TiersJson file = parse(FILE);
    assertThat(file.users()).containsEntry("ann", "free").containsEntry("bob", "pro").hasSize(2);
    assertThat(file.apiKeys()).containsEntry("anns_key_123", "ann").hasSize(1);
    TiersJson.Redis redis = file.redis().orElseThrow();
    assertThat(redis.host()).isEqualTo("there");
    assertThat(redis.port()).hasValue(7_000);
    assertThat(redis.database()).hasValue(3);
    assertThat(redis.timeoutSeconds()).hasValueSatisfying(s -> assertThat(s).isEqualTo("0.005"));
    assertThat(file.toString()).doesNotContain("anns_key_123");
  }

  @Test
  void change_reachesTheLimitOfEveryTier() {
    TiersJson file =
        TiersJsonImporter.parse(
            "tiers.json", FILE, "e", limit -> limit.onFailure(FailurePolicy.CLOSED));
    assertThat(file.catalog().in("normal").policies().getFirst().limits().getFirst().onFailure())
        .isEqualTo(FailurePolicy.CLOSED);
  }

  @Test
  void mistakes_areToldWithTheirPlaces_butNoKey() {
    String wrong =
        """
        {"tiers": {"free": {"base_limit": 0}, "pro": {"burst_limit": 5}},
         "users": {"ann": "fre"},
         "api_keys": {
           "secret_key_of_nobody": "nobody",
           "short": "ann"},
         "redis": {"host": "h", "timeout": "soon"}}
        """;
    assertThatThrownBy(() -> parse(wrong))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("tiers.json:1:35: tiers.free.base_limit")
        .hasMessageContaining("no base_limit")
        .hasMessageContaining("users.ann")
        .hasMessageContaining("the key on line 4 is of \"nobody\"")
        .hasMessageContaining("the key on line 5 (expected: 10..200")
        .hasMessageContaining("seconds, such as 0.005")
        .hasMessageNotContaining("secret_key_of_nobody");
    assertThatThrownBy(() -> parse("{}")).hasMessageContaining("no tiers");
    assertThatThrownBy(() -> parse("{\"tiers\": {}}")).hasMessageContaining("at least one");
    assertThatThrownBy(() -> parse("[1")).isInstanceOf(InvalidFileException.class);
  }
}
