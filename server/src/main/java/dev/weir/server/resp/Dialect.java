// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.resp;

import dev.weir.core.Decision;

/** How the five numbers of a throttle command are written. */
enum Dialect {
  /**
   * {@code CL.THROTTLE} of redis-cell: its burst comes on top of the one that is always allowed.
   */
  REDIS_CELL(1) {
    @Override
    void write(Reply reply, Decision decision, boolean asksOnly, long limit) {
      boolean allowed = decision.allowed() || asksOnly;
      long retry = allowed ? NEVER : retrySeconds(decision);
      reply.five(allowed ? 0 : 1, limit, decision.remaining(), retry, resetSeconds(decision));
    }
  },
  /** {@code THROTTLE} of throttlecrab. */
  THROTTLECRAB(0) {
    @Override
    void write(Reply reply, Decision decision, boolean asksOnly, long limit) {
      boolean allowed = decision.allowed() || asksOnly;
      long retry = allowed ? 0 : retrySeconds(decision);
      reply.five(allowed ? 1 : 0, limit, decision.remaining(), resetSeconds(decision), retry);
    }
  };

  /** Waiting does not help, or is not needed. */
  static final long NEVER = -1;

  private static final long MICROS = 1_000_000;

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

  /** Whole seconds, rounded up; {@link #NEVER} if it can never fit. */
  static long retrySeconds(Decision decision) {
    long micros = decision.retryAfterMicros();
    return micros == 0 ? NEVER : Math.ceilDiv(micros, MICROS);
  }

  static long resetSeconds(Decision decision) {
    return Math.ceilDiv(decision.resetAfterMicros(), MICROS);
  }
}
