// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is still to be done about charges whose answer was lost, after their failure policies have
 * answered the caller (R22).
 *
 * <p>A charge whose answer was lost counts as made. Only what is known to be taken from a caller
 * who was denied is given back, and a hold that nobody will release is released. All of it is sent
 * once and never repeated, since it may have happened even if its answer is lost, too.
 */
final class Aftermath {

  private Aftermath() {}

  static void settle(Remote remote, Plan plan, Decision decision, StoreException lost) {
    if (lost.category() == StoreException.Category.TIMEOUT || lost.late().isPresent()) {
      release(remote, plan);
    }
    if (!decision.allowed()) {
      lost.late()
          .ifPresent(
              late -> {
                var unused = late.thenAccept(verdicts -> refund(remote, plan, verdicts));
              });
    }
  }

  /* Whether the hold was taken or not: to release what is not held changes nothing (R17). */
  private static void release(Remote remote, Plan plan) {
    List<Charge> releases = new ArrayList<>();
    for (Charge charge : plan.charges()) {
      if (charge.operation() instanceof Operation.Hold hold) {
        releases.add(with(charge, new Operation.Release(hold.id())));
      }
    }
    send(remote, releases);
  }

  /* Takes only. A record's work is done whoever was denied what, and holds are released. */
  private static void refund(Remote remote, Plan plan, List<Verdict> verdicts) {
    List<Charge> refunds = new ArrayList<>();
    for (int i = 0; i < verdicts.size(); i++) {
      Charge charge = plan.charges().get(i);
      Verdict verdict = verdicts.get(i);
      if (charge.operation() instanceof Operation.Take && verdict.amount() > 0) {
        refunds.add(
            with(
                charge,
                new Operation.Refund(
                    new Receipt(
                        charge.key(), verdict.mark(), verdict.amount(), Optional.empty()))));
      }
    }
    remote.givesBack(refunds.size());
    send(remote, refunds);
  }

  private static Charge with(Charge charge, Operation operation) {
    return new Charge(charge.key(), charge.kernel(), charge.cost(), charge.mode(), operation);
  }

  private static void send(Remote remote, List<Charge> charges) {
    if (!charges.isEmpty()) {
      var unused = remote.send(charges);
    }
  }
}
