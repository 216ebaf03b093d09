// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import dev.weir.core.Charge;
import dev.weir.core.Mode;
import dev.weir.core.Operation;
import dev.weir.core.Receipt;
import dev.weir.core.StoreException;
import dev.weir.core.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiPredicate;
import java.util.function.Function;

/**
 * A check whose keys lie in several slots of a cluster: each slot's part is one call, all at once;
 * if one denies or fails, the others are given back by receipt (R20).
 *
 * <p>Never admits too much. Between charge and refund another check may be denied.
 */
@SuppressWarnings("FutureReturnValueIgnored") // nothing waits for what is done for its effect
final class SplitCheck {

  private static final Verdict NOT_CHARGED =
      new Verdict(Verdict.Outcome.DENIED, 0, 0, 0, 0, 0, 0, false);

  private final Function<List<Charge>, CompletionStage<List<Verdict>>> store;
  private final List<Charge> charges;
  private final List<List<Integer>> parts = new ArrayList<>();

  /**
   * A check that is not charged yet.
   *
   * @param store takes each part on its way
   * @param together whether two keys can be in one part
   */
  SplitCheck(
      Function<List<Charge>, CompletionStage<List<Verdict>>> store,
      List<Charge> charges,
      RedisKey[] keys,
      BiPredicate<RedisKey, RedisKey> together) {
    this.store = store;
    this.charges = charges;
    for (int i = 0; i < keys.length; i++) {
      part(keys, i, together).add(i);
    }
  }

  private List<Integer> part(RedisKey[] keys, int i, BiPredicate<RedisKey, RedisKey> together) {
    for (List<Integer> part : parts) {
      if (together.test(keys[part.getFirst()], keys[i])) {
        return part;
      }
    }
    List<Integer> created = new ArrayList<>();
    parts.add(created);
    return created;
  }

  CompletionStage<List<Verdict>> apply() {
    List<CompletableFuture<List<Verdict>>> answers = new ArrayList<>();
    for (List<Integer> part : parts) {
      answers.add(
          store
              .apply(part.stream().map(at -> alone(charges.get(at))).toList())
              .toCompletableFuture());
    }
    return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
        .handle((done, failure) -> failure)
        .thenCompose(failure -> conclude(answers, failure));
  }

  /* No part knows whether all limits in quota mode are over. Each is judged as a shadow is, on its
   * own; whether they deny is found out when all have answered. */
  private static Charge alone(Charge charge) {
    return charge.mode() == Mode.QUOTA
        ? new Charge(charge.key(), charge.kernel(), charge.cost(), Mode.SHADOW, charge.operation())
        : charge;
  }

  private CompletionStage<List<Verdict>> conclude(
      List<CompletableFuture<List<Verdict>>> answers, Throwable failure) {
    Verdict[] verdicts = new Verdict[charges.size()];
    boolean denied = failure != null;
    for (int p = 0; p < answers.size(); p++) {
      if (answers.get(p).isCompletedExceptionally()) {
        continue;
      }
      place(parts.get(p), answers.get(p).join(), verdicts);
      for (int at : parts.get(p)) {
        denied |= enforced(at) && verdicts[at].outcome().denies();
      }
    }
    denied |= failure == null && quotasDeny(verdicts);
    if (denied) {
      giveBack(verdicts);
    }
    return failure == null
        ? CompletableFuture.completedFuture(List.of(verdicts))
        : CompletableFuture.failedFuture(lost(answers, verdicts, failure));
  }

  /* A late answer is about one part; who hears of it expects a verdict for each charge (R22). */
  private Throwable lost(
      List<CompletableFuture<List<Verdict>>> answers, Verdict[] verdicts, Throwable failure) {
    StoreException timeout = null;
    List<CompletableFuture<?>> arrivals = new ArrayList<>();
    for (int p = 0; p < answers.size(); p++) {
      List<Integer> part = parts.get(p);
      if (answers.get(p).isCompletedExceptionally()) {
        part.forEach(at -> verdicts[at] = NOT_CHARGED);
        if (answers.get(p).exceptionNow() instanceof StoreException e && e.late().isPresent()) {
          timeout = e;
          arrivals.add(
              e.late().get().thenAccept(late -> place(part, late, verdicts)).toCompletableFuture());
        }
      }
    }
    return timeout == null
        ? failure
        : new StoreException(
            timeout.category(),
            String.valueOf(timeout.getMessage()),
            CompletableFuture.allOf(arrivals.toArray(CompletableFuture[]::new))
                .handle((done, gone) -> List.of(verdicts)));
  }

  private static void place(List<Integer> part, List<Verdict> answer, Verdict[] verdicts) {
    for (int i = 0; i < answer.size(); i++) {
      verdicts[part.get(i)] = answer.get(i);
    }
  }

  private boolean quotasDeny(Verdict[] verdicts) {
    boolean any = false;
    for (int at = 0; at < verdicts.length; at++) {
      if (charges.get(at).mode() == Mode.QUOTA && takes(charges.get(at).operation())) {
        if (!verdicts[at].outcome().denies()) {
          return false;
        }
        any = true;
      }
    }
    return any;
  }

  private boolean enforced(int at) {
    return charges.get(at).mode() == Mode.ENFORCED && takes(charges.get(at).operation());
  }

  private void giveBack(Verdict[] verdicts) {
    for (int at = 0; at < verdicts.length; at++) {
      Charge charge = charges.get(at);
      Verdict verdict = verdicts[at];
      if (verdict != null && verdict.amount() > 0 && takes(charge.operation())) {
        Optional<String> hold =
            charge.operation() instanceof Operation.Hold h ? Optional.of(h.id()) : Optional.empty();
        Receipt receipt = new Receipt(charge.key(), verdict.mark(), verdict.amount(), hold);
        Operation refund = new Operation.Refund(receipt);
        var unused =
            store.apply(
                List.of(
                    new Charge(
                        charge.key(), charge.kernel(), verdict.amount(), charge.mode(), refund)));
        verdicts[at] = withoutCharge(verdict);
      }
    }
  }

  private static boolean takes(Operation operation) {
    return operation instanceof Operation.Take || operation instanceof Operation.Hold;
  }

  private static Verdict withoutCharge(Verdict verdict) {
    return new Verdict(
        verdict.outcome(),
        0,
        verdict.remaining() + verdict.amount(),
        verdict.retryAfterMicros(),
        verdict.resetAfterMicros(),
        verdict.mark(),
        verdict.micros(),
        verdict.clockStepped());
  }
}
