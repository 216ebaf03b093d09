// SPDX-License-Identifier: Apache-2.0
package dev.weir.sizing;

import static dev.weir.sizing.Coefficient.INSTANCE_IDLE;
import static dev.weir.sizing.Coefficient.LEASE_PURCHASES;
import static dev.weir.sizing.Coefficient.MEMORY_CLUSTER;
import static dev.weir.sizing.Coefficient.MEMORY_KEY;
import static dev.weir.sizing.Coefficient.MEMORY_LIMIT;
import static dev.weir.sizing.Coefficient.REDIS_IDLE;
import static dev.weir.sizing.Coefficient.REDIS_INSTANCE;

/**
 * What a demand takes.
 *
 * @param demand what is asked
 * @param nodes instances
 * @param shards of Redis; 0 in memory, 1 for a single server, more for a cluster
 * @param traffic of a decision
 * @param cost of a decision
 * @param leasedKeys keys that every instance leases
 * @param leasedShare of the decisions that need no Redis
 * @param nodeBusy share of the instances' processors
 * @param shardBusy share of each shard's one processor
 * @param redisBytes of memory in all shards together
 * @param clientGigabits a second between clients and all instances
 * @param redisGigabits a second between all instances and all shards
 * @param meanMicros from a request's arrival at an instance to its answer
 * @param p99Micros that 99 of 100 answers do not exceed, if nothing stands still
 */
