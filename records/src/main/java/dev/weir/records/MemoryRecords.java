// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import dev.weir.core.TimeSource;

/** Records in the memory of the process: they end with it. */
public final class MemoryRecords {

  private MemoryRecords() {}

  /** A store that holds nothing yet. */
  public static RecordStore create() {
    return LocalRecords.open(MemoryBacking::new, TimeSource.system());
  }
}
