// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

/**
 * The step function that all algorithms share: what each operation means is written here once, in
 * terms of a few questions that an algorithm answers.
 *
 * <p>A denial answers the very state that it was given, so that nothing is written (R4); only the
 * repair of a time in the far future is kept (R9).
 *
 * @param next the state afterwards; identical to the one before if nothing changes
 * @param verdict the answer
 */
record Step(State next, Verdict verdict) {

  /** What an algorithm answers about its own states; {@code now} is in microseconds. */
  sealed interface Arithmetic<S extends State>
      permits TokenBucketKernel,
          WindowKernel,
          SlidingWindowKernel,
          SlidingLogKernel,
          ConcurrencyKernel {

    long limit();

    /** The state of a key that was never used. */
    S fresh(long now);

    /** Whether the stored time lies so far ahead that the clock must have been set back (R9). */
    boolean ahead(S state, long now);

    /** Refill, roll over or expire up to now; an earlier reading counts as the stored time (R9). */
    S settle(S state, long now);

    /** Permits left in a settled state, floored; negative in debt. */
    long balance(S settled, long now);

    /** Whether the whole cost fits into a settled state. */
    boolean fits(S settled, long cost, long now);

    /** Takes from a settled state, into debt if need be. */
    S take(S settled, long cost, long now);

    /** Gives back to a settled state what was taken at a mark, as far as it still counts. */
    S giveBack(S settled, long amount, long mark, long now);

    /** Adds to a settled state, capped at full. */
    S grant(S settled, long amount, long now);

    /** Microseconds until the cost, at most the limit, fits (R6). */
    long retryAfter(S settled, long cost, long now);

    /** Microseconds until as if never used (R7). */
    long resetAfter(S settled, long now);

    /** The window or tick of a charge made now. */
    long mark(S settled, long now);

    /** What this state is worth under other parameters of the same algorithm (R21). */
    S adopt(State other, Kernel from, long now);
  }

  /** Applies an operation to the state of a key. */
  static Step of(Kernel kernel, State state, long now, Operation operation, long cost) {
    return switch (kernel) {
      case TokenBucketKernel k -> apply(k, (TokenBucketKernel.Bucket) state, now, operation, cost);
      case WindowKernel k -> apply(k, (WindowKernel.Window) state, now, operation, cost);
      case SlidingWindowKernel k ->
          apply(k, (SlidingWindowKernel.Counters) state, now, operation, cost);
      case SlidingLogKernel k -> apply(k, (SlidingLogKernel.Log) state, now, operation, cost);
      case ConcurrencyKernel k -> k.step((ConcurrencyKernel.Holds) state, now, operation, cost);
    };
  }

  static Arithmetic<? extends State> arithmetic(Kernel kernel) {
    return switch (kernel) {
      case TokenBucketKernel k -> k;
      case WindowKernel k -> k;
      case SlidingWindowKernel k -> k;
      case SlidingLogKernel k -> k;
      case ConcurrencyKernel k -> k;
    };
  }

  /** Whether a state is one of this kernel's algorithm. */
  static boolean belongs(Kernel kernel, State state) {
    return arithmetic(kernel).fresh(0).getClass() == state.getClass();
  }

  /** Whether a state, perhaps an old one, is as if its key was never used. */
  static boolean unused(Kernel kernel, State state, long now) {
    return switch (kernel) {
      case TokenBucketKernel k -> isFresh(k, (TokenBucketKernel.Bucket) state, now);
      case WindowKernel k -> isFresh(k, (WindowKernel.Window) state, now);
      case SlidingWindowKernel k -> isFresh(k, (SlidingWindowKernel.Counters) state, now);
      case SlidingLogKernel k -> isFresh(k, (SlidingLogKernel.Log) state, now);
      case ConcurrencyKernel k -> isFresh(k, (ConcurrencyKernel.Holds) state, now);
    };
  }

  /** The same state unless its time lies too far ahead; a denial keeps that repair, too (R9). */
  static State repaired(Kernel kernel, State state, long now) {
    return switch (kernel) {
      case TokenBucketKernel k -> repairedBy(k, (TokenBucketKernel.Bucket) state, now);
      case WindowKernel k -> repairedBy(k, (WindowKernel.Window) state, now);
      case SlidingWindowKernel k -> repairedBy(k, (SlidingWindowKernel.Counters) state, now);
      case SlidingLogKernel k -> repairedBy(k, (SlidingLogKernel.Log) state, now);
      case ConcurrencyKernel k -> repairedBy(k, (ConcurrencyKernel.Holds) state, now);
    };
  }

  private static <S extends State> S repairedBy(Arithmetic<S> kernel, S state, long now) {
    S settled = kernel.settle(state, now);
    boolean stepped = kernel.ahead(state, now) && kernel.resetAfter(settled, now) != 0;
    return stepped ? settled : state;
  }

