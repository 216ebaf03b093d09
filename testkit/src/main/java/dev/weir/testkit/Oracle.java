// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import dev.weir.core.Algorithm;
import dev.weir.core.Charge;
import dev.weir.core.CounterKey;
import dev.weir.core.Mode;
import dev.weir.core.Operation;
import dev.weir.core.Verdict;
import dev.weir.core.Verdict.Outcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Knows what a store has to answer, from the words of {@code docs/semantics.md} alone.
 *
 * <p>It keeps the whole history of every key and works in big integers. It is told every check
 * together with the store's answer, and complains about the first answer that is not what it has to
 * be. Not safe for use by several threads.
 */
public final class Oracle {

  private final Map<CounterKey, Ledger> ledgers = new HashMap<>();

  /** An oracle that knows of no charge yet. */
  public Oracle() {}

  /**
   * One charge as the oracle sees it.
   *
   * @param key the counter
   * @param algorithm how its limit counts; always the same for one key
   * @param cost permits
   * @param mode enforced, shadow or quota
   * @param operation what to do
   * @param stamp for a refund, what {@link Oracle#expect} answered for the charge
   */
  public record Move(
      CounterKey key, Algorithm algorithm, long cost, Mode mode, Operation operation, long stamp) {

    /** The same for a store. */
    public Charge charge() {
      return new Charge(key, algorithm.kernel(), cost, mode, operation);
    }

    private boolean enforced() {
      return conditional() && mode == Mode.ENFORCED;
    }

    private boolean quota() {
      return conditional() && mode == Mode.QUOTA;
    }

    private boolean shadow() {
      return conditional() && mode == Mode.SHADOW;
    }

    private boolean conditional() {
      return operation instanceof Operation.Take || operation instanceof Operation.Hold;
    }
  }

  /** What one in quota mode is answered that was over, and the history that it was over of. */
  private record Over(Answer answer, Ledger asked) {}

  /** What one charge has to be answered, and where it counts. */
  private record Answer(Outcome outcome, long amount, long stamp) {
    static final Answer NOTHING = new Answer(Outcome.ADMITTED, 0);

    Answer(Outcome outcome, long amount) {
      this(outcome, amount, 0);
    }
  }

  /**
   * Checks a store's answer to one check and keeps what it did.
   *
   * @param now the store's clock at the check
   * @param moves the check
   * @param verdicts the store's answer
   * @return the stamp of every charge, for its refund
   * @throws AssertionError if the answer is not what it has to be
   */
  public List<Long> expect(long now, List<Move> moves, List<Verdict> verdicts) {
    require(moves.size() == verdicts.size(), "one verdict per charge", moves, verdicts);
    for (Move move : moves) {
      Ledger ledger = ledger(move);
      if (ledger.stepped(now) && ledger.left(now) < move.algorithm().limit()) {
        ledger.repair(now);
      }
    }
    Map<CounterKey, Ledger> before = copies(moves);
    Map<CounterKey, Long> asked = new HashMap<>();
    Map<CounterKey, Long> needed = new HashMap<>();
    boolean denied = false;
    List<Long> stamps = new ArrayList<>(Collections.nCopies(moves.size(), 0L));
    for (int i = 0; i < moves.size(); i++) {
      Move move = moves.get(i);
      if (move.enforced()) {
        // A cost of 0 needs a permit and takes none (R10).
        long need = asked.getOrDefault(move.key(), 0L) + Math.max(1, move.cost());
        needed.merge(move.key(), need, Math::max);
        asked.merge(move.key(), move.cost(), Long::sum);
        denied |= takeOrHold(move, now).outcome.denies();
      }
    }
    Map<Integer, Over> over = denied ? Map.of() : quotas(now, moves);
    denied |= !over.isEmpty();
    if (denied) {
      ledgers.putAll(before);
      expectDenied(now, moves, verdicts, needed);
      expectOver(now, moves, verdicts, over);
    } else {
      ledgers.putAll(copiesOf(before));
      expectInOrder(now, moves, verdicts, Move::enforced, stamps);
      expectInOrder(now, moves, verdicts, Move::quota, stamps);
    }
    expectInOrder(now, moves, verdicts, move -> !move.conditional(), stamps);
    for (int i = 0; i < moves.size(); i++) {
      Move move = moves.get(i);
      boolean last = move.shadow() || (move.quota() && denied && over.isEmpty());
      if (last) {
        Answer answer = denied ? judge(move, move.cost(), now) : takeOrHold(move, now);
        expect(now, move, answer, verdicts.get(i));
        stamps.set(i, answer.stamp);
      }
    }
    return stamps;
  }

  /** What those in quota mode are answered if all of them are over; nothing if one is not. */
  private Map<Integer, Over> quotas(long now, List<Move> moves) {
    Map<Integer, Over> over = new HashMap<>();
    for (int i = 0; i < moves.size(); i++) {
      Move move = moves.get(i);
      if (move.quota()) {
        Ledger asked = ledger(move).copy();
        Answer answer = takeOrHold(move, now);
        if (!answer.outcome.denies()) {
          return Map.of();
        }
        over.put(i, new Over(answer, asked));
      }
    }
    return over;
  }

