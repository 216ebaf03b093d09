// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import static java.util.Objects.requireNonNull;

import dev.weir.core.RateLimiter;
import dev.weir.core.TimeSource;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Who decides: the limiter in force at each moment, with the clock that times its decisions. Safe
 * for use by any thread.
 *
 * @param inForce gives the limiter in force
 * @param time the clock
 * @param timings hears how long decisions took
 */
public record Judge(Supplier<RateLimiter> inForce, TimeSource time, Timings timings) {

  public Judge {
    requireNonNull(inForce, "inForce");
    requireNonNull(time, "time");
    requireNonNull(timings, "timings");
  }

  public RateLimiter limiter() {
    return inForce.get();
  }

  /** When the decisions that follow began; 0 if nobody wants to know. */
  public long begin() {
    return timings == Timings.NONE ? 0 : time.micros();
  }

  /** Tells how long decisions took. */
  public void end(long begin, int decisions) {
    if (timings != Timings.NONE) {
      timings.took(time.micros() - begin, decisions);
    }
  }

  /** Tells how long a decision takes, when it is made. */
  public <T> CompletionStage<T> timed(long begin, int decisions, CompletionStage<T> stage) {
    if (timings == Timings.NONE) {
      return stage;
    }
    if (stage.toCompletableFuture().isDone()) {
      end(begin, decisions);
      return stage;
    }
    return stage.whenComplete((value, error) -> end(begin, decisions));
  }
}
