// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import java.util.OptionalDouble;
import java.util.SplittableRandom;

/** Picks the keys of a load, from 0 up to a bound. Not safe for use by several threads. */
interface KeyPicker {

  /** The next key. */
  long next();

  /**
   * Picks among so many keys.
   *
   * @param keys how many there are; at least 1
   * @param exponent of the Zipf distribution; empty if every key is as likely as any other
   * @param seed of the random sequence
   */
  static KeyPicker of(long keys, OptionalDouble exponent, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return exponent.isPresent()
        ? new Zipf(keys, exponent.getAsDouble(), random)
        : new Uniform(keys, random);
  }

  /** Every key is as likely as any other. */
  record Uniform(long keys, SplittableRandom random) implements KeyPicker {
    @Override
    public long next() {
      return keys == 1 ? 0 : random.nextLong(keys);
    }
  }

  /** Key k is drawn with a probability in proportion to 1 ÷ (k + 1)^exponent. */
  final class Zipf implements KeyPicker {

    /*
     * Rejection-inversion: W. Hörmann, G. Derflinger, "Rejection-inversion to generate variates
     * from monotone discrete distributions", ACM TOMACS 6 (1996) 3. Exact, needs no table, and
     * accepts the first candidate nearly always. h is the density 1 ÷ x^exponent, H its integral,
     * shifted so that exponent 1 needs no case of its own.
     */
    private final long keys;
    private final double exponent;
    private final SplittableRandom random;
    private final double first;
    private final double last;
    private final double always;

    Zipf(long keys, double exponent, SplittableRandom random) {
      this.keys = keys;
      this.exponent = exponent;
      this.random = random;
      this.first = integral(1.5) - 1;
      this.last = integral(keys + 0.5);
      this.always = 2 - inverse(integral(2.5) - density(2));
    }

    @Override
    public long next() {
      while (true) {
        double u = last + random.nextDouble() * (first - last);
        double x = inverse(u);
        long rank = Math.max(1, Math.min(keys, (long) (x + 0.5)));
        if (rank - x <= always || u >= integral(rank + 0.5) - density((double) rank)) {
          return rank - 1;
        }
      }
    }

    private double density(double x) {
      return Math.exp(-exponent * Math.log(x));
    }

    private double integral(double x) {
      double log = Math.log(x);
      return expm1Ratio((1 - exponent) * log) * log;
    }

    private double inverse(double x) {
      double t = Math.max(-1, x * (1 - exponent));
      return Math.exp(log1pRatio(t) * x);
    }

    /** log(1 + x) ÷ x, also near 0. */
    private static double log1pRatio(double x) {
      return Math.abs(x) > 1e-8 ? Math.log1p(x) / x : 1 - x * (0.5 - x * (1.0 / 3 - 0.25 * x));
    }

    /** (exp(x) − 1) ÷ x, also near 0. */
    private static double expm1Ratio(double x) {
      return Math.abs(x) > 1e-8
          ? Math.expm1(x) / x
          : 1 + x * 0.5 * (1 + x * (1.0 / 3) * (1 + 0.25 * x));
    }
  }
}
