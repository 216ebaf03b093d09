// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CellsTest {

  private static final long NOW = 1_767_225_600_000_000L;
  private static final long[] TIMES = {NOW, NOW + 1, 0, 1, -1, -NOW, 4_000_000_000_000_000L};

  private static State repacked(Kernel kernel, State state, long now) {
    int id = KernelIds.of(kernel);
    long first = Cells.first(kernel, state);
    long second = Cells.second(kernel, id, state);
    assertThat(first & Cells.LOCK).isZero();
    assertThat(Cells.kernelId(second)).isEqualTo(id);
    return Cells.state(kernel, first, second, now, false);
  }

  @Test
  void bucket_anyCreditAndTime_survivesPacking() {
    List<TokenBucketKernel> kernels =
        List.of(
            kernel(new TokenBucket(1, 1, Duration.ofNanos(1_000))),
            kernel(new TokenBucket(1, 1, Duration.ofDays(36_500))),
            kernel(new TokenBucket((1L << 42) - 1, 1 << 30, Duration.ofNanos(1_000))),
            kernel(new TokenBucket(1_000_000, 999_983, Duration.ofSeconds(1))));
    for (TokenBucketKernel kernel : kernels) {
      for (long now : TIMES) {
        for (long credit :
            new long[] {kernel.full(), kernel.full() - 1, 0, 1, -1, -kernel.full()}) {
          State state = new TokenBucketKernel.Bucket(credit, kernel.ticks(now));
          assertThat(repacked(kernel, state, now)).isEqualTo(state);
          State earlier = new TokenBucketKernel.Bucket(credit, kernel.ticks(now) - 1_000_000);
          assertThat(repacked(kernel, earlier, now)).isEqualTo(earlier);
        }
      }
    }
  }

  private static TokenBucketKernel kernel(TokenBucket bucket) {
    return (TokenBucketKernel) bucket.kernel();
  }

  @Test
  void windows_largestCounts_survivePacking() {
    Kernel fixed = new FixedWindow((1L << 52) - 1, Duration.ofSeconds(7)).kernel();
    Kernel month = new CalendarQuota(10, CalendarPeriod.MONTH, ZoneId.of("Asia/Kolkata")).kernel();
    for (Kernel kernel : List.of(fixed, month)) {
      Windows windows = ((WindowKernel) kernel).windows();
      for (long now : TIMES) {
        for (long spent : new long[] {0, 1, (1L << 53) - 2}) {
          State state = new WindowKernel.Window(windows.startOf(now), spent);
          assertThat(repacked(kernel, state, now)).isEqualTo(state);
        }
      }
    }
  }

  @Test
  void slidingWindow_largestCounts_survivePacking() {
    SlidingWindowKernel kernel =
        (SlidingWindowKernel) new SlidingWindow((1L << 27) - 1, Duration.ofSeconds(1)).kernel();
    long most = (1L << 28) - 2;
    for (long now : TIMES) {
      for (long previous : new long[] {0, 1, most}) {
        for (long current : new long[] {0, 1, most}) {
          State state = new SlidingWindowKernel.Counters(kernel.index(now), previous, current);
          assertThat(repacked(kernel, state, now)).isEqualTo(state);
        }
      }
    }
  }

  @Test
  void steadyBucket_idleForHoursAtTheGreatestGain_isFull() {
    TokenBucketKernel kernel = kernel(new TokenBucket(5, 1 << 30, Duration.ofNanos(1_000)));
    State empty = new TokenBucketKernel.Bucket(0, kernel.ticks(NOW));
    long first = Cells.first(kernel, empty);
    long hour = 3_600_000_000L;
    assertThat(Cells.state(kernel, first, 0, NOW + hour, true)).isEqualTo(kernel.fresh(NOW + hour));
  }

  @Test
  void steadyBucket_wrappedAround_isFullInsteadOfInDebt() {
    TokenBucketKernel kernel = kernel(new TokenBucket(5, 1 << 20, Duration.ofNanos(1_000)));
    long first = Cells.first(kernel, new TokenBucketKernel.Bucket(0, kernel.ticks(NOW)));
    long wrapped = NOW + (3L << 61 - 20);
    assertThat(Cells.state(kernel, first, 0, wrapped, true)).isEqualTo(kernel.fresh(wrapped));
  }
}
