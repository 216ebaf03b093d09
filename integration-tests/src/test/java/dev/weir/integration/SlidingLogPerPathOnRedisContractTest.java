// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

/** The contract of system A, with its limits in a real Redis. */
final class SlidingLogPerPathOnRedisContractTest extends SlidingLogPerPathContractTest {

  @Override
  ProfileStore store() {
    return ProfileStore.REDIS;
  }
}
