// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.core.Charge;
import dev.weir.core.CounterKey;
import dev.weir.core.Kernel;
import dev.weir.core.LimitId;
import dev.weir.core.Mode;
import dev.weir.core.Operation;
import dev.weir.core.Verdict;
import dev.weir.redis.RedisStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Weir's store alone: what the front door adds is the difference. */
final class WeirStoreContestant implements Contestant {

  private final RedisStore store;
  private final List<List<Charge>> checks = new ArrayList<>(KEYS);

  WeirStoreContestant(String url, Allowance allowance) throws InterruptedException {
    store = WeirContestant.connect(url, WeirContestant.PATIENT);
    LimitId limit = LimitId.of("p", "l0");
    Kernel kernel = allowance.bucket().kernel();
    for (String name : Contestant.names()) {
      CounterKey key = CounterKey.of(limit, name.getBytes(StandardCharsets.UTF_8));
      checks.add(List.of(new Charge(key, kernel, 1, Mode.ENFORCED, Operation.TAKE)));
    }
  }

  @Override
  public CompletionStage<?> check(int key) {
    return store.apply(checks.get(key));
  }

  @Override
  public boolean admitted(Object answer) {
    return ((Verdict) ((List<?>) answer).getFirst()).outcome() == Verdict.Outcome.ADMITTED;
  }

  @Override
  public void close() {
    store.close();
  }
}
