// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import dev.weir.core.Charge;
import dev.weir.core.Mode;
import dev.weir.core.Operation;
import dev.weir.core.Receipt;
import dev.weir.core.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A check whose keys lie in several slots of a cluster: each slot's part is one call, all at once;
 * if one denies or fails, the others are given back by receipt (R20).
 *
 * <p>Never admits too much. Between charge and refund another check may be denied.
 */
@SuppressWarnings("FutureReturnValueIgnored") // nothing waits for what is done for its effect
final class SplitCheck {

  private final RedisStore store;
  private final List<Charge> charges;
  private final List<List<Integer>> parts = new ArrayList<>();

  SplitCheck(RedisStore store, List<Charge> charges, RedisKey[] keys, Routes routes) {
    this.store = store;
    this.charges = charges;
    for (int i = 0; i < keys.length; i++) {
      part(keys, i, routes).add(i);
    }
  }

  private List<Integer> part(RedisKey[] keys, int i, Routes routes) {
    for (List<Integer> part : parts) {
      if (routes.together(keys[part.getFirst()], keys[i])) {
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
      answers.add(store.apply(part.stream().map(charges::get).toList()).toCompletableFuture());
    }
    return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
        .handle((done, failure) -> failure)
        .thenCompose(failure -> conclude(answers, failure));
  }

  private CompletionStage<List<Verdict>> conclude(
      List<CompletableFuture<List<Verdict>>> answers, Throwable failure) {
    Verdict[] verdicts = new Verdict[charges.size()];
    boolean denied = failure != null;
    for (int p = 0; p < answers.size(); p++) {
      if (answers.get(p).isCompletedExceptionally()) {
        continue;
      }
      List<Verdict> answer = answers.get(p).join();
      for (int i = 0; i < answer.size(); i++) {
        int at = parts.get(p).get(i);
        verdicts[at] = answer.get(i);
        denied |= enforced(at) && answer.get(i).outcome().denies();
      }
    }
    if (denied) {
      giveBack(verdicts);
    }
    return failure == null
        ? CompletableFuture.completedFuture(List.of(verdicts))
        : CompletableFuture.failedFuture(failure);
  }

  private boolean enforced(int at) {
    Operation operation = charges.get(at).operation();
    return charges.get(at).mode() == Mode.ENFORCED
        && (operation instanceof Operation.Take || operation instanceof Operation.Hold);
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
