// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FactorTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void times_anyAmount_isTheFloorAndAtLeastOne() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 100_000; i++) {
      Factor factor = new Factor(1 + random.nextInt(1_000_000), 1 + random.nextInt(1_000_000));
      long amount = 1 + random.nextLong(1L << (1 + random.nextInt(42)));
      BigInteger exact =
          BigInteger.valueOf(amount)
              .multiply(BigInteger.valueOf(factor.numerator()))
              .divide(BigInteger.valueOf(factor.denominator()))
              .max(BigInteger.ONE);
      assertThat(factor.times(amount))
          .as("seed %d: %s × %d", seed, factor, amount)
          .isEqualTo(exact.longValueExact());
    }
  }

  @Test
  void times_algorithms_scaleTheirAmounts() {
    Factor half = new Factor(2, 4);

    assertThat(half).hasToString("1/2").isEqualTo(new Factor(1, 2));
    assertThat(new FixedWindow(5, SECOND).times(half)).isEqualTo(new FixedWindow(2, SECOND));
    assertThat(new SlidingWindow(1, SECOND).times(half)).isEqualTo(new SlidingWindow(1, SECOND));
    assertThat(new SlidingLog(10_000, SECOND).times(new Factor(999, 1_000)))
        .isEqualTo(new SlidingLog(9_990, SECOND));
    assertThat(new Concurrency(3, SECOND).times(new Factor(3, 2)))
        .isEqualTo(new Concurrency(4, SECOND));
    assertThat(new CalendarQuota(100, CalendarPeriod.DAY, ZoneOffset.UTC).times(half))
        .isEqualTo(new CalendarQuota(50, CalendarPeriod.DAY, ZoneOffset.UTC));
    assertThat(new TokenBucket(100, 10, SECOND).times(half))
        .isEqualTo(new TokenBucket(50, 5, SECOND));
    assertThat(new TokenBucket(3, 1, SECOND).times(half))
        .isEqualTo(new TokenBucket(1, 1, Duration.ofSeconds(2)));
    assertThat(new FixedWindow(5, SECOND).times(3)).isEqualTo(new FixedWindow(15, SECOND));
  }

  @Test
  void factor_outOfRange_isRefused() {
    assertThatThrownBy(() -> new Factor(0, 1)).hasMessage("multiply: 0 (expected: 1..1000000)");
    assertThatThrownBy(() -> new Factor(1, 1_000_001))
        .hasMessage("multiply: 1000001 (expected: 1..1000000)");
  }
}
