// SPDX-License-Identifier: Apache-2.0
package dev.weir.sizing;

/**
 * How long an answer takes, from a request's arrival at an instance.
 *
 * @param meanMicros the average
 * @param p99Micros that 99 of 100 do not exceed
 */
record Latency(double meanMicros, double p99Micros) {

  /*
   * Each processor is a queue whose work comes at random and takes the same time each (M/D/1): the
   * mean wait is s·u ÷ 2(1 − u) for a service time s and a use u, and the chance to wait longer than
   * t falls about as u·exp(−2(1 − u)t ÷ s). Standing still (the collector's pauses, a busy
   * hypervisor) is in none of it.
   */

  static Latency of(Demand demand, Traffic traffic, Cost cost, double nodeBusy, double shardBusy) {
    double service = cost.instanceMicros() * demand.batch();
    double mean = service + meanWait(service, nodeBusy);
    double p99 = service + p99Wait(service, nodeBusy);
    double asking = traffic.checks();
    if (asking > 0) {
      double round = roundMicros(traffic, cost.redisMicros());
      double roundTrip =
          demand.roundTripMicros() + redisMicros(traffic, cost.redisMicros(), shardBusy);
      // Who finds two rounds under way waits for one to come back: half of a trip, or all of it.
      boolean gathers = traffic.roundChecks() > 1;
      mean += asking * roundTrip * (gathers ? 1.25 : 1);
      if (asking > 0.01) {
        p99 +=
            demand.roundTripMicros() * (gathers ? 1.5 : 1)
                + round
                + p99Wait(round, shardBusy) * (gathers ? 1.5 : 1);
      }
    }
    return new Latency(mean, Math.max(mean, p99));
  }

  /** Time that a round spends at a shard. */
  static double redisMicros(Traffic traffic, double microsOfDecision, double busy) {
    double round = roundMicros(traffic, microsOfDecision);
    return round + meanWait(round, busy);
  }

  private static double roundMicros(Traffic traffic, double microsOfDecision) {
    return traffic.rounds() == 0 ? 0 : microsOfDecision / traffic.rounds();
  }

  private static double meanWait(double service, double busy) {
    double use = Math.min(busy, 0.99);
    return service * use / (2 * (1 - use));
  }

  private static double p99Wait(double service, double busy) {
    double use = Math.min(busy, 0.99);
    return Math.max(0, service * Math.log(100 * use) / (2 * (1 - use)));
  }
}
