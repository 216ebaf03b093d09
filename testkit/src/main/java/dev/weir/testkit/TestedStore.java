// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import dev.weir.core.Store;

/** What contracts are held to: a store that judges by a clock which the test moves. */
interface TestedStore {

  /** A new store that judges by the clock and holds nothing, or at least no key of this test. */
  Store create(ManualTimeSource clock);

  /** A new clock of the kind that the tests shall use. */
  default ManualTimeSource clock() {
    return ManualTimeSource.create();
  }
}
