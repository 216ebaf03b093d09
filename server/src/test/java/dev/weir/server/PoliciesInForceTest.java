// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.Descriptor;
import dev.weir.core.MemoryStore;
import dev.weir.core.RateLimiter;
import dev.weir.policy.PolicyCatalog;
import dev.weir.policy.PolicyFile;
import dev.weir.testkit.ManualTimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PoliciesInForceTest {

  private static final Descriptor ANYBODY = Descriptor.of("default", List.of());

  private static PolicyCatalog catalog(int normal, int degraded) {
    String text =
        """
        version: 1
        states:
          degraded: { overrides: [ { limits: { l: %d per day fixed } } ] }
        policies:
          - { name: p, limits: [ { name: l, rate: %d per day fixed } ] }
        """;
    return PolicyFile.catalog("test", text.formatted(degraded, normal), name -> Optional.empty());
  }

  private static PoliciesInForce inForce(PolicyCatalog files) {
    MemoryStore store = MemoryStore.create(ManualTimeSource.steady(), 1_000);
    return new PoliciesInForce(
        RateLimiter.create(store, files.in("normal")),
        files,
        set -> {
          if (set.policies().getFirst().limits().getFirst().algorithm().limit() == 13) {
            throw new IllegalArgumentException("thirteen");
          }
        });
  }

  private static long limit(PoliciesInForce inForce) {
    return inForce.get().policies().policies().getFirst().limits().getFirst().algorithm().limit();
  }

  @Test
  void putPolicies_goBeforeTheFiles_andTheStateHoldsForBoth() {
    PoliciesInForce inForce = inForce(catalog(20, 2));
    long version = inForce.get().policies().version();

    assertThat(inForce.enter("degraded")).isEqualTo("degraded");
    assertThat(limit(inForce)).isEqualTo(2);
    inForce.put(Optional.of(catalog(30, 3)));
    assertThat(limit(inForce)).isEqualTo(3);
    inForce.files(catalog(40, 4));
    assertThat(limit(inForce)).isEqualTo(3);
    assertThat(inForce.enter("normal")).isEqualTo("normal");
    assertThat(limit(inForce)).isEqualTo(30);
    inForce.put(Optional.empty());
    assertThat(limit(inForce)).isEqualTo(40);
    // One for each limiter that was made, and none for the files that were not in force.
    assertThat(inForce.get().policies().version()).isEqualTo(version + 4);
  }

  @Test
  void change_thatChangesNothing_leavesTheLimiter() {
    PoliciesInForce inForce = inForce(catalog(20, 2));
    RateLimiter before = inForce.get();

    inForce.enter("normal");
    inForce.enter("unheard-of");
    inForce.put(Optional.empty());

    assertThat(inForce.get()).isSameAs(before);
  }

  @Test
  void put_thatCannotBeDecidedBy_leavesEverything() {
    PoliciesInForce inForce = inForce(catalog(20, 2));

    assertThatThrownBy(() -> inForce.put(Optional.of(catalog(20, 13)))).hasMessage("thirteen");
    assertThat(inForce.enter("degraded")).isEqualTo("degraded");
    assertThat(limit(inForce)).isEqualTo(2);
  }

  @Test
  @Timeout(180)
  void rule21_switchesUnderLoad_admitTheLimitInAll() throws Exception {
    PoliciesInForce inForce = inForce(catalog(20_000, 2));
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      List<Future<Long>> admitted = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        admitted.add(threads.submit(() -> spend(inForce, over)));
      }
      Future<Long> versions = threads.submit(() -> flip(inForce, over));
      long all = 0;
      for (Future<Long> each : admitted) {
        all += each.get();
      }
      assertThat(versions.get()).isPositive();
      assertThat(all).isEqualTo(20_000);
    }
  }

  private static long spend(PoliciesInForce inForce, AtomicBoolean over) {
    long admitted = 0;
    while (!over.get()) {
      admitted += inForce.get().check(ANYBODY).allowed() ? 1 : 0;
    }
    return admitted;
  }

  /** Switches at least a thousand times and until the limit is spent; then ends the load. */
  private static long flip(PoliciesInForce inForce, AtomicBoolean over) {
    try {
      long last = inForce.get().policies().version();
      long switches = 0;
      boolean spent = false;
      while (switches < 1_000 || !spent) {
        inForce.enter(switches % 2 == 0 ? "degraded" : "normal");
        spent = switches % 2 == 1 && !inForce.get().peek(List.of(ANYBODY)).allowed();
        long version = inForce.get().policies().version();
        assertThat(version).isGreaterThan(last);
        last = version;
        switches++;
      }
      return switches;
    } finally {
      over.set(true);
    }
  }
}
