// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

/** The contract of system E, with its limits in a real Redis. */
final class TieredKeysOnRedisContractTest extends TieredKeysContractTest {

  @Override
  ProfileStore store() {
    return ProfileStore.REDIS;
  }
}
