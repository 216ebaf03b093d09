// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.core.Charge;
import dev.weir.core.Store;
import dev.weir.core.StoreException;
import dev.weir.core.Verdict;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A store whose failures are counted. Safe for use by any number of threads.
 *
 * @param store the store
 * @param meters where failures are counted
 */
record MeteredStore(Store store, Meters meters) implements Store {

  @Override
  public CompletionStage<List<Verdict>> apply(List<Charge> charges) {
    CompletionStage<List<Verdict>> answer = store.apply(charges);
    // Its failure goes on to whoever waits for the answer.
    var unused = answer.whenComplete((verdicts, failure) -> count(failure));
    return answer;
  }

  private void count(@Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof StoreException lost) {
      meters.failed(lost.category());
    }
  }

  @Override
  public void close() {
    store.close();
  }
}
