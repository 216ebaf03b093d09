// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

/** The contract of system E's administration, with everything in a real Redis. */
final class TieredAdminOnRedisContractTest extends TieredAdminContractTest {

  @Override
  ProfileStore store() {
    return ProfileStore.REDIS;
  }
}
