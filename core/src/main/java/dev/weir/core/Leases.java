// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The permits that this node has bought in advance, by key (R26, R27, R29, R30). Safe for use by
 * any number of threads; finding and spending takes no lock.
 */
final class Leases {

  /* A set-associative table of hot keys. A key leaves it when it has cooled down; that is looked for
   * whenever a request is sent, a few places at a time, so there is no thread that does it. A node
   * that is not asked for anything sends nothing: what it holds expires, and what it was worth to
   * the others, the bucket has earned again soon. */

  private static final int WAYS = 4;
  private static final int SIZE = 4_096;
  private static final int LOOKED_AT = 2;

  private final Remote remote;
  private final TimeSource clock;
  private final HotKeys hot = new HotKeys();
  private final AtomicReferenceArray<@Nullable LeasedKey> table = new AtomicReferenceArray<>(SIZE);
  // A race looks at the same places twice.
  private int hand;
  private final LongAdder bought = new LongAdder();
  private final LongAdder returned = new LongAdder();
  private volatile boolean closed;

  /** What is here: keys that permits are bought for, and permits that may be spent. */
  record Held(int keys, long permits) {}

  Leases(Remote remote, TimeSource clock) {
    this.remote = remote;
    this.clock = clock;
  }

  /** What is here, up to what came or went meanwhile. */
  Held held(long now) {
    int keys = 0;
    long permits = 0;
    for (int i = 0; i < SIZE; i++) {
      LeasedKey key = table.getAcquire(i);
      if (key != null) {
        keys++;
        permits += key.held(now);
      }
    }
    return new Held(keys, permits);
  }

  /** Permits that the store has given so far. */
  long bought() {
    return bought.sum();
  }

  /** Permits that the store has taken back so far. */
  long returned() {
    return returned.sum();
  }

  /**
   * Spends permits that are here.
   *
   * @return about what the limit has left, or {@link Grant#NONE} if nothing was spent
   */
  long spend(BoundLimit limit, long high, long low, long cost, long now) {
    LeasedKey key = cost > 0 ? find(limit, high, low) : null;
    if (key == null) {
      return Grant.NONE;
    }
    long estimate = key.spend(cost, now);
    if (key.low(now)) {
      send(key, key.ahead(now), now);
    }
    return estimate;
  }

  /**
   * Takes a plan's permits from those that are here, or have been or can be asked for.
   *
   * @return null if the store has to be asked; keys of the plan then watch for the answer
   */
  @Nullable CompletionStage<Decision> decide(Plan plan, long now) {
    if (closed || !plan.leasable()) {
      return null;
    }
    boolean hotAll = true;
    List<LeasedKey> keys = new ArrayList<>(plan.charges().size());
    for (int i = 0; i < plan.charges().size(); i++) {
      LeasedKey key = hot(plan.sources().get(i).bound(), plan.charges().get(i).key(), now);
      if (key != null) {
        keys.add(key);
        plan.watch(i, key);
      }
      hotAll &= key != null;
    }
    if (!hotAll) {
      return null;
    }
    return keys.size() == 1 ? take(keys.getFirst(), plan, now) : takeAll(keys, plan, now);
  }

  private @Nullable LeasedKey hot(BoundLimit limit, CounterKey counter, long now) {
    Scratch scratch = Scratch.own();
    counter.hash(scratch);
    LeasedKey key = find(limit, scratch.high, scratch.low);
    return key != null || !hot.count(scratch.high, scratch.low, now)
        ? key
        : add(limit, counter, scratch, now);
  }

  private @Nullable CompletionStage<Decision> take(LeasedKey key, Plan plan, long now) {
    long cost = plan.charges().getFirst().cost();
    long estimate = key.spend(cost, now);
    if (estimate != Grant.NONE) {
      return CompletableFuture.completedFuture(allowed(key, plan, estimate, now));
    }
    LeasedKey.Waiter waiter = new LeasedKey.Waiter(plan, cost, new CompletableFuture<>());
    long amount = key.await(waiter, now);
    if (amount == LeasedKey.ALONE) {
      return null;
    }
    send(key, amount, now);
    return waiter.answer();
  }

