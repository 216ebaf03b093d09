// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.RateLimiter;
import dev.weir.core.TimeSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Who decides: the limiter in force at each moment, with the clock that times its decisions and
 * whoever writes them down. Safe for use by any thread.
 *
 * @param inForce gives the limiter in force
 * @param time the clock
 * @param timings hears how long decisions took
 * @param recorder writes decisions down
 */
public record Judge(
    Supplier<RateLimiter> inForce, TimeSource time, Timings timings, DecisionRecorder recorder) {

  /** Of a request without an id. */
  private static final Supplier<Optional<String>> NO_ID = Optional::empty;

  public Judge {
    requireNonNull(inForce, "inForce");
    requireNonNull(time, "time");
    requireNonNull(timings, "timings");
    requireNonNull(recorder, "recorder");
  }

  public RateLimiter limiter() {
    return inForce.get();
  }

  /** When the decisions that follow began; 0 if nobody wants to know. */
  public long begin() {
    return watched() ? time.micros() : 0;
  }

  /** Whether anybody hears how long decisions took, or of any decision. */
  public boolean watched() {
    return timings != Timings.NONE || recorder != DecisionRecorder.NONE;
  }

  /** Tells of a decision that is made. */
  public void end(long begin, List<Descriptor> descriptors, Decision decision) {
    end(begin, descriptors, decision, NO_ID);
  }

  private void end(
      long begin,
      List<Descriptor> descriptors,
      Decision decision,
      Supplier<Optional<String>> requestId) {
    if (watched()) {
      long micros = time.micros() - begin;
      timings.took(micros, 1);
      if (recorder.wants(decision)) {
        recorder.record(descriptors, decision, micros, requestId);
      }
    }
  }

  /**
   * Tells of a decision that is made.
   *
   * @param descriptors makes what was checked; asked for if it is wanted
   */
  public void end(long begin, Supplier<List<Descriptor>> descriptors, Decision decision) {
    if (watched()) {
      long micros = time.micros() - begin;
      timings.took(micros, 1);
      if (recorder.wants(decision)) {
        recorder.record(descriptors.get(), decision, micros, NO_ID);
      }
    }
  }

  /**
   * Tells of a decision when it is made.
   *
   * @param descriptors makes what was checked; asked for if it is wanted
   */
  public CompletionStage<Decision> timed(
      long begin, Supplier<List<Descriptor>> descriptors, CompletionStage<Decision> stage) {
    if (!watched()) {
      return stage;
    }
    return stage.whenComplete(
        (decision, error) -> {
          if (error == null) {
            end(begin, descriptors, decision);
          } else {
            failed(begin);
          }
        });
  }

  /** Tells of a check that could not be judged. */
  public void failed(long begin) {
    if (watched()) {
      timings.took(time.micros() - begin, 1);
    }
  }

  /** Tells of several decisions that are made, in the order of what was checked. */
  public void end(long begin, List<List<Descriptor>> checks, Decision[] decisions) {
    if (watched()) {
      long micros = time.micros() - begin;
      timings.took(micros, decisions.length);
      for (int i = 0; i < decisions.length; i++) {
        if (recorder.wants(decisions[i])) {
          recorder.record(checks.get(i), decisions[i], micros, NO_ID);
        }
      }
    }
  }

  /** Tells of a decision when it is made. */
  public CompletionStage<Decision> timed(
      long begin, List<Descriptor> descriptors, CompletionStage<Decision> stage) {
    return timed(begin, descriptors, stage, NO_ID);
  }

  /**
   * Tells of a decision when it is made.
   *
   * @param requestId the id of the request; asked for if it is wanted
   */
  public CompletionStage<Decision> timed(
      long begin,
      List<Descriptor> descriptors,
      CompletionStage<Decision> stage,
      Supplier<Optional<String>> requestId) {
    if (!watched()) {
      return stage;
    }
    var future = stage.toCompletableFuture();
    if (future.isDone() && !future.isCompletedExceptionally()) {
      end(begin, descriptors, future.join(), requestId);
      return stage;
    }
    return stage.whenComplete(
        (decision, error) -> {
          if (error == null) {
            end(begin, descriptors, decision, requestId);
          } else {
            failed(begin);
          }
        });
  }
}
