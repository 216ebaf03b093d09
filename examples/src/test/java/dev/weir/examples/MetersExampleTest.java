// SPDX-License-Identifier: Apache-2.0
package dev.weir.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.TokenBucket;
import dev.weir.core.ValuePattern;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page about metrics says what compiles and runs. */
final class MetersExampleTest {

  private static final Path ROOT = Path.of(System.getProperty("basedir", ".")).resolve("..");
  private static final Pattern JAVA = Pattern.compile("(?ms)^```java\n(.*?)^```");

  @Test
  void javaExample_isTheOneThatCompiles() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/metrics.md"), UTF_8);
    String source =
        Files.readString(
            ROOT.resolve("examples/src/main/java/dev/weir/examples/MetersExample.java"), UTF_8);
    List<String> examples = JAVA.matcher(page).results().map(example -> example.group(1)).toList();
    assertThat(examples).hasSize(1);
    assertThat(source.replaceAll("(?m)^ +", ""))
        .contains(examples.getFirst().replaceAll("(?m)^ +", ""));
  }

  @Test
  void example_run_countsDecisions() {
    Policy once =
        Policy.named("once")
            .domain(RateLimiter.DEFAULT_DOMAIN)
            .match(RateLimiter.DEFAULT_KEY, ValuePattern.any())
            .key(RateLimiter.DEFAULT_KEY)
            .limit(Limit.of("hour", TokenBucket.of(1, Duration.ofHours(1))))
            .build();
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    RateLimiter limiter = MetersExample.run(registry, PolicySet.of(List.of(once)));

    assertThat(limiter.check("user-42").allowed()).isTrue();
    assertThat(limiter.check("user-42").allowed()).isFalse();

    assertThat(registry.get("weir.decisions").tag("outcome", "denied").functionCounter().count())
        .isEqualTo(1);
  }
}
