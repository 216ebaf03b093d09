// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the sketch promises, held against exact counts of random streams. */
final class SpaceSavingTest {

  private static final int KEYS = 20_000;
  private static final int STREAM = 300_000;

  /** Key k comes with a chance of about 1 / k^skew. */
  private static int[] zipf(double skew, SplittableRandom random) {
    double[] upTo = new double[KEYS];
    double sum = 0;
    for (int k = 0; k < KEYS; k++) {
      sum += Math.pow(k + 1, -skew);
      upTo[k] = sum;
    }
    int[] stream = new int[STREAM];
    for (int i = 0; i < STREAM; i++) {
      int found = java.util.Arrays.binarySearch(upTo, random.nextDouble() * sum);
      stream[i] = found < 0 ? Math.min(KEYS - 1, -found - 1) : found;
    }
    return stream;
  }

  @ParameterizedTest
  @CsvSource({
    "0.5, 1, 1, 11",
    "0.8, 1, 16, 12",
    "1.0, 1, 1, 13",
    "1.2, 1, 7, 14",
    "1.0, 4, 1, 15",
    "0.6, 6, 16, 16"
  })
  void estimates_ofAZipfStream_keepTheirBounds(
      double skew, int sketchCount, int maxWeight, long seed) {
    int capacity = 500;
    SplittableRandom random = new SplittableRandom(seed);
    List<SpaceSaving<Integer>> sketches = new ArrayList<>();
    for (int i = 0; i < sketchCount; i++) {
      sketches.add(new SpaceSaving<>(capacity));
    }
    Map<Integer, Long> truth = new HashMap<>();
    long total = 0;
    for (int key : zipf(skew, random)) {
      long weight = 1 + random.nextInt(maxWeight);
      sketches.get(random.nextInt(sketchCount)).add(key, weight);
      truth.merge(key, weight, Long::sum);
      total += weight;
    }

    List<SpaceSaving.Estimate<Integer>> estimates = SpaceSaving.merged(sketches);

    long bound = total / capacity;
    Map<Integer, Long> found = new HashMap<>();
    long before = Long.MAX_VALUE;
    for (SpaceSaving.Estimate<Integer> estimate : estimates) {
      long exact = truth.getOrDefault(estimate.key(), 0L);
      String what = "seed " + seed + ", " + estimate + ", exactly " + exact;
      assertThat(exact).as(what).isBetween(estimate.count() - estimate.error(), estimate.count());
      assertThat(estimate.error()).as(what).isLessThanOrEqualTo(bound);
      assertThat(estimate.count()).as(what).isLessThanOrEqualTo(before);
      before = estimate.count();
      found.put(estimate.key(), estimate.count());
    }
    truth.forEach(
        (key, exact) -> {
          if (exact > bound) {
            assertThat(found).as("seed " + seed).containsKey(key);
          }
        });
  }

  @ParameterizedTest
  @CsvSource({"1", "3", "500"})
  void estimates_ofFewerKeysThanCounters_areExact(int keys) {
    SpaceSaving<Integer> sketch = new SpaceSaving<>(500);
    for (int i = 0; i < 10_000; i++) {
      sketch.add(i % keys, 1);
    }
    assertThat(SpaceSaving.merged(List.of(sketch.copy())))
        .hasSize(keys)
        .allSatisfy(
            estimate -> {
              assertThat(estimate.error()).isZero();
              assertThat(estimate.count()).isBetween(10_000L / keys, 10_000L / keys + 1);
            });
  }
}
