// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.util.concurrent.CompletionStage;

/** A rate limiter on Redis, asked by the number of a key. Safe for use by any number of threads. */
interface Contestant extends AutoCloseable {

  /** How many keys there are, numbered from 0. */
  int KEYS = 100_000;

  /** Prepares the first so many keys, where a limiter wants that; nothing of it is timed. */
  default void prepare(int keys) {}

  /** Starts a check of one permit. */
  CompletionStage<?> check(int key);

  /** Whether this answer of {@link #check} lets the caller go on. */
  boolean admitted(Object answer);

  /** Whether the answer was given without Redis, because that failed. */
  default boolean degraded(Object answer) {
    return false;
  }

  @Override
  void close();

  /** The names of all keys: 12 bytes each. */
  static String[] names() {
    String[] names = new String[KEYS];
    for (int i = 0; i < KEYS; i++) {
      names[i] = "user-%07d".formatted(i);
    }
    return names;
  }
}
