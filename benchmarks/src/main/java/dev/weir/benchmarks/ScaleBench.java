// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What does a decision cost, in processor time of the instances and of Redis and in bytes, with
 * one, two and four instances, one, two and three shards of Redis, one and two event loops, exact,
 * leased and in memory? All processes share the machine's processors, so that rates say little and
 * times per decision much. All are started at first, and measured in turns, in rounds.
 *
 * <p>{@code ./weir bench scale > FILE}, {@code ./weir bench scale quick > FILE}, or {@code ./weir
 * bench scale held-out > FILE} for what the model is held against. The file is a table of
 * comma-separated values that {@code ./weir bench scale fit FILE} reads; progress goes to standard
 * error.
 */
final class ScaleBench {

  private static final int OPEN_RATE = 4_000;
  private static final int IDLE_MILLIS = 4_000;
  private static final String ENVOY = "envoy";
  private static final String CRAB = "throttlecrab";

  /**
   * How long things take.
   *
   * @param setups what is measured
   * @param rounds how often
   * @param warmUpMillis of each fleet before the first round
   * @param firstMillis of each run before the first round
   * @param leadMillis of each run that do not count
   * @param millis of each run that count
   */
  private record Pace(
      List<ScaleSetup> setups,
      int rounds,
      int warmUpMillis,
      int firstMillis,
      int leadMillis,
      int millis) {}

  private static final Pace WHOLE = new Pace(ScaleSetup.all(), 3, 8_000, 1_500, 400, 1_600);
  private static final Pace QUICK = new Pace(ScaleSetup.few(), 1, 7_000, 1_500, 300, 1_000);
  private static final Pace HELD_OUT = new Pace(ScaleSetup.unseen(), 3, 8_000, 1_500, 400, 1_600);

  private final Path program;
  private final Pace pace;
  private final List<ScaleSetup> setups;
  private final Map<String, ScaleFleet> fleets = new LinkedHashMap<>();
  private final Map<String, byte[][]> messages = new LinkedHashMap<>();

  private ScaleBench(Path program, Pace pace) {
    this.program = program;
    this.pace = pace;
    this.setups = new ArrayList<>(pace.setups);
  }

  /** Everything. */
  static ScaleBench whole(Path program) {
    return new ScaleBench(program, WHOLE);
  }

  /** What shows that everything works. */
  static ScaleBench quick(Path program) {
    return new ScaleBench(program, QUICK);
  }

  /** The setups that the model is held against, and nothing else. */
  static ScaleBench heldOut(Path program) {
    return new ScaleBench(program, HELD_OUT);
  }

  void run() throws IOException, InterruptedException {
    long start = System.nanoTime();
    try {
      System.out.println("# run," + ScaleRun.head());
      System.out.println("# exactness," + ScaleExactness.HEAD);
      System.out.println("# memory,shards,limits,bytes-per-key");
      System.out.println("# round,redis-micros,busy");
      System.out.println("# idle,shards,loops,instances,instance-micros,redis-micros");
      startAll(start);
      if (pace != HELD_OUT) {
        startPeers(start);
      }
      for (ScaleSetup setup : setups) {
        var unused = measure(setup, 0, pace.firstMillis);
      }
      tell(start, "warm");
      for (int round = 1; round <= pace.rounds; round++) {
        if (pace != HELD_OUT) {
          put(ScaleRounds.of(fleet(ScaleSetup.of(ScaleSetup.EXACT, 1, 1, 1)), pace.millis));
        }
        for (ScaleSetup setup : setups) {
          put(measure(setup, round, pace.millis));
          if (setup.plain()) {
            put(measure(setup.rate(OPEN_RATE), round, pace.millis));
            if (setup.frontEnd().equals("grpc")) {
              exactness(setup, round);
            }
          }
        }
      }
      if (pace != HELD_OUT) {
        memory();
        idle();
      }
      tell(start, "done");
    } finally {
      for (ScaleFleet fleet : fleets.values()) {
        fleet.close();
      }
    }
  }