  /* They waited for what the others of the check had taken, too, which is given back by now. */
  private void expectOver(
      long now, List<Move> moves, List<Verdict> verdicts, Map<Integer, Over> over) {
    over.forEach(
        (i, answer) -> {
          Move move = moves.get(i);
          expect(now, move, answer.answer, verdicts.get(i), move.cost(), answer.asked);
        });
  }

  /** Those moves of a check that passes, or that are never denied. */
  private void expectInOrder(
      long now,
      List<Move> moves,
      List<Verdict> verdicts,
      Predicate<Move> which,
      List<Long> stamps) {
    for (int i = 0; i < moves.size(); i++) {
      Move move = moves.get(i);
      if (which.test(move)) {
        Answer answer = move.conditional() ? takeOrHold(move, now) : unconditional(move, now);
        expect(now, move, answer, verdicts.get(i));
        stamps.set(i, answer.stamp);
      }
    }
  }

  /* Nothing was taken. A key that was asked twice has to bear the sum: then only the sum's verdict
   * is exact, which is the last one's. */
  private void expectDenied(
      long now, List<Move> moves, List<Verdict> verdicts, Map<CounterKey, Long> needed) {
    Map<CounterKey, Verdict> latest = new HashMap<>();
    for (int i = 0; i < moves.size(); i++) {
      Move move = moves.get(i);
      Verdict verdict = verdicts.get(i);
      if (move.enforced()) {
        require(verdict.amount() == 0, "nothing taken by a check that is denied", move, verdict);
        if (verdict.outcome().denies()) {
          latest.merge(move.key(), verdict, Oracle::later);
        } else {
          latest.putIfAbsent(move.key(), verdict);
        }
      }
    }
    for (Move move : moves) {
      if (move.enforced()) {
        long cost = needed.getOrDefault(move.key(), 0L);
        Verdict verdict = latest.remove(move.key());
        // A hold that would renew another of its check bears no cost: of such sums nothing is said.
        boolean sumOfHolds = ledger(move) instanceof HoldsLedger && timesTaken(move, moves) > 1;
        if (verdict != null && !sumOfHolds) {
          expect(now, move, judge(move, cost, now), verdict, cost);
        }
      }
    }
  }

  private static long timesTaken(Move move, List<Move> moves) {
    return moves.stream()
        .filter(other -> other.key().equals(move.key()))
        .filter(Move::enforced)
        .count();
  }

  private static Verdict later(Verdict one, Verdict other) {
    if (!one.outcome().denies() || other.outcome() == Outcome.TOO_BIG) {
      return other;
    }
    return other.outcome().denies() && other.retryAfterMicros() > one.retryAfterMicros()
        ? other
        : one;
  }

  private Ledger ledger(Move move) {
    return ledgers.computeIfAbsent(move.key(), key -> Ledger.of(move.algorithm()));
  }

  private Map<CounterKey, Ledger> copies(List<Move> moves) {
    Map<CounterKey, Ledger> copies = new HashMap<>();
    for (Move move : moves) {
      copies.put(move.key(), ledger(move).copy());
    }
    return copies;
  }

  private static Map<CounterKey, Ledger> copiesOf(Map<CounterKey, Ledger> ledgers) {
    Map<CounterKey, Ledger> copies = new HashMap<>();
    ledgers.forEach((key, ledger) -> copies.put(key, ledger.copy()));
    return copies;
  }

  /** Judges without taking; a cost of 0 asks as 1 would (R10). */
  private Answer judge(Move move, long cost, long now) {
    long asked = Math.max(1, cost);
    boolean held =
        ledger(move) instanceof HoldsLedger holds
            && move.operation() instanceof Operation.Hold hold
            && holds.has(hold.id(), now);
    if (!held && asked > move.algorithm().limit()) {
      return new Answer(Outcome.TOO_BIG, 0);
    }
    boolean fits = held || ledger(move).left(now) >= asked;
    return new Answer(fits ? Outcome.ADMITTED : Outcome.DENIED, 0);
  }

  private Answer takeOrHold(Move move, long now) {
    Ledger ledger = ledger(move);
    if (ledger instanceof HoldsLedger holds
        && move.operation() instanceof Operation.Hold hold
        && holds.has(hold.id(), now)) {
      long permits = holds.hold(hold.id(), move.cost(), hold.ttlMicros(), now);
      return new Answer(Outcome.ADMITTED, permits);
    }
    Answer answer = judge(move, move.cost(), now);
    if (answer.outcome.denies() || move.cost() == 0) {
      return answer;
    }
    if (ledger instanceof HoldsLedger holds && move.operation() instanceof Operation.Hold hold) {
      holds.hold(hold.id(), move.cost(), hold.ttlMicros(), now);
      return new Answer(Outcome.ADMITTED, move.cost());
    }
    Ledger written = written(move, now);
    long stamp = written.stamp(now);
    written.take(now, move.cost());
    return new Answer(Outcome.ADMITTED, move.cost(), stamp);
  }