  private static Decision allowed(LeasedKey key, Plan plan, long estimate, long now) {
    long cost = plan.charges().getFirst().cost();
    return plan.allowedByLease(List.of(QuickTake.estimated(key.bucket, estimate, cost, now)));
  }

  /* All or nothing (R1): what was spent before one lacked is put back where it was. Nobody waits for
   * several requests; the check goes to the store, and the next may find what this one lacked. */
  private @Nullable CompletionStage<Decision> takeAll(List<LeasedKey> keys, Plan plan, long now) {
    List<Verdict> verdicts = new ArrayList<>(keys.size());
    List<Grant> from = new ArrayList<>(keys.size());
    for (int i = 0; i < keys.size(); i++) {
      LeasedKey key = keys.get(i);
      long cost = plan.charges().get(i).cost();
      Grant grant = key.spendFrom(cost, now);
      if (grant == Grant.EMPTY) {
        for (int j = 0; j < i; j++) {
          putBack(keys.get(j), from.get(j), plan.charges().get(j).cost(), now);
        }
        send(key, key.lack(cost, now), now);
        return null;
      }
      from.add(grant);
      long estimate = grant.estimate(grant.left(), key.bucket.limit());
      verdicts.add(QuickTake.estimated(key.bucket, estimate, cost, now));
    }
    for (LeasedKey key : keys) {
      if (key.low(now)) {
        send(key, key.ahead(now), now);
      }
    }
    return CompletableFuture.completedFuture(plan.allowedByLease(verdicts));
  }

  private void putBack(LeasedKey key, Grant grant, long cost, long now) {
    if (!grant.putBack(cost)) {
      var unused = giveBack(key, key.orphaned(grant, cost, now));
    }
  }

  private void send(LeasedKey key, long amount, long now) {
    if (amount == LeasedKey.WAITS) {
      return;
    }
    CompletableFuture<Void> underWay = key.underWay();
    var unused =
        sent(key, amount)
            .handle(
                (verdicts, failure) ->
                    verdicts != null
                        ? arrived(key, verdicts.getFirst(), now)
                        : failed(key, amount, now, failure))
            .thenCompose(back -> back)
            .whenComplete((back, failure) -> underWay.complete(null));
    dropCooled(now);
  }

