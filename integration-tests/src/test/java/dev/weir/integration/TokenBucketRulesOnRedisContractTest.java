// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

/** The contract of system C, with its limits in a real Redis. */
final class TokenBucketRulesOnRedisContractTest extends TokenBucketRulesContractTest {

  @Override
  ProfileStore store() {
    return ProfileStore.REDIS;
  }
}
