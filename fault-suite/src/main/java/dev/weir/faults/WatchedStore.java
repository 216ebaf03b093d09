// SPDX-License-Identifier: Apache-2.0
package dev.weir.faults;

import dev.weir.core.Charge;
import dev.weir.core.Store;
import dev.weir.core.StoreException;
import dev.weir.core.Verdict;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A store that notes, for the check that the calling thread is making, how it answered. */
final class WatchedStore implements Store {

  /** What became of one check's charges. */
  static final class Watch {
    // Written before the decision is made, read by whoever the decision is given to.
    volatile Told.Fate fate = Told.Fate.REMEMBERED;
  }

  private static final ThreadLocal<@Nullable Watch> CURRENT = new ThreadLocal<>();

  private final Store store;

  WatchedStore(Store store) {
    this.store = store;
  }

  /** The next call of this thread belongs to this check; other calls are nobody's. */
  static void watch(@Nullable Watch watch) {
    CURRENT.set(watch);
  }

  @Override
  public CompletionStage<List<Verdict>> apply(List<Charge> charges) {
    Watch watch = CURRENT.get();
    CompletionStage<List<Verdict>> answer = store.apply(charges);
    if (watch == null) {
      return answer;
    }
    return answer.whenComplete(
        (verdicts, failure) -> {
          watch.fate = failure == null ? Told.Fate.JUDGED : fate(failure);
        });
  }

  private static Told.Fate fate(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    boolean sent =
        cause instanceof StoreException lost
            && (lost.category() == StoreException.Category.TIMEOUT || lost.late().isPresent());
    return sent ? Told.Fate.UNKNOWN : Told.Fate.NOT_MADE;
  }

  @Override
  public void close() {
    store.close();
  }
}
