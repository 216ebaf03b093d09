// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import dev.weir.core.Charge;
import dev.weir.core.Store;
import dev.weir.core.StoreException;
import dev.weir.core.Verdict;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A store that can be cut off. Safe for use by any number of threads. */
public final class SwitchableStore implements Store {

  private final Store store;
  private volatile boolean reachable = true;

  /** Stands in front of a store, which can be reached at first. */
  public SwitchableStore(Store store) {
    this.store = store;
  }

  /** Cuts the store off: every call fails, none happens. */
  public void cutOff() {
    reachable = false;
  }

  /** Makes the store answer again. */
  public void restore() {
    reachable = true;
  }

  @Override
  public CompletionStage<List<Verdict>> apply(List<Charge> charges) {
    return reachable
        ? store.apply(charges)
        : CompletableFuture.failedFuture(
            new StoreException(StoreException.Category.UNAVAILABLE, "cut off"));
  }

  @Override
  public void close() {
    store.close();
  }
}