public record Size(
    Demand demand,
    int nodes,
    int shards,
    Traffic traffic,
    Cost cost,
    long leasedKeys,
    double leasedShare,
    double nodeBusy,
    double shardBusy,
    double redisBytes,
    double clientGigabits,
    double redisGigabits,
    double meanMicros,
    double p99Micros) {

  private static final int MOST = 1_000_000;
  private static final int HALVINGS = 50;
  /* Ethernet, IP and TCP with timestamps; a round is a packet each way and an acknowledgement. */
  private static final double ROUND_HEADER_BYTES = 3 * (38 + 20 + 32);

  /**
   * The smallest fleet that serves a demand with its headroom.
   *
   * @throws IllegalArgumentException if a million nodes or shards are not enough
   */
  public static Size of(Demand demand, Coefficients coefficients) {
    return of(demand, coefficients, 0);
  }

  /**
   * The same on at least so many shards, such as those that are there.
   *
   * @param leastShards 0 for as few as will do
   */
  public static Size of(Demand demand, Coefficients coefficients, int leastShards) {
    int nodes = 1;
    int shards = demand.mode() == Mode.MEMORY ? 0 : Math.max(1, leastShards);
    // More of either makes smaller batches, which cost more: until both are enough.
    while (nodes <= MOST && shards <= MOST) {
      Size size = at(demand, coefficients, nodes, shards);
      int wantedNodes = grown(nodes, size.nodeBusy, demand);
      int wantedShards = shards == 0 ? 0 : grown(shards, size.shardBusy, demand);
      if (wantedNodes == nodes && wantedShards == shards) {
        return size;
      }
      nodes = wantedNodes;
      shards = wantedShards;
    }
    throw tooMuch(demand);
  }

  /** As few nodes as will do on exactly so many shards, whether those are enough or not. */
  public static Size onShards(Demand demand, Coefficients coefficients, int shards) {
    int nodes = 1;
    while (nodes <= MOST) {
      Size size = at(demand, coefficients, nodes, shards);
      int wanted = grown(nodes, size.nodeBusy, demand);
      if (wanted == nodes) {
        return size;
      }
      nodes = wanted;
    }
    throw tooMuch(demand);
  }

  private static IllegalArgumentException tooMuch(Demand demand) {
    return new IllegalArgumentException(
        "rate: " + demand.rate() + " (expected: what " + MOST + " nodes and shards can serve)");
  }

  private static int grown(int count, double busy, Demand demand) {
    double full = busy / (1 - demand.headroom());
    return full <= 1 ? count : Math.max(count + 1, (int) Math.min(MOST + 1.0, count * full));
  }

  /** What so many nodes and shards do under a demand, whether they are enough or not. */
  public static Size at(Demand demand, Coefficients coefficients, int nodes, int shards) {
    Hot.Leased leased =
        demand.mode() == Mode.LEASED
            ? demand.hot().leased(demand.rate(), demand.keys(), nodes)
            : new Hot.Leased(0, 0);
    double checks = shards == 0 ? 0 : 1 - leased.share();
    double purchases = purchases(demand, coefficients, leased, nodes);
    Gathered gathered = gather(demand, coefficients, nodes, shards, checks, purchases);
    Traffic traffic = gathered.traffic;
    Cost cost = Cost.of(traffic, coefficients);
    double rate = demand.rate();
    double nodeBusy =
        (rate * cost.instanceMicros() / nodes + coefficients.of(INSTANCE_IDLE))
            / 1e6
            / demand.coresPerNode();
    double keyBytes =
        coefficients.of(MEMORY_KEY)
            + coefficients.of(MEMORY_LIMIT) * (demand.limits() - 1)
            + (shards > 1 ? coefficients.of(MEMORY_CLUSTER) : 0);
    Latency latency = Latency.of(demand, traffic, cost, nodeBusy, gathered.shardBusy);
    return new Size(
        demand,
        nodes,
        shards,
        traffic,
        cost,
        leased.keys(),
        leased.share(),
        nodeBusy,
        gathered.shardBusy,
        shards == 0 ? 0 : (double) demand.keys() * keyBytes,
        rate * cost.clientBytes() * 8 / 1e9,
        rate * (cost.redisBytes() + traffic.rounds() * ROUND_HEADER_BYTES) * 8 / 1e9,
        latency.meanMicros(),
        latency.p99Micros());
  }

  private static double purchases(
      Demand demand, Coefficients coefficients, Hot.Leased leased, int nodes) {
    if (leased.keys() == 0) {
      return 0;
    }
    double perSecond =
        (double) leased.keys()
            * nodes
            * coefficients.of(LEASE_PURCHASES)
            / (demand.lease().toMillis() / 1e3);
    // A purchase serves a check at least.
    return Math.min(leased.share(), perSecond / demand.rate());
  }

  /** What goes to Redis with rounds of a size, how busy it is, and which size would follow. */
  private record Gathered(Traffic traffic, double shardBusy, double next) {}

  /*
   * While two rounds of a connection are under way, checks gather: half of what comes during a round
   * trip. A larger batch makes a longer trip, which makes a larger batch: the smallest that holds is
   * looked for by halving, since stepping from one to the next may swing.
   */
  private static Gathered gather(
      Demand demand,
      Coefficients coefficients,
      int nodes,
      int shards,
      double checks,
      double purchases) {
    if (shards == 0) {
      return new Gathered(traffic(demand, shards, checks, purchases, 1), 0, 1);
    }
    double least = 1;
    double most = Traffic.mostInRound(demand.limits());
    if (gathered(demand, coefficients, nodes, shards, checks, purchases, least).next > 1) {
      for (int i = 0; i < HALVINGS; i++) {
        double middle = (least + most) / 2;
        Gathered at = gathered(demand, coefficients, nodes, shards, checks, purchases, middle);
        least = at.next > middle ? middle : least;
        most = at.next > middle ? most : middle;
      }
      least = most;
    }
    return gathered(demand, coefficients, nodes, shards, checks, purchases, least);
  }

  private static Gathered gathered(
      Demand demand,
      Coefficients coefficients,
      int nodes,
      int shards,
      double checks,
      double purchases,
      double roundChecks) {
    double perShard = demand.rate() / shards;
    double perLane = perShard * (checks + purchases) / nodes / demand.coresPerNode();
    Traffic traffic = traffic(demand, shards, checks, purchases, roundChecks);
    double micros = Cost.of(traffic, coefficients).redisMicros();
    double idle = coefficients.of(REDIS_IDLE) + nodes * coefficients.of(REDIS_INSTANCE);
    double busy = (perShard * micros + idle) / 1e6;
    double roundTrip = demand.roundTripMicros() + Latency.redisMicros(traffic, micros, busy);
    double inFlight = perLane * roundTrip / 1e6;
    double next =
        Traffic.inRound(
            inFlight,
            inFlight * purchases / (checks + purchases),
            0.5,
            coefficients,
            demand.limits());
    return new Gathered(traffic, busy, next);
  }

  private static Traffic traffic(
      Demand demand, int shards, double checks, double purchases, double roundChecks) {
    return new Traffic(
        demand.frontEnd(), demand.batch(), demand.limits(), checks, purchases, shards, roundChecks);
  }

  /**
   * The greatest rate that so many shards serve with the headroom that a demand wants, however many
   * nodes it takes; 0 if none.
   */
  public static double mostRate(Demand demand, Coefficients coefficients, int shards) {
    double least = 0;
    double most = 1e9;
    for (int i = 0; i < 60; i++) {
      double rate = (least + most) / 2;
      boolean fits = rate >= 1 && serve(demand.rate(rate), coefficients, shards);
      least = fits ? rate : least;
      most = fits ? most : rate;
    }
    return least;
  }

  private static boolean serve(Demand demand, Coefficients coefficients, int shards) {
    try {
      return onShards(demand, coefficients, shards).shardBusy <= 1 - demand.headroom();
    } catch (IllegalArgumentException e) {
      // More nodes than there are anywhere.
      return false;
    }
  }

  /** Processors of all instances together. */
  public int cores() {
    return nodes * demand.coresPerNode();
  }

  /** How busy the instances' processors are when one of the instances is away. */
  public double nodeBusyWithOneLess() {
    return nodeBusy * nodes / Math.max(1, nodes - 1);
  }

  /** What has to grow first when the rate does. */
  public String limitedBy() {
    return shards == 0 || nodeBusy >= shardBusy
        ? "the instances' processors"
        : "the shards' processors";
  }
}
