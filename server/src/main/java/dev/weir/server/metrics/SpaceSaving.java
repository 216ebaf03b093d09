// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.metrics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds what comes most often in a stream, in bounded memory. Not safe for use by several threads.
 *
 * @param <K> what comes; with {@code equals} and {@code hashCode}
 */
final class SpaceSaving<K> {

  /* Metwally, Agrawal and El Abbadi, "Efficient computation of frequent and top-k elements in data
   * streams", 2005. As many counters as there is room for; whoever comes and has none takes the
   * smallest one over, with its count as an error. With m counters and a weight of N in all, no error
   * exceeds N/m, and whatever weighs more than N/m has a counter. The counters are a binary heap, so
   * that a weight may be anything. */

  /**
   * An estimate.
   *
   * @param count no less than the true weight
   * @param error the true weight is no less than the count without it
   */
  record Estimate<K>(K key, long count, long error) {}

  private static final class Counter<K> {
    private K key;
    private long count;
    private long error;
    private int place;

    Counter(K key) {
      this.key = key;
    }
  }

  private final int capacity;
  private final Map<K, Counter<K>> byKey;
  private final List<Counter<K>> heap;

  /**
   * An empty sketch.
   *
   * @param capacity counters; 1 or more
   */
  SpaceSaving(int capacity) {
    this.capacity = capacity;
    this.byKey = HashMap.newHashMap(capacity);
    this.heap = new ArrayList<>(capacity);
  }

  /** Counts a key, with a weight of 1 or more. */
  void add(K key, long weight) {
    Counter<K> counter = byKey.get(key);
    if (counter == null) {
      counter = take(key);
    }
    counter.count += weight;
    sink(counter);
  }

  private Counter<K> take(K key) {
    Counter<K> counter;
    if (heap.size() < capacity) {
      counter = new Counter<>(key);
      counter.place = heap.size();
      heap.add(counter);
      rise(counter);
    } else {
      counter = heap.getFirst();
      byKey.remove(counter.key);
      counter.key = key;
      counter.error = counter.count;
    }
    byKey.put(key, counter);
    return counter;
  }

  private void rise(Counter<K> counter) {
    while (counter.place > 0) {
      Counter<K> parent = heap.get((counter.place - 1) / 2);
      if (parent.count <= counter.count) {
        return;
      }
      swap(counter, parent);
    }
  }

  private void sink(Counter<K> counter) {
    while (true) {
      int left = 2 * counter.place + 1;
      if (left >= heap.size()) {
        return;
      }
      Counter<K> least = heap.get(left);
      if (left + 1 < heap.size() && heap.get(left + 1).count < least.count) {
        least = heap.get(left + 1);
      }
      if (counter.count <= least.count) {
        return;
      }
      swap(counter, least);
    }
  }

  private void swap(Counter<K> one, Counter<K> other) {
    int place = one.place;
    one.place = other.place;
    other.place = place;
    heap.set(one.place, one);
    heap.set(other.place, other);
  }

  /** The most that a key without a counter can weigh. */
  private long unknown() {
    return heap.size() < capacity ? 0 : heap.getFirst().count;
  }

  /** The same, to be read while this one goes on. */
  SpaceSaving<K> copy() {
    SpaceSaving<K> copy = new SpaceSaving<>(capacity);
    for (Counter<K> counter : heap) {
      Counter<K> same = new Counter<>(counter.key);
      same.count = counter.count;
      same.error = counter.error;
      same.place = counter.place;
      copy.heap.add(same);
      copy.byKey.put(same.key, same);
    }
    return copy;
  }

  /** What is known of several sketches' streams together, the heaviest first. */
  static <K> List<Estimate<K>> merged(List<SpaceSaving<K>> sketches) {
    Map<K, Estimate<K>> all = new HashMap<>();
    for (SpaceSaving<K> sketch : sketches) {
      for (K key : sketch.byKey.keySet()) {
        all.computeIfAbsent(key, k -> estimate(k, sketches));
      }
    }
    List<Estimate<K>> estimates = new ArrayList<>(all.values());
    estimates.sort((one, other) -> Long.compare(other.count, one.count));
    return estimates;
  }

  private static <K> Estimate<K> estimate(K key, List<SpaceSaving<K>> sketches) {
    long count = 0;
    long error = 0;
    for (SpaceSaving<K> sketch : sketches) {
      @Nullable Counter<K> counter = sketch.byKey.get(key);
      count += counter == null ? sketch.unknown() : counter.count;
      error += counter == null ? sketch.unknown() : counter.error;
    }
    return new Estimate<>(key, count, error);
  }
}
