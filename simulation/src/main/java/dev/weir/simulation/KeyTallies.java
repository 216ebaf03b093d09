// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import dev.weir.core.CounterKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts by key, for a bounded number of keys. Used by one thread.
 *
 * <p>At the bound the half with the smallest counts is forgotten (lossy counting: Manku and
 * Motwani, 2002). So a key that counts much is never lost, and what a count may lack is known: it
 * is at most {@link #mayLack}.
 */
final class KeyTallies {

  /** A key's count. */
  static final class Tally {
    final CounterKey key;
    long count;
    final long firstMicros;
    long lastMicros;

    Tally(CounterKey key, long micros) {
      this.key = key;
      this.firstMicros = micros;
    }
  }

  private final int most;
  private final Map<CounterKey, Tally> tallies = new HashMap<>();
  private long forgottenKeys;
  private long forgottenCounts;
  private long mayLack;

  KeyTallies(int most) {
    this.most = most;
  }

  void count(CounterKey key, long micros) {
    Tally tally = tallies.get(key);
    if (tally == null) {
      if (tallies.size() >= most) {
        forgetHalf();
      }
      tally = new Tally(key, micros);
      tallies.put(key, tally);
    }
    tally.count++;
    tally.lastMicros = micros;
  }

  private void forgetHalf() {
    long[] counts = tallies.values().stream().mapToLong(tally -> tally.count).sorted().toArray();
    long threshold = counts[counts.length / 2];
    int before = tallies.size();
    tallies.values().removeIf(tally -> tally.count <= threshold);
    forgottenKeys += before - tallies.size();
    forgottenCounts += Arrays.stream(counts).filter(count -> count <= threshold).sum();
    mayLack += threshold;
  }

  /** Those that count most, the most first; among equals the earlier. */
  List<Tally> top(int wanted) {
    List<Tally> all = new ArrayList<>(tallies.values());
    all.sort(
        Comparator.comparingLong((Tally tally) -> -tally.count)
            .thenComparingLong(tally -> tally.firstMicros)
            .thenComparing(tally -> tally.key.toString()));
    return all.subList(0, Math.min(wanted, all.size()));
  }

  /** Keys that are counted now. */
  long keys() {
    return tallies.size();
  }

  /** How often a key was forgotten; a key may be forgotten several times. */
  long forgottenKeys() {
    return forgottenKeys;
  }

  /** What was forgotten with them. */
  long forgottenCounts() {
    return forgottenCounts;
  }

  /** What a count lacks at most. */
  long mayLack() {
    return mayLack;
  }
}
