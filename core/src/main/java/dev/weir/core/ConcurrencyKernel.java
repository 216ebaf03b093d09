// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Permits held under ids until released or expired.
 *
 * @param limit most permits held at once
 * @param expiryMicros the longest that a hold lasts without renewal
 */
record ConcurrencyKernel(long limit, long expiryMicros)
    implements Kernel, Step.Arithmetic<ConcurrencyKernel.Holds> {

  static final long MAX_LIMIT = 10_000;

  /** One hold. */
  record Hold(String id, long amount, long expires) {}

  /** All holds of a key, in the order in which they began. */
  record Holds(List<Hold> holds) implements State {
    static final Holds NONE = new Holds(List.of());

    private long held() {
      long sum = 0;
      for (Hold hold : holds) {
        sum += hold.amount;
      }
      return sum;
    }

    private Holds without(String id) {
      List<Hold> left = new ArrayList<>(holds.size());
      for (Hold hold : holds) {
        if (!hold.id.equals(id)) {
          left.add(hold);
        }
      }
      return left.size() == holds.size() ? this : new Holds(left);
    }

    private Holds with(Hold added) {
      List<Hold> more = new ArrayList<>(holds.size() + 1);
      more.addAll(holds);
      more.add(added);
      return new Holds(more);
    }
  }

  static ConcurrencyKernel compile(long limit, Duration expiry) {
    Require.within("limit", limit, 1, MAX_LIMIT);
    long micros = Require.micros("expiry", expiry);
    Require.within("expiry in seconds", Math.ceilDiv(micros, 1_000_000L), 1, 86_400);
    return new ConcurrencyKernel(limit, micros);
  }

  /** What holds mean beside the operations that all algorithms share. */
  Step step(Holds state, long now, Operation operation, long cost) {
    return switch (operation) {
      case Operation.Hold hold -> hold(state, now, hold.id(), hold.ttlMicros(), cost);
      case Operation.Renew renew -> renew(state, now, renew.id(), renew.ttlMicros());
      case Operation.Release release -> release(state, now, release.id());
      case Operation.Refund refund -> release(state, now, refund.receipt().holdId().orElse(""));
      case Operation.Take t ->
          throw new IllegalArgumentException("take: a concurrency limit holds under an id");
      case Operation.TakeUpTo t ->
          throw new IllegalArgumentException("take-up-to: a concurrency limit cannot be leased");
      case Operation.Record r -> Step.apply(this, state, now, Operation.PEEK, 0);
      case Operation.Peek p -> Step.apply(this, state, now, p, cost);
      case Operation.Grant g -> Step.apply(this, state, now, g, cost);
      case Operation.Reset r -> Step.apply(this, state, now, r, cost);
    };
  }

  private Step hold(Holds state, long now, String id, long ttlMicros, long cost) {
    Holds settled = settle(state, now);
    for (Hold hold : settled.holds) {
      if (hold.id.equals(id)) {
        return renew(state, now, id, ttlMicros);
      }
    }
    Step judged = Step.apply(this, state, now, Operation.TAKE, cost);
    if (judged.verdict().outcome().denies() || cost == 0) {
      return judged;
    }
    Holds next = settled.with(new Hold(id, cost, now + Math.min(ttlMicros, expiryMicros)));
    return answer(next, now, Verdict.Outcome.ADMITTED, cost);
  }

  private Step renew(Holds state, long now, String id, long ttlMicros) {
    Holds settled = settle(state, now);
    for (Hold hold : settled.holds) {
      if (hold.id.equals(id)) {
        Hold longer = new Hold(id, hold.amount, now + Math.min(ttlMicros, expiryMicros));
        Holds next = settled.without(id).with(longer);
        return answer(next, now, Verdict.Outcome.ADMITTED, hold.amount);
      }
    }
    Step gone = answer(state, now, Verdict.Outcome.DENIED, 0);
    return new Step(state, gone.verdict());
  }

  private Step release(Holds state, long now, String id) {
    Holds settled = settle(state, now);
    Holds next = settled.without(id);
    return answer(next, now, Verdict.Outcome.ADMITTED, settled.held() - next.held());
  }

  private Step answer(Holds next, long now, Verdict.Outcome outcome, long amount) {
    Holds settled = settle(next, now);
    return new Step(
        next,
        new Verdict(
            outcome,
            amount,
            Math.max(0, balance(settled, now)),
            0,
            resetAfter(settled, now),
            0,
            now,
            false));
  }

  @Override
  public Parameters parameters() {
    return new Parameters.Holds(limit, expiryMicros);
  }

  @Override
  public Verdict judgeTake(boolean charged, long cost, long nowMicros, long first, long second) {
    throw new UnsupportedOperationException("judgeTake: holds are more than two numbers");
  }

  @Override
  public Holds fresh(long now) {
    return Holds.NONE;
  }

  /* A hold that would outlast the longest expiry was stored by a later clock. */
  @Override
  public boolean ahead(Holds state, long now) {
    for (Hold hold : state.holds) {
      if (hold.expires - now > expiryMicros) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Holds settle(Holds state, long now) {
    boolean same = true;
    for (Hold hold : state.holds) {
      same &= hold.expires > now && hold.expires - now <= expiryMicros;
    }
    if (same) {
      return state;
    }
    List<Hold> left = new ArrayList<>(state.holds.size());
    for (Hold hold : state.holds) {
      if (hold.expires > now) {
        long expires = Math.min(hold.expires, now + expiryMicros);
        left.add(new Hold(hold.id, hold.amount, expires));
      }
    }
    return new Holds(left);
  }

  @Override
  public long balance(Holds settled, long now) {
    return limit - settled.held();
  }

  @Override
  public boolean fits(Holds settled, long cost, long now) {
    return settled.held() + cost <= limit;
  }

  /** Never kept: a take is judged here and held under an id by {@link #hold}. */
  @Override
  public Holds take(Holds settled, long cost, long now) {
    return settled;
  }

  @Override
  public Holds giveBack(Holds settled, long amount, long mark, long now) {
    return settled;
  }

  /** Holds are given back by their ids only. */
  @Override
  public Holds grant(Holds settled, long amount, long now) {
    return settled;
  }

  /* The earliest expiry after which the cost fits; a release may make it fit before. */
  @Override
  public long retryAfter(Holds settled, long cost, long now) {
    List<Hold> byExpiry = new ArrayList<>(settled.holds);
    byExpiry.sort(Comparator.comparingLong(Hold::expires));
    long missing = settled.held() + cost - limit;
    int i = 0;
    while (missing > byExpiry.get(i).amount) {
      missing -= byExpiry.get(i++).amount;
    }
    return byExpiry.get(i).expires - now;
  }

  @Override
  public long resetAfter(Holds settled, long now) {
    long latest = now;
    for (Hold hold : settled.holds) {
      latest = Math.max(latest, hold.expires);
    }
    return latest - now;
  }

  @Override
  public long mark(Holds settled, long now) {
    return 0;
  }

  @Override
  public Holds adopt(State other, Kernel from, long now) {
    return other instanceof Holds holds ? settle(holds, now) : Holds.NONE;
  }
}
