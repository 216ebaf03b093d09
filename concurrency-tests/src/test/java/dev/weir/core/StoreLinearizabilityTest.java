// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import dev.weir.testkit.ManualTimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/**
 * Whether the store in memory answers as if checks ran one at a time (R1): single takes by one CAS,
 * checks of several keys, refunds and peeks, against the same store used by one thread.
 *
 * <p>{@code -Dweir.lincheck.iterations=N} runs more scenarios than the 10 of a short run.
 */
@Param(name = "key", gen = IntGen.class, conf = "0:2")
public class StoreLinearizabilityTest {

  private static final int ITERATIONS = Integer.getInteger("weir.lincheck.iterations", 10);

  private static final List<Algorithm> ALGORITHMS =
      List.of(
          TokenBucket.of(3, Duration.ofSeconds(1)),
          new FixedWindow(3, Duration.ofSeconds(1)),
          new SlidingWindow(3, Duration.ofSeconds(1)));

  private final MemoryStore store = MemoryStore.unswept(ManualTimeSource.steady(), 1_000);
  private final BoundLimit[] limits = new BoundLimit[3];
  private final Handle[] handles = new Handle[3];

  public StoreLinearizabilityTest() {
    for (int i = 0; i < 3; i++) {
      Limit limit = Limit.of("l" + i, ALGORITHMS.get(i));
      Policy policy = Policy.named("p" + i).domain("d" + i).limit(limit).build();
      RateLimiter limiter = RateLimiter.create(store, PolicySet.of(List.of(policy)));
      handles[i] = limiter.handle(Descriptor.of("d" + i, List.of()));
      limits[i] = BoundLimit.of(policy.fullName(), limit);
    }
  }

  private Charge charge(int key, long cost, dev.weir.core.Operation operation) {
    return new Charge(handles[key].key(), limits[key].kernel(), cost, Mode.ENFORCED, operation);
  }

  @Operation
  public boolean take(@Param(name = "key") int key) {
    return handles[key].tryTake();
  }

  @Operation
  public long takeAndRemaining(@Param(name = "key") int key) {
    Verdict verdict =
        store.applyNow(List.of(charge(key, 1, dev.weir.core.Operation.TAKE))).getFirst();
    return verdict.amount() * 10 + verdict.remaining();
  }

  @Operation
  public boolean takeTwo(@Param(name = "key") int one, @Param(name = "key") int other) {
    List<Verdict> verdicts =
        store.applyNow(
            List.of(
                charge(one, 1, dev.weir.core.Operation.TAKE),
                charge(other, 2, dev.weir.core.Operation.TAKE)));
    return verdicts.stream().noneMatch(verdict -> verdict.outcome().denies());
  }

  @Operation
  public long giveBack(@Param(name = "key") int key) {
    Verdict peek = store.applyNow(List.of(charge(key, 1, dev.weir.core.Operation.PEEK))).getFirst();
    Receipt receipt = new Receipt(handles[key].key(), peek.mark(), 1, Optional.empty());
    return store
        .applyNow(List.of(charge(key, 1, new dev.weir.core.Operation.Refund(receipt))))
        .getFirst()
        .amount();
  }

  @Operation
  public long remaining(@Param(name = "key") int key) {
    return store
        .applyNow(List.of(charge(key, 1, dev.weir.core.Operation.PEEK)))
        .getFirst()
        .remaining();
  }

  @Test
  void store_underStress_isLinearizable() {
    new StressOptions()
        .iterations(ITERATIONS)
        .invocationsPerIteration(1_000)
        .threads(2)
        .actorsPerThread(3)
        .check(StoreLinearizabilityTest.class);
  }

  @Test
  void store_inEveryInterleavingTried_isLinearizable() {
    new ModelCheckingOptions()
        .iterations(ITERATIONS)
        .invocationsPerIteration(300)
        .threads(2)
        .actorsPerThread(2)
        .check(StoreLinearizabilityTest.class);
  }
}
