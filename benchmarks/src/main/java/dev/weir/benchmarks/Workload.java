// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.util.SplittableRandom;

/** Which keys are asked for, and how often. */
enum Workload {
  UNIFORM,
  ZIPF,
  HOT;

  private static final int LENGTH = 1 << 20;
  private static final double EXPONENT = 0.99;

  /** How many keys it touches. */
  int keys() {
    return this == HOT ? 1 : Contestant.KEYS;
  }

  /** Numbers of keys in the order in which they are asked for; the same at every call. */
  int[] sequence() {
    SplittableRandom random = new SplittableRandom(42);
    int[] sequence = new int[LENGTH];
    double[] below = this == ZIPF ? cumulated() : new double[0];
    for (int i = 0; i < LENGTH; i++) {
      sequence[i] =
          switch (this) {
            case UNIFORM -> random.nextInt(Contestant.KEYS);
            case ZIPF -> rank(below, random.nextDouble());
            case HOT -> 0;
          };
    }
    return sequence;
  }

  private static double[] cumulated() {
    double[] below = new double[Contestant.KEYS];
    double sum = 0;
    for (int i = 0; i < below.length; i++) {
      sum += 1 / Math.pow(i + 1, EXPONENT);
      below[i] = sum;
    }
    for (int i = 0; i < below.length; i++) {
      below[i] /= sum;
    }
    return below;
  }

  private static int rank(double[] below, double point) {
    int low = 0;
    int high = below.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (below[middle] < point) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
