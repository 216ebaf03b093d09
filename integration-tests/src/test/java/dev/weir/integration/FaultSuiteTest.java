// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.faults.FaultSuite;
import dev.weir.faults.Findings;
import dev.weir.redis.fixtures.RequiresProgram;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * That no fault of Redis breaks a promise. The deadline is generous and so is its tolerance, since
 * others use the machine; {@code ./weir bench faults} holds the store to its own.
 */
@Timeout(300)
final class FaultSuiteTest {
  private static final FaultSuite SUITE =
      new FaultSuite(
          new FaultSuite.Settings(
              Long.getLong("weir.faults.seed", 1),
              1_000,
              Duration.ofMillis(300),
              Duration.ofMillis(700),
              Duration.ofMillis(100),
              Duration.ofMillis(400)));

  @BeforeAll
  static void warmUp() {
    SUITE.warmUp();
  }

  private static List<String> faults() {
    return SUITE.faults().stream().filter(fault -> !fault.equals(FaultSuite.CLOCK_MOVED)).toList();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void fault_underLoad_breaksNoPromise(String fault) {
    assertThatNothingBroke(SUITE.run(fault));
  }

  @Test
  @RequiresProgram({"valkey-server", "faketime"})
  void clockMoved_underLoad_breaksNoPromise() {
    assertThatNothingBroke(SUITE.run(FaultSuite.CLOCK_MOVED));
  }

  private static void assertThatNothingBroke(Findings findings) {
    assertThat(findings.broken()).as("%s", findings).isEmpty();
    assertThat(findings.checks()).isPositive();
  }
}
