// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.core.Charge;
import dev.weir.core.Store;
import dev.weir.core.StoreException;
import dev.weir.core.Verdict;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A store that is never there: policies are tried on it before they are put in force. */
enum Nowhere implements Store {
  INSTANCE;

  @Override
  public CompletionStage<List<Verdict>> apply(List<Charge> charges) {
    return CompletableFuture.failedFuture(
        new StoreException(StoreException.Category.UNAVAILABLE, "nowhere"));
  }

  @Override
  public void close() {}
}
