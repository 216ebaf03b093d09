// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.util.ArrayList;
import java.util.List;

/**
 * What is measured in one run of {@link ScaleBench}.
 *
 * @param system whose processes: {@code weir}, {@code envoy} or {@code throttlecrab}
 * @param mode {@code exact}, {@code leased} or {@code memory}
 * @param frontEnd {@code grpc} or {@code http}
 * @param batch checks in a request
 * @param instances processes that are asked in turn
 * @param shards of Redis: 0 for none, 1 for a single server, more for a cluster
 * @param loops event loops of each instance
 * @param limits of the policy that decides, all on one key
 * @param hotShare share of the checks that go to a few hot keys
 * @param inFlight requests without an answer at any time, over all instances
 * @param rate requests a second in an open loop, or 0 for a closed one
 */
record ScaleSetup(
    String system,
    String mode,
    String frontEnd,
    int batch,
    int instances,
    int shards,
    int loops,
    int limits,
    double hotShare,
    int inFlight,
    int rate) {

  /** Keys that are hot where some are. */
  static final int HOT_KEYS = 64;

  /** Keys that checks are spread over evenly. */
  static final int KEYS = 100_000;

  static final String WEIR = "weir";
  static final String EXACT = "exact";
  static final String LEASED = "leased";
  static final String MEMORY = "memory";
  private static final int IN_FLIGHT = 128;

  static ScaleSetup of(String mode, int instances, int shards, int loops) {
    double hot = mode.equals(LEASED) ? 1 : 0;
    return new ScaleSetup(WEIR, mode, "grpc", 1, instances, shards, loops, 1, hot, IN_FLIGHT, 0);
  }

  ScaleSetup instances(int other) {
    return new ScaleSetup(
        system, mode, frontEnd, batch, other, shards, loops, limits, hotShare, inFlight, rate);
  }

  ScaleSetup inFlight(int other) {
    return new ScaleSetup(
        system, mode, frontEnd, batch, instances, shards, loops, limits, hotShare, other, rate);
  }

  ScaleSetup limits(int other) {
    return new ScaleSetup(
        system, mode, frontEnd, batch, instances, shards, loops, other, hotShare, inFlight, rate);
  }

  ScaleSetup hotShare(double other) {
    return new ScaleSetup(
        system, mode, frontEnd, batch, instances, shards, loops, limits, other, inFlight, rate);
  }

  ScaleSetup http(int checksPerRequest, int connections) {
    return new ScaleSetup(
        system,
        mode,
        "http",
        checksPerRequest,
        instances,
        shards,
        loops,
        limits,
        hotShare,
        connections,
        rate);
  }

  ScaleSetup rate(int perSecond) {
    return new ScaleSetup(
        system, mode, frontEnd, batch, instances, shards, loops, limits, hotShare, inFlight,
        perSecond);
  }

  /** The same of another system. */
  ScaleSetup of(String other) {
    return new ScaleSetup(
        other, mode, frontEnd, batch, instances, shards, loops, limits, hotShare, inFlight, rate);
  }

  /** The policy that decides: its domain. */
  String domain() {
    return mode.equals(LEASED) ? LEASED : limits == 1 ? EXACT : "three";
  }

  /** Whether its latency is measured at a steady rate, too. */
  boolean plain() {
    return batch == 1 && limits == 1 && inFlight == IN_FLIGHT;
  }

  String name() {
    return String.format(
        "%s %s, %d instance%s, %d shard%s, %d loop%s, %s%s%s%s, %d in flight",
        system,
        mode,
        instances,
        instances == 1 ? "" : "s",
        shards,
        shards == 1 ? "" : "s",
        loops,
        loops == 1 ? "" : "s",
        frontEnd,
        batch == 1 ? "" : " x " + batch,
        limits == 1 ? "" : ", " + limits + " limits",
        hotShare == 0 || hotShare == 1 ? "" : ", hot " + hotShare,
        inFlight);
  }

  /** All that a whole run measures. */
  static List<ScaleSetup> all() {
    List<ScaleSetup> all = new ArrayList<>();
    for (int shards = 1; shards <= 3; shards++) {
      for (int instances = 1; instances <= 4; instances *= 2) {
        all.add(of(EXACT, instances, shards, 1));
      }
    }
    all.add(of(EXACT, 1, 1, 2));
    all.add(of(EXACT, 2, 1, 2));
    all.add(of(EXACT, 2, 2, 2));
    all.add(of(EXACT, 1, 3, 2));
    all.add(of(EXACT, 1, 1, 1).inFlight(16));
    all.add(of(EXACT, 1, 1, 1).inFlight(512));
    all.add(of(EXACT, 2, 1, 1).inFlight(512));
    all.add(of(EXACT, 1, 3, 1).inFlight(16));
    all.add(of(EXACT, 1, 3, 1).inFlight(512));
    all.add(of(EXACT, 1, 1, 1).limits(3));
    all.add(of(EXACT, 1, 1, 1).http(1, 128));
    all.add(of(EXACT, 1, 1, 1).http(100, 8));
    all.add(of(EXACT, 2, 3, 1).http(100, 8));
    all.add(of(LEASED, 1, 1, 1));
    all.add(of(LEASED, 2, 1, 1));
    all.add(of(LEASED, 2, 1, 1).hotShare(0.5));
    all.add(of(LEASED, 4, 1, 1));
    all.add(of(LEASED, 2, 1, 2));
    all.add(of(LEASED, 2, 2, 1));
    all.add(of(LEASED, 4, 2, 1));
    all.add(of(LEASED, 1, 3, 1));
    all.add(of(LEASED, 2, 3, 1));
    all.add(of(LEASED, 1, 1, 1).http(100, 8));
    all.add(of(MEMORY, 1, 0, 1));
    all.add(of(MEMORY, 2, 0, 1));
    all.add(of(MEMORY, 4, 0, 1));
    all.add(of(MEMORY, 1, 0, 2));
    all.add(of(MEMORY, 2, 0, 2));
    all.add(of(MEMORY, 1, 0, 1).limits(3));
    all.add(of(MEMORY, 1, 0, 1).http(1, 128));
    all.add(of(MEMORY, 1, 0, 1).http(100, 8));
    return all;
  }

  /** What the model is held against: what it was not fitted to, and what no whole run measures. */
  static List<ScaleSetup> unseen() {
    List<ScaleSetup> unseen = new ArrayList<>(ScaleFit.HELD_OUT);
    unseen.add(of(EXACT, 3, 2, 1));
    unseen.add(of(LEASED, 3, 1, 1));
    unseen.add(of(LEASED, 3, 2, 1));
    return unseen;
  }

  /** As many as it takes to see that everything works. */
  static List<ScaleSetup> few() {
    return List.of(
        of(EXACT, 1, 1, 1),
        of(EXACT, 2, 1, 1),
        of(EXACT, 4, 1, 1),
        of(EXACT, 1, 1, 1).inFlight(16),
        of(EXACT, 1, 1, 1).inFlight(512),
        of(EXACT, 1, 1, 1).limits(3),
        of(EXACT, 1, 3, 1),
        of(EXACT, 2, 3, 1),
        of(EXACT, 1, 1, 1).http(1, 128),
        of(EXACT, 1, 1, 1).http(100, 8),
        of(LEASED, 1, 1, 1),
        of(LEASED, 2, 1, 1),
        of(LEASED, 2, 3, 1),
        of(MEMORY, 1, 0, 1),
        of(MEMORY, 2, 0, 1),
        of(MEMORY, 1, 0, 1).limits(3),
        of(MEMORY, 1, 0, 1).http(1, 128),
        of(MEMORY, 1, 0, 1).http(100, 8));
  }
}