  private Answer unconditional(Move move, long now) {
    Ledger ledger = ledger(move);
    return switch (move.operation()) {
      case Operation.Peek peek -> judge(move, move.cost(), now);
      case Operation.TakeUpTo upTo -> taken(move, now, ledger.left(now));
      case Operation.Record record -> taken(move, now, ledger.left(now) + move.algorithm().limit());
      case Operation.Refund refund -> given(move, now);
      case Operation.Grant grant -> given(move, now);
      case Operation.Reset reset -> given(move, now);
      case Operation.Renew renew -> {
        HoldsLedger holds = (HoldsLedger) ledger;
        yield holds.has(renew.id(), now)
            ? new Answer(Outcome.ADMITTED, holds.hold(renew.id(), 0, renew.ttlMicros(), now))
            : new Answer(Outcome.DENIED, 0);
      }
      case Operation.Release release ->
          new Answer(Outcome.ADMITTED, ((HoldsLedger) ledger).release(release.id(), now));
      case Operation.Take take -> Answer.NOTHING;
      case Operation.Hold hold -> Answer.NOTHING;
    };
  }

  /** Takes as much of the cost as there is room for; what a record cannot take is clipped (R12). */
  private Answer taken(Move move, long now, long room) {
    long amount = Math.min(move.cost(), Math.max(0, room));
    Outcome outcome = amount < move.cost() ? Outcome.CLIPPED : Outcome.ADMITTED;
    if (amount == 0) {
      return new Answer(outcome, 0);
    }
    Ledger written = written(move, now);
    long stamp = written.stamp(now);
    written.take(now, amount);
    return new Answer(outcome, amount, stamp);
  }

  /** The ledger to write to; a key that is as if never used has no history any more (R7). */
  private Ledger written(Move move, long now) {
    if (ledger(move).left(now) == move.algorithm().limit()) {
      ledgers.put(move.key(), Ledger.of(move.algorithm()));
    }
    return ledger(move);
  }

  private Answer given(Move move, long now) {
    long before = ledger(move).left(now);
    if (move.operation() instanceof Operation.Reset) {
      ledgers.put(move.key(), Ledger.of(move.algorithm()));
    } else if (move.operation() instanceof Operation.Refund refund) {
      written(move, now).giveBack(now, move.stamp(), refund.receipt().amount());
    } else {
      written(move, now).grant(now, move.cost());
    }
    return new Answer(Outcome.ADMITTED, ledger(move).left(now) - before);
  }

  private void expect(long now, Move move, Answer answer, Verdict verdict) {
    expect(now, move, answer, verdict, move.cost());
  }

  private void expect(long now, Move move, Answer answer, Verdict verdict, long cost) {
    expect(now, move, answer, verdict, cost, ledger(move));
  }

  private void expect(
      long now, Move move, Answer answer, Verdict verdict, long cost, Ledger waiting) {
    Outcome outcome =
        move.operation() instanceof Operation.TakeUpTo ? Outcome.ADMITTED : answer.outcome;
    require(verdict.outcome() == outcome, "outcome " + outcome, move, verdict);
    require(verdict.amount() == answer.amount, "amount " + answer.amount, move, verdict);
    require(verdict.micros() == now, "time " + now, move, verdict);
    Ledger ledger = ledger(move);
    long remaining = Math.max(0, ledger.left(now));
    require(verdict.remaining() == remaining, "remaining " + remaining, move, verdict);
    expectReset(ledger, move, verdict);
    boolean renewal = move.operation() instanceof Operation.Renew;
    if (outcome == Outcome.DENIED && !renewal) {
      expectRetry(waiting, move, verdict, Math.max(1, cost));
    } else {
      require(verdict.retryAfterMicros() == 0, "no retry-after", move, verdict);
    }
  }

  /** As if never used at that moment and not before (R7). */
  private static void expectReset(Ledger ledger, Move move, Verdict verdict) {
    long limit = move.algorithm().limit();
    long at = verdict.micros() + verdict.resetAfterMicros();
    require(verdict.resetAfterMicros() >= 0, "reset-after of 0 or more", move, verdict);
    require(ledger.left(at) == limit, "full at reset-after", move, verdict);
    if (verdict.resetAfterMicros() > 0) {
      require(ledger.left(at - 1) < limit, "not full before reset-after", move, verdict);
    }
  }

  /** Admitted at that moment and not before (R6). */
  private static void expectRetry(Ledger ledger, Move move, Verdict verdict, long cost) {
    long at = verdict.micros() + verdict.retryAfterMicros();
    require(verdict.retryAfterMicros() > 0, "a retry-after", move, verdict);
    require(ledger.left(at) >= cost, "admitted at retry-after", move, verdict);
    require(ledger.left(at - 1) < cost, "refused before retry-after", move, verdict);
  }

  private static void require(boolean met, String expected, Object asked, Object answered) {
    if (!met) {
      throw new AssertionError(
          "expected: " + expected + "\n  charge: " + asked + "\n  answer: " + answered);
    }
  }
}
