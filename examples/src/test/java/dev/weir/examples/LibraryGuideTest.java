// SPDX-License-Identifier: Apache-2.0
package dev.weir.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.weir.core.Descriptor;
import dev.weir.core.RateLimiter;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/** The examples of the library's page do what it says. */
final class LibraryGuideTest {

  private final RateLimiter limiter = LibraryGuide.policies();

  @Test
  void severalDescriptors_areChargedTogether() {
    assertThat(LibraryGuide.transfer(limiter)).isTrue();
    long left = limiter.peek(List.of(Descriptor.of("api", "user", "ann"))).remaining();
    assertThat(left).isLessThan(10);
  }

  @Test
  void refund_afterACheck_isWhole() {
    long[] numbers = LibraryGuide.peekAndRefund(limiter);
    // Permits of both limits come back.
    assertThat(numbers[1]).isEqualTo(10);
    assertThat(numbers[2]).isEqualTo(numbers[0]);
  }

  @Test
  void record_beyondTheLimit_isADebt() {
    assertThat(LibraryGuide.tokens(limiter, 500).allowed()).isTrue();
    assertThatIllegalStateException().isThrownBy(() -> LibraryGuide.tokens(limiter, 1));
  }

  @Test
  void hold_whileWorkRuns_isGivenBack() {
    AtomicInteger ran = new AtomicInteger();
    assertThat(
            LibraryGuide.job(
                limiter,
                "first",
                () ->
                    LibraryGuide.job(
                        limiter,
                        "second",
                        () -> ran.set(LibraryGuide.job(limiter, "third", () -> {}) ? 3 : 2))))
        .isTrue();
    assertThat(ran).hasValue(2);
    assertThat(LibraryGuide.job(limiter, "third", () -> {})).isTrue();
  }

  @Test
  void checkAsync_inMemory_isComplete() {
    assertThat(LibraryGuide.later(limiter).toCompletableFuture()).isCompletedWithValue("welcome");
  }

  @Test
  void listener_hearsOfDenials() {
    LongAdder denials = new LongAdder();
    RateLimiter heard = LibraryGuide.heard(limiter.policies(), denials);
    var unused = heard.check(Descriptor.of("api", "user", "ann").withCost(2_000));
    assertThat(denials.sum()).isEqualTo(1);
  }
}
