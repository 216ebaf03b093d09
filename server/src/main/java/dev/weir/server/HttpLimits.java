// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * What one client may ask of the process.
 *
 * @param maxRequestLineBytes longest request line; beyond it 414
 * @param maxHeaderBytes most bytes of all header fields; beyond it 431
 * @param maxBodyBytes longest body of the decision API; beyond it 413
 * @param headDeadline time for a head from its first byte
 * @param bodyDeadline time for a body from its head, and for a reader to take its answers
 * @param idleTimeout time without a request after which a connection is closed
 * @param maxConnections most connections at once, over all HTTP listeners
 * @param maxConnectionsPerAddress most connections of one peer address
 */
public record HttpLimits(
    int maxRequestLineBytes,
    int maxHeaderBytes,
    int maxBodyBytes,
    Duration headDeadline,
    Duration bodyDeadline,
    Duration idleTimeout,
    int maxConnections,
    int maxConnectionsPerAddress) {

  /** How often deadlines are looked at. */
  static final Duration TICK = Duration.ofMillis(100);

  static final HttpLimits DEFAULT =
      new HttpLimits(
          8_192,
          65_536,
          1_048_576,
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(75),
          20_000,
          20_000);

  public HttpLimits {
    atLeast("maxRequestLineBytes", maxRequestLineBytes, 64);
    atLeast("maxHeaderBytes", maxHeaderBytes, 256);
    atLeast("maxBodyBytes", maxBodyBytes, 1);
    atLeast("headDeadline", requireNonNull(headDeadline, "headDeadline").toMillis(), 1);
    atLeast("bodyDeadline", requireNonNull(bodyDeadline, "bodyDeadline").toMillis(), 1);
    atLeast("idleTimeout", requireNonNull(idleTimeout, "idleTimeout").toMillis(), 1);
    atLeast("maxConnections", maxConnections, 1);
    atLeast("maxConnectionsPerAddress", maxConnectionsPerAddress, 1);
  }

  private static void atLeast(String name, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + least + " or more)");
    }
  }

  long headTicks() {
    return ticks(headDeadline);
  }

  long bodyTicks() {
    return ticks(bodyDeadline);
  }

  long idleTicks() {
    return ticks(idleTimeout);
  }

  private static long ticks(Duration duration) {
    return Math.ceilDiv(duration.toMillis(), TICK.toMillis());
  }
}
