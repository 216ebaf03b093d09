// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A hot key of a leased limit: the permits that this node holds of it, the one request for more
 * that may be under way, and who waits for that. Does no I/O; {@link Leases} does what it says.
 * Safe for use by any number of threads: spending takes no lock, everything else takes this key's
 * own.
 */
final class LeasedKey {

  /* Two grants at most: one that is being spent and one that was asked for early, so that nobody has
   * to wait. Held, asked for and being returned together never exceed the lease's permits: that sum
   * is what other nodes may have to do without, and what they may find spent later than the store
   * counted it.
   *
   * The key is exact at first: checks go to the store one by one and tell what it has left. Only if
   * that is plenty are permits bought, and as soon as it is not, the key is exact again (R27). */

  /** Nothing is to be asked for. */
  static final long WAITS = 0;

  /** The check has to ask the store alone. */
  static final long ALONE = -1;

  /** Checks per second under which a key has cooled down. */
  private static final long COOL = 20;

  private static final long PROBATION_MICROS = 1_000_000;

  final BoundLimit limit;
  final TokenBucketKernel bucket;
  final long high;
  final long low;

  /** A take at a cost of 1: what is recovered when the store answers. */
  final Plan plan;

  private final Lease lease;
  private final long lifetime;
  private volatile Grant current = Grant.EMPTY;
  private volatile Grant next = Grant.EMPTY;
  // Written under the lock. A race sees a request late and asks for the lock in vain.
  private volatile boolean asking;

  private volatile boolean exact = true;

  private final List<Waiter> waiters = new ArrayList<>();
  private long asked;
  private long promised;
  private long away;
  private CompletableFuture<Void> underWay = CompletableFuture.completedFuture(null);
  private boolean gone;
  private long bought;
  private long keptBack;
  private long sentAlone;
  private long usedBefore;
  private long since;

  /** A check that waits for permits. */
  record Waiter(Plan plan, long cost, CompletableFuture<Decision> answer) {}

  /** A check that got its permits. */
  record Served(Waiter waiter, long estimate) {}

  /** What came of a request: who is served, who has to ask the store alone, what to give back. */
  record Arrival(List<Served> served, List<Waiter> exact, long giveBack) {}

  LeasedKey(BoundLimit limit, Lease lease, long high, long low, Plan plan, long now) {
    this.limit = limit;
    this.bucket = (TokenBucketKernel) limit.kernel();
    this.lease = lease;
    this.high = high;
    this.low = low;
    this.plan = plan;
    this.lifetime = lease.lifetimeMicros();
    this.since = now;
  }

  boolean about(BoundLimit limit, long high, long low) {
    return this.low == low && this.high == high && sameVersion(limit);
  }

  private boolean sameVersion(BoundLimit other) {
    return limit == other
        || (limit.kernelId() == other.kernelId()
            && limit.limit().lease().equals(other.limit().lease()));
  }

  /**
   * Spends permits that are here.
   *
   * @return about what the limit has left, or {@link Grant#NONE} if nothing was spent
   */
  long spend(long cost, long now) {
    Grant grant = current;
    long left = grant.spend(cost, now);
    if (left == Grant.NONE) {
      grant = next;
      left = grant.spend(cost, now);
    }
    return left == Grant.NONE ? Grant.NONE : grant.estimate(left, bucket.limit());
  }

  /**
   * Spends permits that are here.
   *
   * @return the grant that they are of, or {@link Grant#EMPTY} if nothing was spent
   */
  Grant spendFrom(long cost, long now) {
    Grant grant = current;
    if (grant.spend(cost, now) != Grant.NONE) {
      return grant;
    }
    grant = next;
    return grant.spend(cost, now) != Grant.NONE ? grant : Grant.EMPTY;
  }

  /** Permits that may be spent now. */
  long held(long now) {
    Grant older = current;
    Grant newer = next;
    long permits = older.alive(now) ? older.left() : 0;
    return newer != older && newer.alive(now) ? permits + newer.left() : permits;
  }

  /** Whether it is time to ask for more, before anybody has to wait. */
  boolean low(long now) {
    if (asking || exact) {
      return false;
    }
    Grant older = current;
    Grant newer = next;
    Grant last = older.left() == 0 ? newer : older;
    // With permits in both there would be no place for a third.
    return (last == newer || newer.left() == 0) && last.low(last.left(), now);
  }

  /**
   * Lets a check wait for the request that is under way, or that the caller has to send now.
   *
   * @return how many permits to ask for; {@link #WAITS} if they have been asked for; {@link #ALONE}
   *     if the check has to ask the store alone
   */
  synchronized long await(Waiter waiter, long now) {
    long most = asking ? asked : room();
    if (exact || gone || promised + waiter.cost > most) {
      sentAlone += waiter.cost;
      return ALONE;
    }
    promised += waiter.cost;
    waiters.add(waiter);
    return asking ? WAITS : request(now);
  }

  /**
   * Asks for more before anybody waits.
   *
   * @return how many permits to ask for; {@link #WAITS} if none
   */
  synchronized long ahead(long now) {
    return asking || exact || gone || room() <= 0 ? WAITS : request(now);
  }

  /**
   * Asks for more because a check that does not wait lacked permits.
   *
   * @return how many permits to ask for; {@link #WAITS} if none
   */
  synchronized long lack(long cost, long now) {
    sentAlone += cost;
    return ahead(now);
  }

