// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

/** Hears of records. */
@FunctionalInterface
public interface Watcher {

  /**
   * Records have changed. Batches come one after the other, on a thread of the store's that may be
   * blocked; meanwhile further changes gather into the next batch. An exception is logged, and the
   * next batch comes all the same.
   */
  void changed(Batch batch);
}
