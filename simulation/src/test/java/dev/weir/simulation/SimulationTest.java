// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import static dev.weir.simulation.Logs.T0;
import static dev.weir.simulation.Logs.line;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Descriptor;
import dev.weir.core.MemoryStore;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.Reason;
import dev.weir.testkit.ManualTimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a replay counts, held against examples worked out by hand and against the engine. */
final class SimulationTest {

  /* A bucket of 2 that earns one a second: of five at once two pass, a second later one of two. */
  @Test
  void replay_ofATokenBucket_deniesWhatTheArithmeticSays() {
    String log =
        line("a", 0).repeat(5) + line("b", 0) + line("a", 1).repeat(2) + line("a", 3).repeat(3);
    SimulationReport report =
        Logs.byAddress(Logs.perClient("1 per second burst 2"), Logs.text(log)).build().run();

    SimulationReport.PolicyResult result = report.results().getFirst();
    assertThat(result.requests()).isEqualTo(11);
    assertThat(result.denied()).isEqualTo(3 + 1 + 1);
    assertThat(result.reasons()).isEqualTo(Map.of(Reason.WITHIN_LIMIT, 6L, Reason.OVER_LIMIT, 5L));
    assertThat(result.firstMicros()).contains(T0);
    assertThat(result.lastMicros()).contains(T0 + 3_000_000);
    assertThat(result.limits())
        .singleElement()
        .satisfies(
            limit -> {
              assertThat(limit.policy()).isEqualTo("web/per-client");
              assertThat(limit.limit()).isEqualTo("rate");
              assertThat(limit.judged()).isEqualTo(11);
              assertThat(limit.over()).isEqualTo(5);
              assertThat(limit.denied()).isEqualTo(5);
            });
    assertThat(result.keys())
        .containsExactly(
            new SimulationReport.KeyResult(
                "web/per-client", "rate", List.of("a"), 5, T0, T0 + 3_000_000));
    assertThat(report.series().requests()).containsExactly(6L, 2L, 0L, 3L);
    assertThat(report.series().denied()).containsExactly(List.of(3L, 1L, 0L, 1L));
  }

  @Test
  void replay_ofRandomTraffic_equalsALimiterAskedAtTheSameTimes() {
    long seed = 7;
    Random random = new Random(seed);
    PolicySet policies = Logs.perClient("5 per second burst 9");
    ManualTimeSource time = ManualTimeSource.create();
    StringBuilder log = new StringBuilder();
    List<Boolean> expected = new ArrayList<>();
    try (MemoryStore store = MemoryStore.create(time, 10_000)) {
      RateLimiter limiter = RateLimiter.create(store, policies);
      double seconds = 0;
      time.setMicros(T0);
      for (int i = 0; i < 5_000; i++) {
        seconds += random.nextInt(20) / 1e3;
        String address = "10.0.0." + random.nextInt(8);
        log.append(line(address, seconds));
        time.setMicros(T0 + Math.round(seconds * 1e6));
        expected.add(limiter.check(Descriptor.of("web", "ip", address)).allowed());
      }
    }
    SimulationReport report = Logs.byAddress(policies, Logs.text(log.toString())).build().run();

    long denied = expected.stream().filter(allowed -> !allowed).count();
    assertThat(denied).as("denied with seed %s", seed).isPositive();
    assertThat(report.results().getFirst().denied()).isEqualTo(denied);
    assertThat(report.results().getFirst().requests()).isEqualTo(5_000);
  }

  @Test
  void replay_ofLinesOutOfOrder_equalsThatOfTheSortedLog() {
    String sorted = line("a", 0) + line("a", 0.5) + line("a", 1) + line("a", 2);
    String mixed = line("a", 1) + line("a", 0) + line("a", 2) + line("a", 0.5);
    PolicySet policies = Logs.perClient("1 per second burst 1");

    SimulationReport one = Logs.byAddress(policies, Logs.text(sorted)).build().run();
    SimulationReport other = Logs.byAddress(policies, Logs.text(mixed)).build().run();

    assertThat(other.results()).isEqualTo(one.results());
    assertThat(one.results().getFirst().denied()).isEqualTo(1);
    assertThat(other.input().late()).isZero();
  }

  @Test
  void replay_ofALineFarTooLate_judgesItAtTheClockAndTells() {
    String log = line("a", 100) + line("a", 120) + line("a", 3);

    SimulationReport report =
        Logs.byAddress(Logs.perClient("1 per minute burst 1"), Logs.text(log)).build().run();

    assertThat(report.input().late()).isEqualTo(1);
    assertThat(report.input().latestMicros()).isEqualTo(97_000_000);
    assertThat(report.input().requests()).isEqualTo(3);
    assertThat(report.results().getFirst().denied()).isEqualTo(2);
  }

  @Test
  void replay_ofSeveralLogs_mergesThemByTime() {
    StringBuilder one = new StringBuilder();
    StringBuilder other = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      (i % 2 == 0 ? one : other).append(line("a", i / 10.0));
    }
    PolicySet policies = Logs.perClient("3 per second burst 4");

    SimulationReport together =
        Logs.byAddress(policies, Logs.text(one.toString()), Logs.text(other.toString()))
            .build()
            .run();

