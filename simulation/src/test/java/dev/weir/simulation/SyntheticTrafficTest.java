// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Made-up traffic. */
final class SyntheticTrafficTest {

  private static SyntheticTraffic traffic(SyntheticTraffic.Shape shape, long seed) {
    return new SyntheticTraffic(
        shape, seed, 100, 50, Duration.ofMinutes(1), SyntheticTraffic.USUAL_START);
  }

  @ParameterizedTest
  @EnumSource
  void bytes_ofOneSeed_areTheSameAndOfAnotherOthers(SyntheticTraffic.Shape shape)
      throws IOException {
    byte[] one = traffic(shape, 1).open().readAllBytes();
    assertThat(traffic(shape, 1).open().readAllBytes()).isEqualTo(one);
    assertThat(traffic(shape, 2).open().readAllBytes()).isNotEqualTo(one);
  }

  /* Written down, so that a change of the generator or of Java's is seen. */
  @Test
  void bytes_ofASeed_areThoseOfOtherMachines() throws IOException, NoSuchAlgorithmException {
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    for (SyntheticTraffic.Shape shape : SyntheticTraffic.Shape.values()) {
      sha.update(traffic(shape, 42).open().readAllBytes());
    }
    assertThat(HexFormat.of().formatHex(sha.digest()))
        .isEqualTo("59435023a3f346cadaaa9c1d35722be91d1fa150f61a624eedbe1d905fd13371");
  }

  @ParameterizedTest
  @EnumSource
  void log_asItIsWritten_replaysAsTheTrafficDoes(SyntheticTraffic.Shape shape) throws IOException {
    SyntheticTraffic traffic = traffic(shape, 7);
    byte[] written = traffic.open().readAllBytes();

    SimulationReport one = Logs.byAddress(Logs.perClient("2 per second"), traffic).build().run();
    SimulationReport other =
        Logs.byAddress(Logs.perClient("2 per second"), Logs.bytes(written)).build().run();

    assertThat(other.results()).isEqualTo(one.results());
    assertThat(other.series()).isEqualTo(one.series());
    assertThat(one.input().malformed()).isZero();
    assertThat(one.input().late()).isZero();
    assertThat(one.input().lines())
        .isEqualTo(new String(written, StandardCharsets.US_ASCII).lines().count());
  }

  @Test
  void steady_comesAtEvenDistances() {
    SimulationReport report =
        Logs.byAddress(Logs.perClient("1 per day"), traffic(SyntheticTraffic.Shape.STEADY, 1))
            .build()
            .run();
    assertThat(report.input().requests()).isEqualTo(6_000);
    assertThat(report.series().requests()).hasSize(60).allMatch(count -> count == 100);
  }

  @Test
  void attack_addsNineTimesTheRateInTheMiddleFifth() {
    SimulationReport report =
        Logs.byAddress(Logs.perClient("1 per day"), traffic(SyntheticTraffic.Shape.ATTACK, 1))
            .build()
            .run();
    long during =
        report.series().requests().subList(24, 36).stream().mapToLong(Long::longValue).sum();
    long otherwise = report.input().requests() - during;
    assertThat(during / 12.0).isBetween(900.0, 1_100.0);
    assertThat(otherwise / 48.0).isBetween(90.0, 110.0);
  }

  @Test
  void values_outOfRange_areRefused() {
    assertThatThrownBy(
            () ->
                new SyntheticTraffic(
                    SyntheticTraffic.Shape.ZIPF,
                    1,
                    100,
                    0,
                    Duration.ofMinutes(1),
                    SyntheticTraffic.USUAL_START))
        .hasMessage("keys: 0 (expected: 1..1000000)");
  }
}