  /* A store that throws instead of failing must not leave those who wait behind. */
  private CompletionStage<List<Verdict>> sent(LeasedKey key, long amount) {
    try {
      return remote.send(List.of(key.charge(amount, Operation.TAKE_UP_TO)));
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletionStage<Void> arrived(LeasedKey key, Verdict verdict, long departed) {
    remote.recovered(key.plan);
    bought.add(verdict.amount());
    long now = clock.micros();
    LeasedKey.Arrival arrival = key.arrived(verdict, departed, now);
    for (LeasedKey.Served served : arrival.served()) {
      LeasedKey.Waiter waiter = served.waiter();
      waiter.answer().complete(allowed(key, waiter.plan(), served.estimate(), now));
    }
    for (LeasedKey.Waiter waiter : arrival.exact()) {
      alone(waiter);
    }
    return giveBack(key, arrival.giveBack());
  }

  private void alone(LeasedKey.Waiter waiter) {
    var unused =
        remote
            .ask(waiter.plan())
            .whenComplete(
                (decision, failure) -> {
                  if (decision != null) {
                    waiter.answer().complete(decision);
                  } else if (failure != null) {
                    waiter.answer().completeExceptionally(failure);
                  }
                });
  }

  /* The waiters' own charges were not made: what was asked for is the node's, not theirs. */
  private CompletionStage<Void> failed(
      LeasedKey key, long asked, long departed, @Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    Optional<CompletionStage<List<Verdict>>> late = late(failure);
    for (LeasedKey.Waiter waiter : key.failed(late.isPresent())) {
      if (cause instanceof StoreException lost) {
        waiter.answer().complete(remote.judgeWithout(waiter.plan(), lost));
      } else if (cause != null) {
        waiter.answer().completeExceptionally(cause);
      }
    }
    late.ifPresent(answer -> await(key, asked, departed, answer));
    // Whoever closes does not wait for what may never come.
    return CompletableFuture.completedFuture(null);
  }

  private void await(
      LeasedKey key, long asked, long departed, CompletionStage<List<Verdict>> late) {
    var unused =
        late.whenComplete(
            (verdicts, failure) -> {
              if (verdicts == null) {
                key.settled(asked);
              } else {
                bought.add(verdicts.getFirst().amount());
                long now = clock.micros();
                var unusedStage =
                    giveBack(key, key.arrivedLate(asked, verdicts.getFirst(), departed, now));
              }
            });
  }

  /** Gives permits back by receipt, once; answers when that has been tried. */
  private CompletionStage<Void> giveBack(LeasedKey key, long permits) {
    if (permits == 0) {
      return CompletableFuture.completedFuture(null);
    }
    Receipt receipt = new Receipt(key.key(), 0, permits, Optional.empty());
    return remote
        .send(List.of(key.charge(permits, new Operation.Refund(receipt))))
        .handle(
            (verdicts, failure) -> {
              if (verdicts != null) {
                returned.add(verdicts.getFirst().amount());
              }
              // Until it is known to be there or lost, it counts as held.
              var unused =
                  late(failure)
                      .orElseGet(() -> CompletableFuture.completedFuture(List.of()))
                      .whenComplete((answer, lost) -> key.settled(permits));
              return null;
            });
  }

  private static Optional<CompletionStage<List<Verdict>>> late(@Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof StoreException lost ? lost.late() : Optional.empty();
  }

  private @Nullable LeasedKey find(BoundLimit limit, long high, long low) {
    int set = set(low);
    for (int i = set; i < set + WAYS; i++) {
      LeasedKey key = table.getAcquire(i);
      if (key != null && key.about(limit, high, low)) {
        return key;
      }
    }
    return null;
  }

  // One at a time, so that no key has two places.
  private synchronized @Nullable LeasedKey add(
      BoundLimit limit, CounterKey counter, Scratch hash, long now) {
    LeasedKey present = find(limit, hash.high, hash.low);
    if (present != null || closed) {
      return present;
    }
    Lease lease = limit.limit().lease().orElseThrow();
    Plan plan = Plan.of("", limit, counter);
    LeasedKey added = new LeasedKey(limit, lease, hash.high, hash.low, plan, now);
    int set = set(hash.low);
    for (int i = set; i < set + WAYS; i++) {
      LeasedKey there = table.getAcquire(i);
      if ((there == null || there.cool(now)) && table.compareAndSet(i, there, added)) {
        if (there != null) {
          var unused = giveBack(there, there.end(now));
        }
        return added;
      }
    }
    return null;
  }

  private void dropCooled(long now) {
    for (int i = 0; i < LOOKED_AT; i++) {
      int place = hand++ & (SIZE - 1);
      LeasedKey key = table.getAcquire(place);
      if (key != null && key.cool(now) && table.compareAndSet(place, key, null)) {
        var unused = giveBack(key, key.end(now));
      }
    }
  }

  /**
   * Ends every lease for good: gives back what is unused, and what is under way as soon as it
   * arrives (R29).
   *
   * @return when all of it is back, or failed to be
   */
  CompletionStage<Void> close() {
    closed = true;
    return endAll(key -> true);
  }

  /** Ends the leases of a limit's other versions, which may not be given back. */
  void policiesChanged(PolicySet policies) {
    var unused =
        endAll(
            key ->
                policies
                    .limit(key.limit.id())
                    .filter(limit -> limit.kernelId() == key.limit.kernelId())
                    .isPresent());
  }

  private CompletionStage<Void> endAll(Predicate<LeasedKey> returns) {
    CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
    long now = clock.micros();
    for (int i = 0; i < SIZE; i++) {
      LeasedKey key = table.getAndSet(i, null);
      if (key != null) {
        long permits = key.end(now);
        if (returns.test(key)) {
          all = all.thenCombine(giveBack(key, permits), (a, b) -> null);
          all = all.thenCombine(key.underWay(), (a, b) -> null);
        }
      }
    }
    return all;
  }

  private static int set(long low) {
    return (int) low & (SIZE - 1) & -WAYS;
  }
}
