// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import java.util.List;

/**
 * What a watcher is told at a time. All changes of a step are in one batch.
 *
 * @param whole whether these are all records that there are: what is not in it is gone
 * @param present records that are new or changed, in the order of their versions
 * @param gone records that were deleted; none of them is in {@code present}
 */
public record Batch(boolean whole, List<StoredRecord> present, List<RecordKey> gone) {

  public Batch {
    present = List.copyOf(present);
    gone = List.copyOf(gone);
  }
}
