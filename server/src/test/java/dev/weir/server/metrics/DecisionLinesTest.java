// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.Limit;
import dev.weir.core.RateLimiter;
import dev.weir.core.TokenBucket;
import dev.weir.server.metrics.DecisionLines.Keys;
import dev.weir.server.metrics.DecisionLines.Settings;
import dev.weir.server.metrics.DecisionLines.Which;
import dev.weir.testkit.ManualTimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class DecisionLinesTest {

  private final Logger logger = (Logger) LoggerFactory.getLogger("dev.weir.decisions");
  private final ListAppender<ILoggingEvent> events = new ListAppender<>();
  private final ManualTimeSource time = ManualTimeSource.create();
  private final RateLimiter limiter =
      RateLimiter.of(Limit.of("one", TokenBucket.of(1, Duration.ofDays(1))));

  @BeforeEach
  void listen() {
    events.start();
    logger.addAppender(events);
    logger.setAdditive(false);
  }

  @AfterEach
  void leave() {
    logger.setAdditive(true);
    logger.detachAppender(events);
  }

  private DecisionLines lines(Settings settings) {
    return new DecisionLines(settings, time, limiter::policies);
  }

  private void decide(DecisionLines lines, String key, int times) {
    Descriptor descriptor = Descriptor.of(RateLimiter.DEFAULT_DOMAIN, RateLimiter.DEFAULT_KEY, key);
    for (int i = 0; i < times; i++) {
      Decision decision = limiter.check(descriptor);
      if (lines.wants(decision)) {
        lines.record(List.of(descriptor), decision, 1_500, Optional::empty);
      }
    }
  }

  private List<Map<String, Object>> told() {
    return events.list.stream()
        .map(
            event ->
                event.getKeyValuePairs().stream()
                    .collect(Collectors.toMap(pair -> pair.key, pair -> pair.value)))
        .toList();
  }

  @Test
  void denials_ofOneSecond_areBoundedAndTheRestIsTold() {
    DecisionLines lines = lines(new Settings(Which.DENIED, 0, 3, Keys.FINGERPRINT));

    decide(lines, "a", 11);
    assertThat(told()).hasSize(3).noneMatch(line -> line.containsKey("omitted"));

    time.advance(Duration.ofSeconds(1));
    decide(lines, "a", 2);

    assertThat(told()).hasSize(5);
    assertThat(told().get(3)).containsEntry("omitted", 7L).containsEntry("duration_ms", 1.5);
    assertThat(told().get(4)).doesNotContainKey("omitted");
    assertThat(lines.leftOut()).isEqualTo(7);
  }

  @Test
  void decisions_chosen_haveLines() {
    decide(lines(new Settings(Which.NONE, 1, 9, Keys.TEXT)), "a", 2);
    assertThat(told()).isEmpty();
    decide(lines(new Settings(Which.SAMPLED, 0, 9, Keys.TEXT)), "b", 2);
    assertThat(told()).isEmpty();
    decide(lines(new Settings(Which.SAMPLED, 1, 9, Keys.TEXT)), "c", 2);
    assertThat(told()).hasSize(2);
    decide(lines(new Settings(Which.ALL, 0, 9, Keys.TEXT)), "d", 2);
    assertThat(told())
        .extracting(line -> line.get("outcome"))
        .containsExactly("allowed", "denied", "allowed", "denied");
  }

  @Test
  void rule18_keysInText_hideSecrets() {
    decide(lines(new Settings(Which.ALL, 0, 9, Keys.TEXT)), "secret-of-somebody", 1);
    assertThat(told().getFirst().get("key").toString()).matches("key=#[0-9a-f]{8}");
  }

  @Test
  void settings_outOfRange_areRefused() {
    assertThatThrownBy(() -> new Settings(Which.ALL, 1.5, 9, Keys.TEXT))
        .hasMessage("sample: 1.5 (expected: 0..1)");
    assertThatThrownBy(() -> new Settings(Which.ALL, 1, 0, Keys.TEXT))
        .hasMessage("per-second: 0 (expected: 1..1000000)");
  }
}
