// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import java.time.Duration;
import java.util.OptionalDouble;

/**
 * What a load run does.
 *
 * @param target where requests go
 * @param request what they look like
 * @param keys which keys they carry
 * @param concurrency most requests in flight, each on a connection of its own
 * @param rate requests per second at which they fall due; empty in a closed loop, where each falls
 *     due when a connection is free
 * @param duration how long requests are sent
 * @param requests most requests
 * @param timeout how long an answer may take
 */
record LoadPlan(
    Target target,
    RequestTemplate request,
    KeyPicker keys,
    int concurrency,
    OptionalDouble rate,
    Duration duration,
    long requests,
    Duration timeout) {

  long durationMicros() {
    return duration.toNanos() / 1_000;
  }

  /** When a request falls due, in microseconds from the start; 0 in a closed loop. */
  long dueMicros(long index) {
    return rate.isPresent() ? (long) (index * (1_000_000 / rate.getAsDouble())) : 0;
  }

  /** How many requests fall due until then. */
  long dueBy(long micros) {
    if (rate.isEmpty()) {
      return requests;
    }
    return Math.min(total(), (long) (micros * (rate.getAsDouble() / 1_000_000)) + 1);
  }

  /** How many requests fall due in all. */
  long total() {
    if (rate.isEmpty()) {
      return requests;
    }
    return Math.min(requests, (long) Math.ceil(durationMicros() * (rate.getAsDouble() / 1e6)));
  }
}
