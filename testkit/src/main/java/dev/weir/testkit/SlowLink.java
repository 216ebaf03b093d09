// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Charge;
import dev.weir.core.Store;
import dev.weir.core.StoreException;
import dev.weir.core.Verdict;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A way to a store that delays, reorders and loses what is sent, and fails what takes too long; the
 * same seed does the same. Time passes when the test moves the clock and calls {@link #run}. For
 * one thread.
 */
public final class SlowLink implements Store {

  private final Store store;
  private final ManualTimeSource clock;
  private final Random random;
  private final Faults faults;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
  private long order;

  /**
   * What a link does to what is sent.
   *
   * @param maxDelayMicros longest time in each direction
   * @param lossPerMille chance that a request or an answer is lost
   * @param timeoutMicros after which a call fails; its answer may still come, until it is known to
   *     be lost
   */
  public record Faults(long maxDelayMicros, int lossPerMille, long timeoutMicros) {}

  private record Event(long at, long order, Runnable action) {}

  /** A link to a store that answers at once. */
  public SlowLink(Store store, ManualTimeSource clock, Random random, Faults faults) {
    this.store = requireNonNull(store, "store");
    this.clock = requireNonNull(clock, "clock");
    this.random = requireNonNull(random, "random");
    this.faults = requireNonNull(faults, "faults");
  }

  @Override
  public CompletionStage<List<Verdict>> apply(List<Charge> charges) {
    CompletableFuture<List<Verdict>> caller = new CompletableFuture<>();
    CompletableFuture<List<Verdict>> late = new CompletableFuture<>();
    if (!lost()) {
      after(delay(), () -> reach(charges, caller, late));
    }
    after(
        faults.timeoutMicros + 2 * faults.maxDelayMicros, () -> late.completeExceptionally(gone()));
    after(
        faults.timeoutMicros,
        () ->
            caller.completeExceptionally(
                new StoreException(StoreException.Category.TIMEOUT, "no answer in time", late)));
    return caller;
  }

  private void reach(
      List<Charge> charges,
      CompletableFuture<List<Verdict>> caller,
      CompletableFuture<List<Verdict>> late) {
    store
        .apply(charges)
        .whenComplete(
            (verdicts, failure) -> {
              if (!lost()) {
                after(delay(), () -> answer(verdicts, failure, caller, late));
              }
            });
  }

  private static void answer(
      @Nullable List<Verdict> verdicts,
      @Nullable Throwable failure,
      CompletableFuture<List<Verdict>> caller,
      CompletableFuture<List<Verdict>> late) {
    if (verdicts != null) {
      caller.complete(verdicts);
      late.complete(verdicts);
    } else if (failure != null) {
      caller.completeExceptionally(failure);
      late.completeExceptionally(failure);
    }
  }

  private static StoreException gone() {
    return new StoreException(StoreException.Category.UNAVAILABLE, "lost");
  }

  private boolean lost() {
    return random.nextInt(1_000) < faults.lossPerMille;
  }

  private long delay() {
    return random.nextLong(faults.maxDelayMicros + 1);
  }

  private void after(long micros, Runnable action) {
    events.add(new Event(clock.micros() + micros, order++, action));
  }

  /** When something happens next; the end of time if nothing is under way. */
  public long nextMicros() {
    Event next = events.peek();
    return next == null ? Long.MAX_VALUE : next.at;
  }

  /** Lets everything happen whose time has come. */
  public void run() {
    while (nextMicros() <= clock.micros()) {
      events.remove().action.run();
    }
  }

  @Override
  public void close() {
    store.close();
  }
}
