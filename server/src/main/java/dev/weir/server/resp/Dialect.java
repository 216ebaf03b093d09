// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.resp;

import dev.weir.core.Decision;
import dev.weir.server.wire.RequestedLimits;

/** How the five numbers of a throttle command are written. */
enum Dialect {
  /**
   * {@code CL.THROTTLE} of redis-cell: its burst comes on top of the one that is always allowed.
   */
  REDIS_CELL(1) {
    @Override
    void write(Reply reply, Decision decision, boolean asksOnly, long limit) {
      boolean allowed = decision.allowed() || asksOnly;
      long retry = allowed ? RequestedLimits.NEVER : RequestedLimits.retrySeconds(decision);
      reply.five(
          allowed ? 0 : 1,
          limit,
          decision.remaining(),
          retry,
          RequestedLimits.resetSeconds(decision));
    }
  },
  /** {@code THROTTLE} of throttlecrab. */
  THROTTLECRAB(0) {
    @Override
    void write(Reply reply, Decision decision, boolean asksOnly, long limit) {
      boolean allowed = decision.allowed() || asksOnly;
      long retry = allowed ? 0 : RequestedLimits.retrySeconds(decision);
      reply.five(
          allowed ? 1 : 0,
          limit,
          decision.remaining(),
          RequestedLimits.resetSeconds(decision),
          retry);
    }
  };

  private final int more;

  Dialect(int more) {
    this.more = more;
  }

  /** What its bucket holds, given the burst that a command names. */
  long capacity(long maxBurst) {
    return maxBurst + more;
  }

  /** The least burst that can be named. */
  long leastBurst() {
    return 1L - more;
  }

  /**
   * Writes a decision.
   *
   * @param asksOnly whether nothing was to be taken: such a command is always allowed, and its
   *     remaining tells what there is
   */
  abstract void write(Reply reply, Decision decision, boolean asksOnly, long limit);
}
