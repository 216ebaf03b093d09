// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import dev.weir.core.Charge;
import dev.weir.core.Store;
import dev.weir.core.StoreException;
import dev.weir.core.Verdict;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A store that can be cut off, as a whole or for some keys, or whose answers come too late. Safe
 * for use by any number of threads.
 */
public final class SwitchableStore implements Store {

  private final Store store;
  private final Queue<Runnable> underWay = new ConcurrentLinkedQueue<>();
  private volatile Predicate<Charge> cutOff = charge -> false;
  private volatile boolean late;

  /** Stands in front of a store, which can be reached at first. */
  public SwitchableStore(Store store) {
    this.store = store;
  }

  /** Cuts the store off: every call fails, none happens. */
  public void cutOff() {
    cutOff(charge -> true);
  }

  /** Cuts off the part of the store that keeps some charges: every call with one of them fails. */
  public void cutOff(Predicate<Charge> which) {
    cutOff = which;
  }

  /**
   * Makes answers come too late: every call happens and fails with {@link
   * StoreException.Category#TIMEOUT}; its answer is under way until {@link #deliver}.
   */
  public void delayAnswers() {
    late = true;
  }

  /** Makes the store answer again; answers that are under way stay so. */
  public void restore() {
    cutOff = charge -> false;
    late = false;
  }

  /** Delivers every answer that is under way. */
  public void deliver() {
    for (Runnable next = underWay.poll(); next != null; next = underWay.poll()) {
      next.run();
    }
  }

  @Override
  public CompletionStage<List<Verdict>> apply(List<Charge> charges) {
    if (charges.stream().anyMatch(cutOff)) {
      return CompletableFuture.failedFuture(
          new StoreException(StoreException.Category.UNAVAILABLE, "cut off"));
    }
    CompletionStage<List<Verdict>> answer = store.apply(charges);
    return late ? tooLate(answer) : answer;
  }

  private CompletionStage<List<Verdict>> tooLate(CompletionStage<List<Verdict>> answer) {
    CompletableFuture<List<Verdict>> arrival = new CompletableFuture<>();
    underWay.add(
        () -> answer.whenComplete((verdicts, failure) -> pass(arrival, verdicts, failure)));
    return CompletableFuture.failedFuture(
        new StoreException(StoreException.Category.TIMEOUT, "no answer in time", arrival));
  }

  private static void pass(
      CompletableFuture<List<Verdict>> arrival,
      @Nullable List<Verdict> verdicts,
      @Nullable Throwable failure) {
    if (verdicts != null) {
      arrival.complete(verdicts);
    } else if (failure != null) {
      arrival.completeExceptionally(failure);
    }
  }

  @Override
  public void close() {
    store.close();
  }
}
