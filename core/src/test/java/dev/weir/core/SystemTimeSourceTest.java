// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SystemTimeSourceTest {

  @Test
  void micros_readInTurn_neverRunBackwards() {
    TimeSource time = TimeSource.system();
    assertThat(time.monotonic()).isTrue();
    long before = time.micros();
    for (int i = 0; i < 1_000_000; i++) {
      long now = time.micros();
      assertThat(now).isGreaterThanOrEqualTo(before);
      before = now;
    }
  }

  @Test
  void anchor_replacedByAnyReading_neverRunsBackwards() {
    for (long start = 0; start < 3_000; start += 7) {
      SystemTimeSource.Anchor old = new SystemTimeSource.Anchor(start, 5_000);
      for (long at = start + 10_000; at < start + 12_500; at += 13) {
        SystemTimeSource.Anchor next = old.follow(at, 0);
        for (long later = at; later < at + 2_500; later += 17) {
          assertThat(next.at(later)).isGreaterThanOrEqualTo(old.at(later));
        }
      }
    }
  }

  @Test
  void anchor_wallClockFarAhead_isFollowed() {
    SystemTimeSource.Anchor old = new SystemTimeSource.Anchor(0, 0);
    assertThat(old.follow(1_000_000, 60_000_000).at(1_000_000)).isEqualTo(60_000_000);
    assertThat(old.follow(1_000_000, -60_000_000).at(1_000_000)).isEqualTo(1_000);
    assertThat(old.follow(1_000_000, 20_000).at(1_000_000)).isEqualTo(1_000);
  }
}
