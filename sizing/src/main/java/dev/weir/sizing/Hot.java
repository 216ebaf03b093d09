// SPDX-License-Identifier: Apache-2.0
package dev.weir.sizing;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * How checks are spread over keys.
 *
 * @param zipf exponent of a Zipf distribution, 0..10; 0 for evenly
 * @param share of the checks that go to the hot keys, where it is known, 0..1
 * @param keys how many hot keys there are, where it is known, 1..10<sup>9</sup>
 */
public record Hot(double zipf, OptionalDouble share, OptionalLong keys) {

  /** Every key as often as any other. */
  public static final Hot EVENLY = new Hot(0, OptionalDouble.empty(), OptionalLong.empty());

  /** Checks a second of a key and instance from which the key is leased (R27). */
  public static final double HOT_PER_SECOND = 50;

  /** Keys that an instance leases at most. */
  public static final long MOST_LEASED = 4_096;

  /** Keys that permits are bought for, and the share of checks that they answer. */
  record Leased(long keys, double share) {}

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of range
   */
  public Hot {
    Demand.within("zipf", zipf, 0, 10);
    share.ifPresent(value -> Demand.within("hot share", value, 0, 1));
    keys.ifPresent(value -> Demand.within("hot keys", (double) value, 1, 1e9));
  }

  /** So many keys have this share of the checks, each of them as much. */
  public static Hot of(double share, long keys) {
    return new Hot(0, OptionalDouble.of(share), OptionalLong.of(keys));
  }

  /** The n-th key is asked for n<sup>exponent</sup> times less often than the first. */
  public static Hot zipf(double exponent) {
    return new Hot(exponent, OptionalDouble.empty(), OptionalLong.empty());
  }

  /** What is leased where so many instances share a rate over so many keys. */
  Leased leased(double rate, long all, int instances) {
    if (share.isPresent()) {
      long hotKeys = keys.orElse(1);
      double each = rate * share.getAsDouble() / instances / (double) hotKeys;
      long leasedKeys = each < HOT_PER_SECOND ? 0 : Math.min(hotKeys, MOST_LEASED);
      return new Leased(leasedKeys, share.getAsDouble() * (double) leasedKeys / (double) hotKeys);
    }
    double scale = rate / instances / harmonic(all);
    double last = Math.pow(scale / HOT_PER_SECOND, zipf == 0 ? 0 : 1 / zipf);
    long most = Math.min(all, MOST_LEASED);
    long leasedKeys =
        scale < HOT_PER_SECOND
            ? 0
            : zipf == 0 ? most : (long) Math.min((double) most, Math.floor(last));
    return new Leased(leasedKeys, leasedKeys == 0 ? 0 : harmonic(leasedKeys) / harmonic(all));
  }

  /* The sum of n^-zipf from 1 on: the first thousand, and the integral over the others. */
  private double harmonic(long count) {
    double sum = 0;
    long exact = Math.min(count, 1_000);
    for (long i = 1; i <= exact; i++) {
      sum += Math.pow((double) i, -zipf);
    }
    if (count > exact) {
      double from = (double) exact + 0.5;
      double to = (double) count + 0.5;
      sum +=
          Math.abs(zipf - 1) < 1e-9
              ? Math.log(to / from)
              : (Math.pow(to, 1 - zipf) - Math.pow(from, 1 - zipf)) / (1 - zipf);
    }
    return sum;
  }
}