  private long request(long now) {
    asked = Math.min(room(), Math.max(promised, target(now)));
    asking = true;
    underWay = new CompletableFuture<>();
    away += asked;
    return asked;
  }

  /* What is likely to be used within half a lifetime. */
  private long target(long now) {
    long used = used();
    long elapsed = Math.max(lifetime / 10, now - since);
    long target = (long) ((double) used * (lifetime / 2) / elapsed);
    since = now;
    usedBefore += used - sentAlone;
    sentAlone = 0;
    return Math.clamp(target, 1, lease.permits());
  }

  /** Permits spent since the last request, here or alone. */
  private long used() {
    return bought - current.left() - next.left() - usedBefore + sentAlone;
  }

  private long room() {
    return lease.permits() - away - current.left() - next.left();
  }

  /** Takes in what the store has given. */
  synchronized Arrival arrived(Verdict verdict, long departed, long now) {
    asking = false;
    away -= asked;
    bought += verdict.amount();
    Grant grant =
        new Grant(
            verdict.amount(), departed, lifetime, Math.max(0, now - departed), verdict.remaining());
    exact |= verdict.amount() < asked || verdict.remaining() < plenty() / 2;
    List<Served> served = new ArrayList<>(waiters.size());
    for (Waiter waiter : waiters) {
      long left = grant.spend(waiter.cost, now);
      if (left == Grant.NONE) {
        break;
      }
      served.add(new Served(waiter, grant.estimate(left, bucket.limit())));
    }
    List<Waiter> alone = List.copyOf(waiters.subList(served.size(), waiters.size()));
    waiters.clear();
    promised = 0;
    return new Arrival(served, alone, keep(grant, now));
  }

  /* The older grant is spent first; what finds no place, or no time, is given back. */
  private long keep(Grant grant, long now) {
    long giveBack = 0;
    if (gone || !grant.alive(now)) {
      giveBack += retire(grant, now);
    } else if (current.left() == 0 || !current.alive(now) || next.left() > 0) {
      giveBack += retire(current, now);
      current = next;
      next = grant;
    } else {
      giveBack += retire(next, now);
      next = grant;
    }
    away += giveBack;
    return giveBack;
  }

  /** What a grant that nobody may spend any more is worth at the store. */
  private long retire(Grant grant, long now) {
    long left = grant.claim();
    bought -= left;
    return worth(left, grant.age(now));
  }

  /**
   * Takes in permits that were spent from a grant and would be put back, had it not been claimed.
   *
   * @return what to give back
   */
  synchronized long orphaned(Grant grant, long permits, long now) {
    bought -= permits;
    long giveBack = worth(permits, grant.age(now));
    away += giveBack;
    return giveBack;
  }

  /* While permits were here, the bucket may have earned others in their place, if it was full
   * without them. Those would come on top of its bound (R26), so they are kept back; fractions of a
   * permit are kept back together with the next ones. */
  private long worth(long permits, long ageMicros) {
    long ticks = Math.ceilDiv(ageMicros, bucket.tickMicros());
    long price = permits * bucket.unit();
    keptBack += ticks > price / bucket.gain() ? price : ticks * bucket.gain();
    long kept = Math.min(permits, keptBack / bucket.unit());
    keptBack -= kept * bucket.unit();
    return permits - kept;
  }

  /**
   * Notes that a request has failed.
   *
   * @param pending whether its answer may still come
   * @return who waited for it
   */
  synchronized List<Waiter> failed(boolean pending) {
    asking = false;
    away -= pending ? 0 : asked;
    exact = true;
    List<Waiter> waited = List.copyOf(waiters);
    waiters.clear();
    promised = 0;
    return waited;
  }

  /**
   * Takes in an answer that came too late to be spent.
   *
   * @return what to give back of it
   */
  synchronized long arrivedLate(long asked, Verdict verdict, long departed, long now) {
    long giveBack = worth(verdict.amount(), Math.max(0, now - departed));
    away += giveBack - asked;
    return giveBack;
  }

  /** Notes that permits which were asked for or given back are no longer under way. */
  synchronized void settled(long permits) {
    away -= permits;
  }

  /** Notes what the store had left when a check asked it alone. */
  synchronized void observe(Verdict verdict) {
    if (exact && !verdict.outcome().denies() && verdict.remaining() >= plenty()) {
      exact = false;
    }
  }

  /* Half the capacity is plenty, however much may be leased. */
  private long plenty() {
    return Math.min(2 * lease.permits(), bucket.limit() / 2);
  }

  /** Whether so few checks have come since the last request that it is not worth it any more. */
  synchronized boolean cool(long now) {
    long elapsed = now - since;
    return !asking
        && away == 0
        && Long.compareUnsigned(elapsed, PROBATION_MICROS) > 0
        && used() < COOL * (elapsed / PROBATION_MICROS);
  }

  /**
   * Ends this key: nothing is asked for any more, and what is here cannot be spent.
   *
   * @return what to give back
   */
  synchronized long end(long now) {
    gone = true;
    long giveBack = retire(current, now) + retire(next, now);
    away += giveBack;
    return giveBack;
  }

  /** Completed when the last request and what came of it are no longer under way. */
  synchronized CompletableFuture<Void> underWay() {
    return underWay;
  }

  /** A charge of this key. */
  Charge charge(long cost, Operation operation) {
    Charge take = plan.charges().getFirst();
    return new Charge(take.key(), take.kernel(), cost, take.mode(), operation);
  }

  CounterKey key() {
    return plan.charges().getFirst().key();
  }
}
