// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.weir.core.Descriptor;
import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.TokenBucket;
import dev.weir.core.ValuePattern;
import dev.weir.testkit.ManualTimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TopKeysTest {

  private final ManualTimeSource time = ManualTimeSource.create();
  private final PolicySet policies =
      PolicySet.of(List.of(policy("per-user", "user"), policy("per-key", "api_key")));
  private final TopKeys top = new TopKeys(time, 1, () -> policies);
  private final RateLimiter limiter =
      RateLimiter.builder().policies(policies).listener(top).build();

  private static Policy policy(String name, String entry) {
    return Policy.named(name)
        .domain("d")
        .match(entry, ValuePattern.any())
        .key(entry)
        .limit(Limit.of("five", TokenBucket.of(5, Duration.ofDays(1))))
        .build();
  }

  private void check(String entry, String value, int times) {
    for (int i = 0; i < times; i++) {
      var unused = limiter.check(Descriptor.of("d", entry, value));
    }
  }

  @Test
  void keys_usedAndDenied_areToldMostFirst() {
    check("user", "rare", 2);
    check("user", "often", 30);
    check("user", "seldom", 7);

    assertThat(top.mostUsed(2))
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactly(
            new TopKeys.Top("per-user", "five", "user=often", 30, 0, user("often")),
            new TopKeys.Top("per-user", "five", "user=seldom", 7, 0, user("seldom")));
    assertThat(top.mostDenied(10))
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactly(
            new TopKeys.Top("per-user", "five", "user=often", 25, 0, user("often")),
            new TopKeys.Top("per-user", "five", "user=seldom", 2, 0, user("seldom")));
  }

  private static Optional<Descriptor> user(String name) {
    return Optional.of(Descriptor.of("d", "user", name));
  }

  @Test
  void rule18_keysThatAreSecrets_areToldAsFingerprints() {
    check("api_key", "wk_live_0123456789abcdef", 1);

    assertThat(top.mostUsed(1).getFirst().key()).matches("api_key=#[0-9a-f]{8}");
    assertThat(top.mostUsed(1).getFirst().descriptor()).isEmpty();
  }

  @Test
  void rule18_namesOfSecrets_areKnown() {
    assertThat(
            List.of(
                "api_key",
                "x-api-key",
                "ApiKey",
                "apikey_id",
                "key",
                "client.key",
                "token",
                "access_token",
                "Authorization",
                "session_id",
                "password",
                ""))
        .allMatch(KeyText::isSecret);
    assertThat(List.of("user", "client", "address", "path", "monkey", "tenant", "plan"))
        .noneMatch(KeyText::isSecret);
  }

  @Test
  void keys_ofALongTimeAgo_areForgotten() {
    check("user", "old", 3);
    time.advance(Duration.ofMinutes(6));
    check("user", "new", 2);
    assertThat(top.mostUsed(5))
        .extracting(TopKeys.Top::key)
        .containsExactly("user=old", "user=new");

    time.advance(Duration.ofMinutes(5));

    assertThat(top.mostUsed(5)).extracting(TopKeys.Top::key).containsExactly("user=new");
    time.advance(Duration.ofMinutes(6));
    assertThat(top.mostUsed(5)).isEmpty();
  }

  @Test
  void flood_beyondTheExactCount_isSampled() {
    int flood = 400_000;
    check("user", "flood", flood);
    check("user", "other", 1_000);

    TopKeys.Top first = top.mostDenied(1).getFirst();

    assertThat(first.key()).isEqualTo("user=flood");
    // Ten times the deviation of what is sampled.
    assertThat((double) first.count()).isCloseTo(flood, within(80 * Math.sqrt(flood)));
  }

  @Test
  void keys_ofAnyLength_areBounded() {
    check("user", "x".repeat(4_000), 9);

    assertThat(top.mostUsed(1).getFirst().key()).matches("#[0-9a-f]{8}");
    assertThat(top.mostUsed(1).getFirst().count()).isEqualTo(9);
  }

  @Test
  void number_outOfRange_isRefused() {
    assertThatThrownBy(() -> top.mostUsed(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("n: 0 (expected: 1..1000)");
    assertThatThrownBy(() -> top.mostDenied(1_001)).isInstanceOf(IllegalArgumentException.class);
  }
}
