// SPDX-License-Identifier: Apache-2.0
package dev.weir.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Which keys are leased, and what share of the checks is theirs. */
final class HotTest {

  @Test
  void evenly_asked_areAllHotOrNone() {
    assertThat(Hot.EVENLY.leased(100_000, 1_000, 2)).isEqualTo(new Hot.Leased(1_000, 1));
    assertThat(Hot.EVENLY.leased(100_000, 1_001, 2).keys()).isZero();
  }

  @Test
  void evenly_moreThanAnInstanceHolds_areLeasedInPart() {
    Hot.Leased leased = Hot.EVENLY.leased(1_000_000, 8_192, 1);

    assertThat(leased.keys()).isEqualTo(4_096);
    assertThat(leased.share()).isCloseTo(0.5, within(1e-3));
  }

  @Test
  void zipf_ofAnExponent_isTheSumOfItsTerms() {
    for (double exponent : new double[] {0.5, 0.99, 1, 1.5}) {
      long all = 200_000;
      double rate = 1_000_000;
      double sum = 0;
      for (long i = 1; i <= all; i++) {
        sum += Math.pow(i, -exponent);
      }
      long hot = 0;
      double share = 0;
      while (hot < Hot.MOST_LEASED
          && rate / 4 * Math.pow(hot + 1, -exponent) / sum >= Hot.HOT_PER_SECOND) {
        hot++;
        share += Math.pow(hot, -exponent) / sum;
      }

      Hot.Leased leased = Hot.zipf(exponent).leased(rate, all, 4);

      assertThat(leased.keys()).as("exponent %s", exponent).isBetween(hot - 1, hot + 1);
      assertThat(leased.share()).as("exponent %s", exponent).isCloseTo(share, within(1e-3));
    }
  }

  @Test
  void shares_thatAreKnown_countWhereEachKeyIsHot() {
    assertThat(Hot.of(0.8, 10).leased(1_000, 100, 1)).isEqualTo(new Hot.Leased(10, 0.8));
    assertThat(Hot.of(0.8, 10).leased(1_000, 100, 2).keys()).isZero();
  }
}
