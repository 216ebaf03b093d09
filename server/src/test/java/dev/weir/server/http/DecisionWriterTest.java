// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Charge;
import dev.weir.core.Decision;
import dev.weir.core.Lease;
import dev.weir.core.Limit;
import dev.weir.core.MemoryStore;
import dev.weir.core.RateLimiter;
import dev.weir.core.Store;
import dev.weir.core.TokenBucket;
import dev.weir.core.Verdict;
import dev.weir.server.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class DecisionWriterTest {

  /** A store that a limiter takes for one elsewhere. */
  private record Elsewhere(Store store) implements Store {
    @Override
    public CompletionStage<List<Verdict>> apply(List<Charge> charges) {
      return store.apply(charges);
    }

    @Override
    public void close() {
      store.close();
    }
  }

  private static String written(Decision decision) {
    ByteWriter out = new ByteWriter();
    new DecisionWriter().write(out, decision, true);
    return new String(out.toBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void leasedDecision_saysThatItEstimates() {
    Limit limit = Limit.of("l", TokenBucket.of(10_000, Duration.ofDays(1))).leased(Lease.of(1_000));
    try (Store store = new Elsewhere(MemoryStore.create())) {
      RateLimiter limiter = RateLimiter.create(store, RateLimiter.of(limit).policies());
      assertThat(written(limiter.check("hot"))).doesNotContain("estimated");
      for (int i = 0; i < 1_000; i++) {
        limiter.check("hot");
      }
      assertThat(written(limiter.check("hot")))
          .containsPattern("\"remaining\":[0-9]+,\"estimated\":true,\"reset")
          .containsPattern("states.*\"remaining\":[0-9]+,\"estimated\":true,\"reset");
    }
  }
}
