// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.Map;

/**
 * What a limiter, and those made from it by {@link RateLimiter#withPolicies}, know and have counted
 * since they were made. All of it but the failures is 0 where the store is the memory of the
 * process.
 *
 * @param denialsRemembered keys whose denial is remembered now (R28)
 * @param denialsAnswered checks that were denied from memory, without the store
 * @param leasedKeys keys that permits are bought for in advance now (R26)
 * @param leasedPermits permits that are here and may be spent now
 * @param permitsBought permits that the store gave in advance
 * @param permitsReturned permits that were unused and that the store took back (R29)
 * @param takesGivenBack takes that the store granted when their caller had been denied, and that
 *     were given back (R22)
 * @param storeFailures checks that the store did not judge, by why; every category is there
 * @since 0.1
 */
public record LimiterStatistics(
    long denialsRemembered,
    long denialsAnswered,
    int leasedKeys,
    long leasedPermits,
    long permitsBought,
    long permitsReturned,
    long takesGivenBack,
    Map<StoreException.Category, Long> storeFailures) {

  public LimiterStatistics {
    storeFailures = Map.copyOf(storeFailures);
  }

  /** What is known without a store that is elsewhere. */
  static LimiterStatistics of(Map<StoreException.Category, Long> storeFailures) {
    return new LimiterStatistics(0, 0, 0, 0, 0, 0, 0, storeFailures);
  }
}