    assertThat(together.input().late()).isZero();
    assertThat(together.input().requests()).isEqualTo(20_000);
    // Ten a second for 2 000 seconds; three pass each second, and the first four.
    assertThat(together.results().getFirst().requests() - together.results().getFirst().denied())
        .isEqualTo(4 + (20_000 - 1) * 3 / 10);
  }

  @Test
  void replay_withSpread_takesLinesOfOneSecondApart() {
    String log = line("a", 0).repeat(4) + line("a", 5);
    PolicySet policies = Logs.perClient("4 per second burst 1");

    assertThat(denied(Logs.byAddress(policies, Logs.text(log)))).isEqualTo(3);
    assertThat(denied(Logs.byAddress(policies, Logs.text(log)).spread())).isZero();
  }

  @Test
  void replay_ofMalformedLines_countsThemAndShowsTheFirst() {
    String log = line("a", 0) + "nonsense\n" + line("a", 1) + "\n" + "x".repeat(70_000) + "\n";

    SimulationReport report =
        Logs.byAddress(Logs.perClient("9 per second"), Logs.text(log)).build().run();

    assertThat(report.input().lines()).isEqualTo(4);
    assertThat(report.input().malformed()).isEqualTo(2);
    assertThat(report.input().examples()).extracting(Malformed::line).containsExactly(2L, 5L);
    assertThat(report.input().examples().getLast().problem()).contains("65536 bytes");
    assertThat(report.input().requests()).isEqualTo(2);
  }

  @Test
  void replay_withABoundOnKeys_keepsThoseThatAreDeniedMost() {
    StringBuilder log = new StringBuilder();
    for (int i = 0; i < 2_000; i++) {
      log.append(line("k" + i, 0).repeat(2));
      log.append(line("heavy", 0));
    }
    SimulationReport report =
        Logs.byAddress(Logs.perClient("1 per day"), Logs.text(log.toString()))
            .mostKeys(100)
            .build()
            .run();

    SimulationReport.PolicyResult result = report.results().getFirst();
    assertThat(result.denied()).isEqualTo(2_000 + 1_999);
    assertThat(result.keys().getFirst().key()).containsExactly("heavy");
    assertThat(result.keysDenied()).isLessThanOrEqualTo(100);
    assertThat(result.forgotten()).isPositive();
    assertThat(result.keys().getFirst().count()).isBetween(1_999 - result.mayLack(), 1_999L);
  }

  @Test
  void replay_comparedWithAnother_countsWhoseFateChanges() {
    String log = line("a", 0).repeat(3) + line("b", 0).repeat(3);
    SimulationReport report =
        Logs.byAddress(Logs.perClient("1 per hour burst 2"), Logs.text(log))
            .policies(
                "other.yaml",
                Logs.policies(
                    """
                    version: 1
                    policies:
                      - name: per-client
                        domain: web
                        key: [ip]
                        limits: [{ name: rate, rate: 1 per hour burst 1 }]
                        overrides:
                          - match: { ip: b }
                            multiply: 3
                    """))
            .build()
            .run();

    assertThat(report.results()).extracting(r -> r.denied()).containsExactly(2L, 2L);
    SimulationReport.Comparison comparison = report.comparison().orElseThrow();
    assertThat(comparison.both()).isEqualTo(1);
    assertThat(comparison.lost()).isEqualTo(1);
    assertThat(comparison.gained()).isEqualTo(1);
    assertThat(comparison.losing())
        .singleElement()
        .extracting(k -> k.key())
        .isEqualTo(List.of("a"));
    assertThat(comparison.gaining())
        .singleElement()
        .extracting(k -> k.key())
        .isEqualTo(List.of("b"));
  }

  /* Two at once, the first for a second: the third comes while both run, the fourth after one ended. */
  @Test
  void replay_ofAConcurrencyLimit_holdsForAsLongAsRequestsTook() {
    LogFields fields = new LogFields();
    String log =
        """
        {"ts":1760104536.0,"ip":"a","duration":1.0}
        {"ts":1760104536.1,"ip":"a","duration":9.0}
        {"ts":1760104536.2,"ip":"a","duration":1.0}
        {"ts":1760104537.1,"ip":"a","duration":1.0}
        """;
    SimulationReport report =
        Simulation.builder()
            .fields(fields)
            .descriptors(Logs.mapped(fields, "ip", "address"))
            .duration(new DurationField(fields.field("duration"), Optional.empty()))
            .policies("test.yaml", Logs.perClient("2 at once"))
            .log(Logs.text(log))
            .build()
            .run();

    assertThat(report.results().getFirst().denied()).isEqualTo(1);
    assertThat(report.results().getFirst().firstMicros()).contains(T0 + 200_000);
  }

  @Test
  void text_ofAHostileLog_hasNoControlCharacters() {
    String hostile = "\u001b[31mred\u202e";
    String log = line(hostile, 0).repeat(3) + hostile + "\n";

    String text =
        ReportText.of(Logs.byAddress(Logs.perClient("1 per day"), Logs.text(log)).build().run());

    assertThat(text).contains("[31mred").doesNotContain("\u001b").doesNotContain("\u202e");
  }

  private static long denied(Simulation.Builder builder) {
    return builder.build().run().results().getFirst().denied();
  }
}
