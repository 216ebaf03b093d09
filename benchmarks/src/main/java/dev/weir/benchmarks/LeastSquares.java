// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.util.List;

/** Fits a sum of known quantities, each times an unknown factor, to what was measured. */
final class LeastSquares {

  private static final int STEPS = 200_000;

  private LeastSquares() {}

  /**
   * The factors, none below zero, with the least sum of squares of what is left.
   *
   * <p>One factor after another is set to where the sum is least while the others stay, and not
   * below zero. The sum is convex, so this ends at its least (Franc, Hlaváč, Navara: Sequential
   * coordinate-wise algorithm for the non-negative least squares problem, 2005).
   *
   * @param rows what was done in each run, a quantity for each factor
   * @param measured what it came to
   */
  static double[] nonNegative(List<double[]> rows, List<Double> measured) {
    int count = rows.getFirst().length;
    double[] factors = new double[count];
    double[] left = measured.stream().mapToDouble(value -> value).toArray();
    for (int step = 0; step < STEPS; step++) {
      double moved = 0;
      for (int j = 0; j < count; j++) {
        double square = 0;
        double slope = 0;
        for (int i = 0; i < left.length; i++) {
          double x = rows.get(i)[j];
          square += x * x;
          slope += x * left[i];
        }
        if (square > 0) {
          double next = Math.max(0, factors[j] + slope / square);
          double change = next - factors[j];
          for (int i = 0; i < left.length; i++) {
            left[i] -= rows.get(i)[j] * change;
          }
          factors[j] = next;
          moved = Math.max(moved, Math.abs(change));
        }
      }
      if (moved < 1e-12) {
        break;
      }
    }
    return factors;
  }
}
