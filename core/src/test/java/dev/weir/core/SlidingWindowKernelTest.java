// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class SlidingWindowKernelTest {

  @Test
  void worstCase_oneWindowsLength_admitsJustUnderTwiceTheLimit() {
    long second = 1_000_000;
    SlidingWindowKernel kernel = SlidingWindowKernel.compile(100, Duration.ofSeconds(1));
    SlidingWindowKernel.Counters state = kernel.fresh(0);
    state = kernel.take(state, 100, second - 1);
    long admitted = 100;
    for (long now = second; now < 2 * second - 1; now += 100) {
      state = kernel.settle(state, now);
      while (kernel.fits(state, 1, now)) {
        state = kernel.take(state, 1, now);
        admitted++;
      }
    }
    assertThat(admitted).isEqualTo(199);
  }

  @Test
  void adopt_fromAMuchLargerLimit_weighsWhatIsSpentExactly() {
    SlidingWindowKernel large = SlidingWindowKernel.compile(100_000_000, Duration.ofDays(30));
    SlidingWindowKernel small = SlidingWindowKernel.compile(10, Duration.ofDays(30));
    long window = Duration.ofDays(30).toMillis() * 1_000;
    long start = 700 * window;
    SlidingWindowKernel.Counters spent = new SlidingWindowKernel.Counters(700, 100_000_000, 0);
    SlidingWindowKernel.Counters adopted = small.adopt(spent, large, start);
    assertThat(small.balance(adopted, start)).isEqualTo(10 - 100_000_000);
    assertThat(small.balance(adopted, start + window / 2)).isEqualTo(10 - 50_000_000);
    long retry = small.retryAfter(adopted, 1, start);
    assertThat(small.fits(small.settle(adopted, start + retry), 1, start + retry)).isTrue();
    long before = start + retry - small.tickMicros();
    assertThat(small.fits(small.settle(adopted, before), 1, before)).isFalse();
    SlidingWindowKernel.Counters back = large.adopt(adopted, small, start);
    assertThat(large.balance(back, start)).isZero();
  }

  @Test
  void compile_whatCannotBeCounted_isRefusedWithTheReason() {
    assertThatThrownBy(() -> new SlidingWindow(1L << 27, Duration.ofSeconds(1)))
        .hasMessage("limit: 134217728 (expected: 1..134217727)");
    assertThatThrownBy(() -> new SlidingWindow(100_000_000, Duration.ofNanos(86_400_000_001_000L)))
        .hasMessageContaining("sliding window: limit 100000000 in PT24H0.000001S");
  }
}
