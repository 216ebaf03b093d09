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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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
  private final AtomicLong calls = new AtomicLong();
  private volatile Answers answers = Answers.AT_ONCE;

  private static final long JUDGED_SECONDS = 5;

  private enum Answers {
    AT_ONCE,
    ON_DELIVERY,
    TOO_LATE
  }

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
    answers = Answers.TOO_LATE;
  }

  /** Makes answers take their time: every call happens, and is answered at {@link #deliver}. */
  public void keepAnswers() {
    answers = Answers.ON_DELIVERY;
  }

  /** Makes the store answer again; answers that are under way stay so. */
  public void restore() {
    cutOff = charge -> false;
    answers = Answers.AT_ONCE;
  }

  /** How often the store has been asked. */
  public long calls() {
    return calls.get();
  }

  /** Delivers every answer that is under way, waiting for the store behind if it must. */
  public void deliver() {
    for (Runnable next = underWay.poll(); next != null; next = underWay.poll()) {
      next.run();
    }
  }

  @Override
  public CompletionStage<List<Verdict>> apply(List<Charge> charges) {
    calls.incrementAndGet();
    if (charges.stream().anyMatch(cutOff)) {
      return CompletableFuture.failedFuture(
          new StoreException(StoreException.Category.UNAVAILABLE, "cut off"));
    }
    CompletionStage<List<Verdict>> answer = store.apply(charges);
    return switch (answers) {
      case AT_ONCE -> answer;
      case ON_DELIVERY -> onDelivery(answer);
      case TOO_LATE -> {
        // The answer is late, not the charge: what is asked next must find it made.
        answer
            .handle((verdicts, failure) -> true)
            .toCompletableFuture()
            .completeOnTimeout(false, JUDGED_SECONDS, TimeUnit.SECONDS)
            .join();
        yield CompletableFuture.failedFuture(
            new StoreException(
                StoreException.Category.TIMEOUT, "no answer in time", onDelivery(answer)));
      }
    };
  }

  private CompletionStage<List<Verdict>> onDelivery(CompletionStage<List<Verdict>> answer) {
    CompletableFuture<List<Verdict>> arrival = new CompletableFuture<>();
    underWay.add(
        () ->
            answer
                .handle((verdicts, failure) -> pass(arrival, verdicts, failure))
                .toCompletableFuture()
                .join());
    return arrival;
  }

  private static boolean pass(
      CompletableFuture<List<Verdict>> arrival,
      @Nullable List<Verdict> verdicts,
      @Nullable Throwable failure) {
    if (verdicts != null) {
      return arrival.complete(verdicts);
    }
    return failure != null && arrival.completeExceptionally(failure);
  }

  @Override
  public void close() {
    store.close();
  }
}
