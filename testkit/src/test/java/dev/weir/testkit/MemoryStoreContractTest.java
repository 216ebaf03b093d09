// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import dev.weir.core.Store;
import dev.weir.core.Unswept;
import org.junit.jupiter.api.Nested;

/** The store in memory keeps the contract on both kinds of clock: each takes other paths in it. */
final class MemoryStoreContractTest {

  @Nested
  final class OnAClockThatMayBeSetBack implements StoreContract {
    @Override
    public Store create(ManualTimeSource clock) {
      return Unswept.on(clock);
    }
  }

  @Nested
  final class OnASteadyClock implements StoreContract {
    @Override
    public Store create(ManualTimeSource clock) {
      return Unswept.on(clock);
    }

    @Override
    public ManualTimeSource clock() {
      return ManualTimeSource.steady();
    }
  }

  @Nested
  final class UnderALimiterOnAClockThatMayBeSetBack implements RateLimiterContract {
    @Override
    public Store create(ManualTimeSource clock) {
      return Unswept.on(clock);
    }
  }

  @Nested
  final class UnderALimiterOnASteadyClock implements RateLimiterContract {
    @Override
    public Store create(ManualTimeSource clock) {
      return Unswept.on(clock);
    }

    @Override
    public ManualTimeSource clock() {
      return ManualTimeSource.steady();
    }
  }
}
