// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.FixedWindow;
import dev.weir.core.Limit;
import dev.weir.core.MemoryStore;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.TokenBucket;
import dev.weir.testkit.ManualTimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every profile, byte for byte. */
class HeaderProfileTest {

  // Thirty seconds into a minute.
  private final ManualTimeSource time = ManualTimeSource.at(Instant.ofEpochSecond(1_800_000_030L));
  private final RateLimiter limiter =
      RateLimiter.create(
          MemoryStore.create(time, 1_000),
          PolicySet.of(
              List.of(
                  Policy.named("p")
                      .domain("d")
                      .limit(Limit.of("burst", TokenBucket.of(10, Duration.ofSeconds(5))))
                      .limit(
                          Limit.of("per \"minute\"", new FixedWindow(100, Duration.ofMinutes(1))))
                      .build())));

  private Decision check(long cost) {
    return limiter.check(List.of(Descriptor.of("d", List.of()).withCost(cost)));
  }

  private static List<String> fields(HeaderProfile profile, Decision decision) {
    List<String> fields = new ArrayList<>();
    profile.fields(decision, (name, value) -> fields.add(name + ": " + value));
    return fields;
  }

  @Test
  void allowed_everyProfile() {
    Decision allowed = check(4);
    assertThat(fields(HeaderProfile.IETF, allowed))
        .containsExactly(
            "RateLimit-Policy: \"burst\";q=10;w=5,\"per \\\"minute\\\"\";q=100;w=60",
            "RateLimit: \"burst\";r=6;t=1");
    assertThat(fields(HeaderProfile.IETF_06, allowed))
        .containsExactly(
            "RateLimit-Limit: 10",
            "RateLimit-Remaining: 6",
            "RateLimit-Reset: 2",
            "RateLimit-Policy: 10;w=5, 100;w=60");
    assertThat(fields(HeaderProfile.X_EPOCH, allowed))
        .containsExactly(
            "X-RateLimit-Limit: 10", "X-RateLimit-Remaining: 6", "X-RateLimit-Reset: 1800000032");
    assertThat(fields(HeaderProfile.X_DELTA, allowed))
        .containsExactly(
            "X-RateLimit-Limit: 10, 10;w=5;name=\"burst\", 100;w=60;name=\"per \\\"minute\\\"\"",
            "X-RateLimit-Remaining: 6",
            "X-RateLimit-Reset: 2");
    assertThat(fields(HeaderProfile.NONE, allowed)).isEmpty();
  }

  @Test
  void denied_everyProfile() {
    check(10);
    Decision denied = check(3);
    assertThat(denied.allowed()).isFalse();
    assertThat(fields(HeaderProfile.IETF, denied))
        .containsExactly(
            "RateLimit-Policy: \"burst\";q=10;w=5,\"per \\\"minute\\\"\";q=100;w=60",
            "RateLimit: \"burst\";r=0;t=2");
    assertThat(fields(HeaderProfile.IETF_06, denied))
        .contains("RateLimit-Remaining: 0", "RateLimit-Reset: 5");
    assertThat(fields(HeaderProfile.X_EPOCH, denied))
        .contains("X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1800000035");
    assertThat(Denials.retryAfterSeconds(denied)).isEqualTo(2);
    assertThat(
            new String(Denials.problem(denied).toBytes(), java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"type\":\"https://iana.org/assignments/http-problem-types#quota-exceeded\","
                + "\"title\":\"Quota Exceeded\",\"status\":429,"
                + "\"detail\":\"Request limit exceeded; retry after 2 seconds.\","
                + "\"violated-policies\":[\"burst\"]}");
  }

  @Test
  void noLimit_saysNothing() {
    Decision unmatched = limiter.check(Descriptor.of("other", "k", "v"));
    for (HeaderProfile profile : HeaderProfile.values()) {
      assertThat(fields(profile, unmatched)).isEmpty();
    }
  }
}
