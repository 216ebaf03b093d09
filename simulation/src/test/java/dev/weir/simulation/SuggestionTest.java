// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import static dev.weir.simulation.Logs.line;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.TokenBucket;
import dev.weir.policy.PolicyFile;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What limits are suggested, and what is said of them. */
final class SuggestionTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  /* Per second a asks for 3, 1, 1; b for 2. Half of the four windows see up to 1, all up to 3. */
  @Test
  void suggest_ofAFewRequests_countsDemandByHand() {
    String log = line("a", 0).repeat(3) + line("b", 0).repeat(2) + line("a", 1) + line("a", 2);
    Suggestion suggestion =
        Logs.byAddress(Logs.perClient("1 per day"), Logs.text(log))
            .build()
            .suggest(new SuggestionWish(List.of(SECOND), 100, 50));

    assertThat(suggestion.demands())
        .containsExactly(new Demand("web/per-client", SECOND, 4, 1, 3, 3, 0));
    // Three and a half more, rounded up.
    assertThat(suggestion.policies().policies().getFirst().limits().getFirst().algorithm())
        .isEqualTo(TokenBucket.of(5, SECOND));
    assertThat(suggestion.report().results().getFirst().denied()).isZero();
  }

  @Test
  void suggest_ofRandomTraffic_countsDemandAsAMapDoes() {
    long seed = 3;
    Random random = new Random(seed);
    StringBuilder log = new StringBuilder();
    Map<String, Long> perSecond = new HashMap<>();
    double seconds = 0;
    for (int i = 0; i < 20_000; i++) {
      seconds += random.nextInt(40) / 1e3;
      String address = "10.0.0." + (int) Math.abs(random.nextGaussian() * 5);
      log.append(line(address, seconds));
      perSecond.merge(address + '@' + Math.round(seconds * 1e6) / 1_000_000, 1L, Long::sum);
    }
    Demand demand =
        Logs.byAddress(Logs.perClient("1 per day"), Logs.text(log.toString()))
            .build()
            .suggest(new SuggestionWish(List.of(SECOND), 99, 0))
            .demands()
            .getFirst();

    List<Long> sorted = perSecond.values().stream().sorted().toList();
    assertThat(demand.windows()).isEqualTo(sorted.size());
    assertThat(demand.most()).isEqualTo(sorted.getLast());
    assertThat(demand.percentile())
        .isEqualTo(sorted.get((int) Math.ceil(sorted.size() * 0.99) - 1));
    assertThat(demand.median()).isEqualTo(sorted.get((int) Math.ceil(sorted.size() * 0.5) - 1));
  }

  @Test
  void yaml_ofASuggestion_parsesAndDeniesWhatItSays() {
    LogSource traffic =
        new SyntheticTraffic(
            SyntheticTraffic.Shape.ATTACK,
            1,
            50,
            100,
            Duration.ofMinutes(5),
            SyntheticTraffic.USUAL_START);
    Suggestion suggestion =
        Logs.byAddress(Logs.perClient("1 per day"), traffic)
            .build()
            .suggest(new SuggestionWish(List.of(SECOND, MINUTE), 90, 0));

    long denied = suggestion.report().results().getFirst().denied();
    assertThat(denied).isPositive();
    String yaml = suggestion.yaml();
    assertThat(yaml)
        .contains(
            "would have denied " + String.format(java.util.Locale.ROOT, "%,d", denied) + " of ");
    assertThat(PolicyFile.parse("suggested.yaml", yaml, name -> Optional.empty()))
        .isEqualTo(suggestion.policies().policies());
    SimulationReport again = Logs.byAddress(Logs.policies(yaml), traffic).build().run();
    assertThat(again.results().getFirst().denied()).isEqualTo(denied);
  }

  @Test
  void suggest_ofALogThatIsReadOnce_isRefused() {
    LogSource once = LogSource.stream("standard input", new ByteArrayInputStream(new byte[0]));
    assertThatThrownBy(
            () ->
                Logs.byAddress(Logs.perClient("1 per day"), once)
                    .build()
                    .suggest(SuggestionWish.USUAL))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("standard input (expected: a file");
  }

  @Test
  void counts_ofLargeDemand_areWithinAThousandth() {
    DemandCounts counts = new DemandCounts();
    for (long demand : new long[] {1, 4_095, 4_096, 1_000_003, 1L << 45}) {
      counts.raise(0, demand);
    }
    assertThat(counts.windows()).isEqualTo(5);
    assertThat(counts.percentile(40)).isEqualTo(4_095);
    assertThat(counts.percentile(60)).isBetween(4_096L, 4_100L);
    assertThat(counts.percentile(80)).isBetween(1_000_003L, 1_001_000L);
    assertThat(counts.percentile(100)).isEqualTo(1L << 45);
  }

  @Test
  void room_isRoundedUpToTwoDigits() {
    assertThat(Proposal.room(1, 0)).isEqualTo(1);
    assertThat(Proposal.room(7, 30)).isEqualTo(10);
    assertThat(Proposal.room(99, 0)).isEqualTo(99);
    assertThat(Proposal.room(101, 0)).isEqualTo(110);
    assertThat(Proposal.room(12_345, 30)).isEqualTo(17_000);
  }
}