  private static void put(ScaleRun run) {
    System.out.println("run," + run.line());
    System.err.println(run.text());
  }

  private static void put(ScaleRounds rounds) {
    System.out.println("round," + rounds.line());
    System.err.println(rounds.text());
  }

  private void exactness(ScaleSetup setup, int round) throws InterruptedException {
    ScaleFleet fleet = fleet(setup);
    if (setup.system().equals(CRAB)) {
      // Its own protocol; instances share nothing.
      return;
    }
    ScaleExactness exactness =
        setup.mode().equals(ScaleSetup.LEASED)
            ? ScaleExactness.leased(fleet, setup, round)
            : ScaleExactness.once(fleet, setup, round);
    System.out.println("exactness," + exactness.line());
    System.err.println("         " + exactness.text());
  }

  /** What a key takes in Redis, on a single server and in a cluster. */
  private void memory() throws IOException, InterruptedException {
    for (int shards : List.of(1, 3)) {
      ScaleFleet fleet = fleet(ScaleSetup.of(ScaleSetup.EXACT, 1, shards, 1));
      for (int limits : List.of(1, 3)) {
        ScaleSetup setup = ScaleSetup.of(ScaleSetup.EXACT, 1, shards, 1).limits(limits);
        fleet.flush();
        long before = fleet.redisMemory();
        try (ScaleLoad load = new ScaleLoad(setup, ScaleMessages.each(setup), fleet.ports(1))) {
          load.askEach();
        }
        double bytes = (double) (fleet.redisMemory() - before) / ScaleSetup.KEYS;
        System.out.printf(Locale.ROOT, "memory,%d,%d,%.1f%n", shards, limits, bytes);
        System.err.printf(
            Locale.ROOT, "%d shards, %d limits: %.0f bytes a key%n", shards, limits, bytes);
      }
    }
  }

  /** Processor time a second of an instance that nobody asks, and of a shard of so many. */
  private void idle() throws IOException, InterruptedException {
    Map<String, double[]> before = new LinkedHashMap<>();
    for (Map.Entry<String, ScaleFleet> fleet : fleets.entrySet()) {
      before.put(
          fleet.getKey(),
          new double[] {fleet.getValue().instanceSeconds(), fleet.getValue().redisSeconds()});
    }
    Thread.sleep(IDLE_MILLIS);
    for (Map.Entry<String, ScaleFleet> each : fleets.entrySet()) {
      String[] name = each.getKey().split(" ", -1);
      double[] then = Optional.ofNullable(before.get(each.getKey())).orElseThrow();
      ScaleFleet fleet = each.getValue();
      double scale = 1e9 / IDLE_MILLIS;
      if (name[0].equals(ScaleSetup.WEIR)) {
        System.out.printf(
            Locale.ROOT,
            "idle,%s,%s,%d,%.1f,%.1f%n",
            name[1],
            name[2],
            fleet.size(),
            (fleet.instanceSeconds() - then[0]) * scale / fleet.size(),
            (fleet.redisSeconds() - then[1]) * scale / Math.max(1, fleet.redis().size()));
      }
    }
  }

  private static void tell(long start, String what) {
    System.err.printf("%4d s  %s%n", (System.nanoTime() - start) / 1_000_000_000L, what);
  }

  private ScaleFleet fleet(ScaleSetup setup) {
    return Optional.ofNullable(fleets.get(fleetOf(setup))).orElseThrow();
  }

  private static String fleetOf(ScaleSetup setup) {
    return setup.system() + " " + setup.shards() + " " + setup.loops();
  }