  private static <S extends State> boolean isFresh(Arithmetic<S> kernel, S state, long now) {
    return !kernel.ahead(state, now) && kernel.resetAfter(kernel.settle(state, now), now) == 0;
  }

  /** Judges a take from a settled state that was kept elsewhere. */
  static <S extends State> Verdict judgeTake(
      Arithmetic<S> kernel, S settled, long now, boolean charged, long cost) {
    Context<S> at = new Context<>(kernel, settled, settled, now, false);
    return charged ? at.take(cost).verdict() : at.rehearse(cost).verdict();
  }

  static <S extends State> Step apply(
      Arithmetic<S> kernel, S state, long now, Operation operation, long cost) {
    S settled = kernel.settle(state, now);
    // A key that is as if never used holds no time, whether it was reclaimed or not (R7).
    boolean unused = kernel.resetAfter(settled, now) == 0;
    boolean stepped = !unused && kernel.ahead(state, now);
    Context<S> at =
        new Context<>(kernel, state, unused ? kernel.fresh(now) : settled, now, stepped);
    return switch (operation) {
      case Operation.Take t -> at.take(cost);
      case Operation.Hold h -> at.take(cost);
      case Operation.TakeUpTo t -> at.takeUpTo(cost);
      case Operation.Peek p -> at.peek(cost);
      case Operation.Record r -> at.record(cost);
      case Operation.Refund r -> at.refund(r.receipt());
      case Operation.Grant g -> at.changed(kernel.grant(at.settled, cost, now));
      case Operation.Reset r -> at.changed(kernel.fresh(now));
      case Operation.Renew r -> at.unchanged(Verdict.Outcome.ADMITTED, 0);
      case Operation.Release r -> at.unchanged(Verdict.Outcome.ADMITTED, 0);
    };
  }

  /** One state at one moment, with the operations on it. */
  private record Context<S extends State>(
      Arithmetic<S> kernel, S state, S settled, long now, boolean stepped) {

    Step take(long cost) {
      if (cost == 0) {
        return peek(0);
      }
      Verdict.Outcome outcome = judge(cost);
      if (outcome.denies()) {
        return unchanged(outcome, cost);
      }
      return answer(kernel.take(settled, cost, now), Verdict.Outcome.ADMITTED, cost);
    }

    Step rehearse(long cost) {
      return unchanged(judge(Math.max(1, cost)), cost);
    }

    Step takeUpTo(long cost) {
      long amount = Math.max(0, Math.min(cost, kernel.balance(settled, now)));
      return amount == 0
          ? unchanged(Verdict.Outcome.ADMITTED, 0)
          : answer(kernel.take(settled, amount, now), Verdict.Outcome.ADMITTED, amount);
    }

    Step peek(long cost) {
      long asked = Math.max(1, cost);
      return unchanged(judge(asked), asked);
    }

    Step record(long cost) {
      long room = Math.max(0, kernel.balance(settled, now) + kernel.limit());
      long amount = Math.min(cost, room);
      Verdict.Outcome outcome = amount < cost ? Verdict.Outcome.CLIPPED : Verdict.Outcome.ADMITTED;
      return amount == 0
          ? unchanged(outcome, 0)
          : answer(kernel.take(settled, amount, now), outcome, amount);
    }

    Step refund(Receipt receipt) {
      return changed(kernel.giveBack(settled, receipt.amount(), receipt.mark(), now));
    }

    Step changed(S next) {
      long before = kernel.balance(settled, now);
      long given = Math.max(0, kernel.balance(next, now) - before);
      return answer(next, Verdict.Outcome.ADMITTED, Math.min(given, Descriptor.MAX_COST));
    }

    private Verdict.Outcome judge(long cost) {
      if (cost > kernel.limit()) {
        return Verdict.Outcome.TOO_BIG;
      }
      return kernel.fits(settled, cost, now) ? Verdict.Outcome.ADMITTED : Verdict.Outcome.DENIED;
    }

    private Step answer(S next, Verdict.Outcome outcome, long amount) {
      return new Step(next, verdict(next, outcome, amount, 0));
    }

    Step unchanged(Verdict.Outcome outcome, long cost) {
      long retry = outcome == Verdict.Outcome.DENIED ? kernel.retryAfter(settled, cost, now) : 0;
      return new Step(stepped ? settled : state, verdict(settled, outcome, 0, retry));
    }

    private Verdict verdict(S after, Verdict.Outcome outcome, long amount, long retry) {
      return new Verdict(
          outcome,
          amount,
          Math.max(0, kernel.balance(after, now)),
          retry,
          kernel.resetAfter(after, now),
          kernel.mark(after, now),
          now,
          stepped);
    }
  }
}
