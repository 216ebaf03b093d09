// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

/** The contract of system B, with its limits in a real Redis. */
final class SharedUserQuotaOnRedisContractTest extends SharedUserQuotaContractTest {

  @Override
  ProfileStore store() {
    return ProfileStore.REDIS;
  }
}
