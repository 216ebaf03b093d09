// SPDX-License-Identifier: Apache-2.0
package dev.weir.sizing;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import java.time.Duration;

/**
 * What is asked of a fleet.
 *
 * @param mode where decisions are made
 * @param rate decisions a second, 1..10<sup>9</sup>
 * @param keys that are counted, 1..10<sup>12</sup>
 * @param frontEnd how instances are asked
 * @param batch checks in a request, 1..1000; 1 by gRPC
 * @param limits of the policy that decides, all on one key, 1..100
 * @param coresPerNode processors of an instance, each with an event loop, 1..256
 * @param headroom share of every processor that stays free, 0..0.9
 * @param roundTripMicros of the network between instance and Redis, 0..10<sup>6</sup>
 * @param hot which keys are asked for more often than others
 * @param lease lifetime of leased permits, 1 ms..60 s
 */
public record Demand(
    Mode mode,
    double rate,
    long keys,
    FrontEnd frontEnd,
    int batch,
    int limits,
    int coresPerNode,
    double headroom,
    double roundTripMicros,
    Hot hot,
    Duration lease) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of range
   */
  public Demand {
    requireNonNull(mode, "mode");
    requireNonNull(frontEnd, "frontEnd");
    requireNonNull(hot, "hot");
    within("rate", rate, 1, 1e9);
    within("keys", (double) keys, 1, 1e12);
    within("checks per request", batch, 1, frontEnd == FrontEnd.GRPC ? 1 : 1_000);
    within("limits per check", limits, 1, 100);
    within("cores per node", coresPerNode, 1, 256);
    within("headroom", headroom, 0, 0.9);
    within("round trip", roundTripMicros, 0, 1e6);
    long millis = requireNonNull(lease, "lease").toMillis();
    if (millis < 1 || millis > 60_000) {
      throw new IllegalArgumentException("lease lifetime: " + lease + " (expected: 1 ms..60 s)");
    }
  }

  /**
   * One check a request over HTTP, of one limit, on instances of 4 cores that stay 40 % free, 200
   * µs away from Redis, over keys that are asked for evenly.
   */
  public static Demand of(Mode mode, double rate, long keys) {
    return new Demand(
        mode, rate, keys, FrontEnd.HTTP, 1, 1, 4, 0.4, 200, Hot.EVENLY, Duration.ofMillis(100));
  }

  /** The same at another rate. */
  public Demand rate(double perSecond) {
    return new Demand(
        mode,
        perSecond,
        keys,
        frontEnd,
        batch,
        limits,
        coresPerNode,
        headroom,
        roundTripMicros,
        hot,
        lease);
  }

  /** The same, asked otherwise. */
  public Demand asked(FrontEnd by, int checksPerRequest) {
    return new Demand(
        mode,
        rate,
        keys,
        by,
        checksPerRequest,
        limits,
        coresPerNode,
        headroom,
        roundTripMicros,
        hot,
        lease);
  }

  /** The same with so many limits on each key. */
  public Demand limits(int perCheck) {
    return new Demand(
        mode,
        rate,
        keys,
        frontEnd,
        batch,
        perCheck,
        coresPerNode,
        headroom,
        roundTripMicros,
        hot,
        lease);
  }

  /** The same on other machines and another network. */
  public Demand on(int cores, double free, double microsToRedis) {
    return new Demand(
        mode, rate, keys, frontEnd, batch, limits, cores, free, microsToRedis, hot, lease);
  }

  /** The same with some keys asked for more often than others. */
  public Demand hot(Hot which, Duration leaseLifetime) {
    return new Demand(
        mode,
        rate,
        keys,
        frontEnd,
        batch,
        limits,
        coresPerNode,
        headroom,
        roundTripMicros,
        which,
        leaseLifetime);
  }

  static void within(String name, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new IllegalArgumentException(
          name + ": " + plain(value) + " (expected: " + plain(least) + ".." + plain(most) + ")");
    }
  }

  private static String plain(double value) {
    return Double.isFinite(value)
        ? new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString()
        : Double.toString(value);
  }
}
