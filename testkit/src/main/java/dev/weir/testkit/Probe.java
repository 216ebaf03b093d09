// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import dev.weir.core.Algorithm;
import dev.weir.core.Charge;
import dev.weir.core.Concurrency;
import dev.weir.core.CounterKey;
import dev.weir.core.LimitId;
import dev.weir.core.Mode;
import dev.weir.core.Operation;
import dev.weir.core.Receipt;
import dev.weir.core.Store;
import dev.weir.core.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A store under test, its clock, and short ways to charge it. Each limit has one key. Where a limit
 * counts holds, a take is a hold under an id of its own for the limit's whole expiry.
 */
final class Probe implements AutoCloseable {

  private static final long NO_AMOUNT = 0;

  private final Store store;
  private final ManualTimeSource clock;
  private final AtomicLong ids = new AtomicLong();

  /** One limit and the key that the test charges. */
  record Target(CounterKey key, Algorithm algorithm) {
    static Target of(String name, Algorithm algorithm) {
      return new Target(keyOf("test", name, "k"), algorithm);
    }

    /** The same key under other parameters. */
    Target with(Algorithm other) {
      return new Target(key, other);
    }

    boolean holds() {
      return algorithm instanceof Concurrency;
    }

    Charge charge(long cost, Mode mode, Operation operation) {
      return new Charge(key, algorithm.kernel(), cost, mode, operation);
    }
  }

  Probe(Store store, ManualTimeSource clock) {
    this.store = store;
    this.clock = clock;
  }

  /** A new store on a new clock. */
  static Probe of(TestedStore tested) {
    ManualTimeSource clock = tested.clock();
    return new Probe(tested.create(clock), clock);
  }

  static CounterKey keyOf(String policy, String limit, String value) {
    return CounterKey.of(LimitId.of(policy, limit), value.getBytes(StandardCharsets.UTF_8));
  }

  ManualTimeSource clock() {
    return clock;
  }

  long now() {
    return clock.micros();
  }

  List<Verdict> apply(List<Charge> charges) {
    try {
      return store.apply(charges).toCompletableFuture().join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  List<Verdict> apply(Charge... charges) {
    return apply(List.of(charges));
  }

  Verdict one(Charge charge) {
    return apply(List.of(charge)).getFirst();
  }

  /** What a check charges: a take, or a hold under a new id. */
  Charge taking(Target target, long cost) {
    return taking(target, cost, Mode.ENFORCED);
  }

  Charge taking(Target target, long cost, Mode mode) {
    Operation operation =
        target.algorithm() instanceof Concurrency holds
            ? new Operation.Hold("id-" + ids.incrementAndGet(), micros(holds))
            : Operation.TAKE;
    return target.charge(cost, mode, operation);
  }

  static long micros(Concurrency holds) {
    return holds.expiry().toNanos() / 1_000;
  }

  Verdict take(Target target, long cost) {
    return one(taking(target, cost));
  }

  /** Takes single permits until denied; answers how many were admitted. */
  long takeAll(Target target) {
    long taken = 0;
    while (!take(target, 1).outcome().denies()) {
      taken++;
    }
    return taken;
  }

  Verdict peek(Target target, long cost) {
    return one(target.charge(cost, Mode.ENFORCED, Operation.PEEK));
  }

  long remaining(Target target) {
    return peek(target, 0).remaining();
  }

  Verdict record(Target target, long cost) {
    return one(target.charge(cost, Mode.ENFORCED, Operation.RECORD));
  }

  Verdict grant(Target target, long cost) {
    return one(target.charge(cost, Mode.ENFORCED, Operation.GRANT));
  }

  Verdict reset(Target target) {
    return one(target.charge(NO_AMOUNT, Mode.ENFORCED, Operation.RESET));
  }

  Verdict refund(Target target, Verdict taken) {
    Receipt receipt = new Receipt(target.key(), taken.mark(), taken.amount(), Optional.empty());
    return one(target.charge(taken.amount(), Mode.ENFORCED, new Operation.Refund(receipt)));
  }

  Verdict hold(Target target, String id, long cost, long ttlMicros) {
    return one(target.charge(cost, Mode.ENFORCED, new Operation.Hold(id, ttlMicros)));
  }

  Verdict renew(Target target, String id, long ttlMicros) {
    return one(target.charge(1, Mode.ENFORCED, new Operation.Renew(id, ttlMicros)));
  }

  Verdict release(Target target, String id) {
    return one(target.charge(1, Mode.ENFORCED, new Operation.Release(id)));
  }

  @Override
  public void close() {
    store.close();
  }
}
