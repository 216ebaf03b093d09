// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import java.util.ArrayList;
import java.util.List;

/**
 * The calls that are sent together and of which a lane has few under way. Used by one event loop.
 */
final class Round {

  final List<TakeBatch> takes = new ArrayList<>(1);
  final List<ApplyBatch> applies = new ArrayList<>(1);

  final long sentMicros;
  private int open;

  Round(long sentMicros) {
    this.sentMicros = sentMicros;
  }

  int calls() {
    return takes.size() + applies.size();
  }

  void sent() {
    open = calls();
  }

  /** Counts one call as done; whether it was the last. */
  boolean done() {
    open--;
    return open == 0;
  }

  /** Tells those whose deadline has come; answers the earliest deadline that has not. */
  long expire(long nowMicros) {
    long earliest = Long.MAX_VALUE;
    for (TakeBatch batch : takes) {
      earliest = Math.min(earliest, batch.expire(nowMicros));
    }
    for (ApplyBatch batch : applies) {
      earliest = Math.min(earliest, batch.expire(nowMicros));
    }
    return earliest;
  }
}