  /** The peers whose programs are given, in the one way in which they can be asked. */
  private void startPeers(long start) throws IOException, InterruptedException {
    String reference = System.getenv("ENVOY_RATELIMIT");
    String crab = System.getenv("THROTTLECRAB");
    if (reference != null) {
      ScaleSetup setup = ScaleSetup.of(ScaleSetup.EXACT, 2, 1, 1).of(ENVOY);
      fleets.put(fleetOf(setup), ScaleFleet.reference(reference, 2));
      setups.add(setup.instances(1));
      setups.add(setup);
    }
    if (crab != null) {
      ScaleSetup setup = ScaleSetup.of(ScaleSetup.MEMORY, 2, 0, 1).of(CRAB);
      fleets.put(fleetOf(setup), ScaleFleet.throttlecrab(crab, 2));
      setups.add(setup.instances(1));
      setups.add(setup);
    }
    tell(start, "peers: " + (setups.size() - pace.setups.size()));
  }

  private void startAll(long start) throws IOException, InterruptedException {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (ScaleSetup setup : pace.setups) {
      counts.merge(fleetOf(setup), setup.instances(), Math::max);
    }
    for (ScaleSetup setup : pace.setups) {
      String name = fleetOf(setup);
      if (!fleets.containsKey(name)) {
        int count = Optional.ofNullable(counts.get(name)).orElse(1);
        ScaleFleet fleet = ScaleFleet.weir(program, count, setup.shards(), setup.loops());
        fleets.put(name, fleet);
        warm(fleet, setup, count);
        tell(start, "started " + count + " on " + setup.shards() + " shards");
      }
    }
  }

  private void warm(ScaleFleet fleet, ScaleSetup setup, int count) throws IOException {
    ScaleSetup all =
        ScaleSetup.of(setup.mode(), count, setup.shards(), setup.loops()).inFlight(256);
    try (ScaleLoad load = new ScaleLoad(all, messages(all), fleet.ports(count))) {
      var unused = load.run(pace.warmUpMillis);
    }
  }

  private byte[][] messages(ScaleSetup setup) {
    String name =
        setup.system() + setup.frontEnd() + setup.batch() + setup.domain() + " " + setup.hotShare();
    return messages.computeIfAbsent(name, absent -> ScaleMessages.of(setup));
  }

  private ScaleRun measure(ScaleSetup setup, int round, int millis)
      throws IOException, InterruptedException {
    ScaleFleet fleet = fleet(setup);
    try (ScaleLoad load = new ScaleLoad(setup, messages(setup), fleet.ports(setup.instances()))) {
      var unused = load.run(pace.leadMillis);
      ScaleCounters before = fleet.counters();
      double busy = ProcessorUse.machineSeconds();
      double instances = fleet.instanceSeconds();
      double redis = fleet.redisSeconds();
      ScaleLoad.Result result = load.run(millis);
      redis = fleet.redisSeconds() - redis;
      instances = fleet.instanceSeconds() - instances;
      busy = ProcessorUse.machineSeconds() - busy;
      ScaleCounters counted = fleet.counters().minus(before);
      return new ScaleRun(setup, round, figures(setup, result, instances, redis, busy, counted));
    }
  }

  private static double[] figures(
      ScaleSetup setup,
      ScaleLoad.Result result,
      double instances,
      double redis,
      double busy,
      ScaleCounters counted) {
    double decisions = (double) result.answered() * setup.batch();
    // Those that were answered while the counters were read are among these.
    double all = counted.decisions() > 0 ? counted.decisions() : decisions;
    double others = busy - instances - redis - result.loadSeconds();
    return new double[] {
      decisions / result.seconds(),
      instances * 1e6 / decisions,
      redis * 1e6 / decisions,
      result.loadSeconds() * 1e6 / decisions,
      Math.max(0, others / (Runtime.getRuntime().availableProcessors() * result.seconds())),
      result.latencies().getMean() / 1e6,
      result.latencies().getValueAtPercentile(50) / 1e6,
      result.latencies().getValueAtPercentile(99) / 1e6,
      result.failed() + counted.failures(),
      counted.checks() / all,
      counted.calls() / all,
      counted.commands() / all,
      counted.reads() / all,
      counted.sleeps() / all,
      counted.calls() == 0 ? 0 : counted.roundTripSeconds() * 1e6 / counted.calls(),
      counted.redisBytes() / all,
      counted.loopbackBytes() / all
    };
  }
}
