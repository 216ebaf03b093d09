// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.resp;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * What one client of the Redis protocol may ask of the process.
 *
 * @param commandDeadline time for a command from its first byte, and for a login
 * @param readerDeadline time for a reader to take its answers
 * @param idleTimeout time without a command after which a connection is closed
 * @param maxPipeline most commands of a connection that wait for the store; no more are read until
 *     some are answered
 */
public record RespLimits(
    Duration commandDeadline, Duration readerDeadline, Duration idleTimeout, int maxPipeline) {

  /** Most arguments of a command, its name included. */
  public static final int MAX_ARGUMENTS = 128;

  /** Longest argument in bytes. */
  public static final int MAX_ARGUMENT_BYTES = 8 * 1_024;

  /** Longest command in bytes. */
  public static final int MAX_COMMAND_BYTES = 32 * 1_024;

  /** Most commands that wait for the store, unless said otherwise. */
  public static final int DEFAULT_PIPELINE = 1_024;

  /** How often deadlines are looked at. */
  static final Duration TICK = Duration.ofMillis(100);

  public RespLimits {
    requireNonNull(commandDeadline, "commandDeadline");
    requireNonNull(readerDeadline, "readerDeadline");
    requireNonNull(idleTimeout, "idleTimeout");
    if (maxPipeline < 1) {
      throw new IllegalArgumentException("maxPipeline: " + maxPipeline + " (expected: 1 or more)");
    }
  }

  long commandTicks() {
    return ticks(commandDeadline);
  }

  long readerTicks() {
    return ticks(readerDeadline);
  }

  long idleTicks() {
    return ticks(idleTimeout);
  }

  static long ticks(Duration duration) {
    return Math.ceilDiv(duration.toMillis(), TICK.toMillis());
  }
}
