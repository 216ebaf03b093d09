// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

/** The contract of system D's demo service, with its limits in a real Redis. */
final class TokenBucketDemoOnRedisContractTest extends TokenBucketDemoContractTest {

  @Override
  ProfileStore store() {
    return ProfileStore.REDIS;
  }
}
