// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Factors of sums. */
final class LeastSquaresTest {

  private static final long SEED = 7;

  @Test
  void factors_ofExactSums_areFound() {
    Random random = new Random(SEED);
    double[] factors = {3, 0.5, 0, 12};
    List<double[]> rows = new ArrayList<>();
    List<Double> sums = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      double[] row = random.doubles(factors.length).toArray();
      rows.add(row);
      sums.add(sum(row, factors));
    }

    assertThat(LeastSquares.nonNegative(rows, sums)).containsExactly(factors, within(1e-6));
  }

  @Test
  void factors_belowZero_areZeroAndTheOthersMakeUpForIt() {
    List<double[]> rows = List.of(new double[] {1, 1}, new double[] {1, 2}, new double[] {1, 3});
    List<Double> falling = List.of(3.0, 2.0, 1.0);

    // The best of a constant alone is the mean.
    assertThat(LeastSquares.nonNegative(rows, falling))
        .containsExactly(new double[] {2, 0}, within(1e-9));
  }

  @Test
  void factors_ofDisturbedSums_areWorseNowhereNearby() {
    Random random = new Random(SEED);
    List<double[]> rows = new ArrayList<>();
    List<Double> sums = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      double[] row = random.doubles(3).toArray();
      rows.add(row);
      sums.add(sum(row, new double[] {2, 5, 1}) + random.nextGaussian() / 10);
    }

    double[] found = LeastSquares.nonNegative(rows, sums);

    for (int i = 0; i < found.length; i++) {
      for (double step : new double[] {-0.01, 0.01}) {
        double[] other = found.clone();
        other[i] += step;
        assertThat(left(rows, sums, other)).isGreaterThan(left(rows, sums, found));
      }
    }
  }

  private static double sum(double[] row, double[] factors) {
    double sum = 0;
    for (int i = 0; i < row.length; i++) {
      sum += row[i] * factors[i];
    }
    return sum;
  }

  private static double left(List<double[]> rows, List<Double> sums, double[] factors) {
    double left = 0;
    for (int i = 0; i < sums.size(); i++) {
      double error = sums.get(i) - sum(rows.get(i), factors);
      left += error * error;
    }
    return left;
  }
}
