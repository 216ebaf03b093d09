// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.sizing.Coefficient;
import dev.weir.sizing.Coefficients;
import dev.weir.sizing.Cost;
import dev.weir.sizing.FrontEnd;
import dev.weir.sizing.Traffic;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * The coefficients of the model that come nearest to what was measured, by least squares of the
 * relative errors, without the setups that are held out; and what the model says of every setup
 * when it is given nothing but the setup and the rate.
 *
 * @param table what was measured
 * @param coefficients fitted to it
 */
record ScaleFit(ScaleTable table, Coefficients coefficients) {

  /** As in {@link ScaleFleet}: a hundred milliseconds. */
  private static final double LEASES_A_SECOND = 10;

  /** Setups that the fit does not see. */
  private static final List<ScaleSetup> HELD_OUT =
      List.of(
          ScaleSetup.of(ScaleSetup.EXACT, 2, 3, 1),
          ScaleSetup.of(ScaleSetup.EXACT, 4, 2, 1),
          ScaleSetup.of(ScaleSetup.LEASED, 2, 3, 1),
          ScaleSetup.of(ScaleSetup.LEASED, 4, 2, 1));

  /** What was measured of a setup, and what the model says. */
  record Comparison(
      ScaleSetup setup,
      boolean heldOut,
      double instanceMicros,
      double modelInstanceMicros,
      double redisMicros,
      double modelRedisMicros,
      double calls,
      double modelCalls,
      double bytes,
      double modelBytes) {

    double instanceError() {
      return modelInstanceMicros / instanceMicros - 1;
    }

    /** Of a setup with Redis. */
    double redisError() {
      return setup.shards() == 0 ? 0 : modelRedisMicros / redisMicros - 1;
    }
  }

  static boolean heldOut(ScaleSetup setup) {
    return HELD_OUT.contains(setup);
  }

  static ScaleFit of(ScaleTable table) {
    List<ScaleRun> known = closed(table).stream().filter(run -> !heldOut(run.setup())).toList();
    List<ScaleRun> onRedis = known.stream().filter(run -> run.setup().shards() > 0).toList();
    Map<Coefficient, Double> found = new EnumMap<>(Coefficient.class);
    fit(found, known, ScaleFit::instanceParts, run -> run.figure("instance-micros"));
    fit(found, onRedis, ScaleFit::redisParts, run -> run.figure("redis-micros"));
    fit(found, onRedis, ScaleFit::redisByteParts, run -> run.figure("redis-bytes"));
    fit(found, known, run -> Cost.clientByteParts(measured(run)), ScaleFit::clientBytes);
    found.put(Coefficient.LEASE_PURCHASES, purchases(known));
    found.put(Coefficient.GATHERING, gathering(onRedis, 1, 1));
    found.put(Coefficient.GATHERING_CLUSTER, gathering(onRedis, 2, Integer.MAX_VALUE));
    memory(found, table.memory());
    idle(found, table.idle());
    return new ScaleFit(table, Coefficients.of(found).rounded());
  }

  private static List<ScaleRun> closed(ScaleTable table) {
    return table.runs().stream()
        .filter(run -> run.setup().system().equals(ScaleSetup.WEIR) && run.setup().rate() == 0)
        .toList();
  }

  private static void fit(
      Map<Coefficient, Double> found,
      List<ScaleRun> runs,
      Function<ScaleRun, Map<Coefficient, Double>> parts,
      ToDoubleFunction<ScaleRun> figure) {
    Set<Coefficient> names = new TreeSet<>();
    runs.forEach(run -> names.addAll(parts.apply(run).keySet()));
    List<Coefficient> columns = List.copyOf(names);
    List<double[]> rows = new ArrayList<>();
    List<Double> ones = new ArrayList<>();
    for (ScaleRun run : runs) {
      Map<Coefficient, Double> parts1 = parts.apply(run);
      double measured = figure.applyAsDouble(run);
      rows.add(
          columns.stream()
              .mapToDouble(name -> parts1.getOrDefault(name, 0.0) / measured)
              .toArray());
      ones.add(1.0);
    }
    double[] factors = LeastSquares.nonNegative(rows, ones);
    for (int i = 0; i < factors.length; i++) {
      found.put(columns.get(i), factors[i]);
    }
  }

  /** What a decision of a run brought with it, as it was counted. */
  private static Traffic measured(ScaleRun run) {
    double checks = exactShare(run.setup());
    double purchases = Math.max(0, run.figure("store-checks") - checks);
    double rounds = run.figure("reads");
    return traffic(
        run.setup(),
        checks,
        run.setup().mode().equals(ScaleSetup.LEASED) ? purchases : 0,
        rounds == 0 ? 1 : Math.max(1, run.figure("store-checks") / rounds));
  }

  private static double exactShare(ScaleSetup setup) {
    return setup.shards() == 0
        ? 0
        : setup.mode().equals(ScaleSetup.LEASED) ? 1 - setup.hotShare() : 1;
  }

  private static Traffic traffic(
      ScaleSetup setup, double checks, double purchases, double roundChecks) {
    return new Traffic(
        setup.frontEnd().equals("grpc") ? FrontEnd.GRPC : FrontEnd.HTTP,
        setup.batch(),
        setup.limits(),
        checks,
        purchases,
        setup.shards(),
        roundChecks);
  }

  private static Map<Coefficient, Double> instanceParts(ScaleRun run) {
    Map<Coefficient, Double> parts = Cost.instanceParts(measured(run));
    parts.put(Coefficient.INSTANCE_CALL, run.figure("calls"));
    parts.put(Coefficient.INSTANCE_ROUND, run.figure("reads"));
    return parts;
  }

  private static Map<Coefficient, Double> redisParts(ScaleRun run) {
    Map<Coefficient, Double> parts = Cost.redisParts(measured(run));
    parts.put(Coefficient.REDIS_CALL, run.figure("calls"));
    parts.put(Coefficient.REDIS_ROUND, run.figure("reads"));
    return parts;
  }

  private static Map<Coefficient, Double> redisByteParts(ScaleRun run) {
    Map<Coefficient, Double> parts = Cost.redisByteParts(measured(run));
    parts.put(Coefficient.BYTES_CALL, run.figure("calls"));
    return parts;
  }

  /* What went over the loopback and was not Redis's; the heads of Redis's packets are in it. */
  private static double clientBytes(ScaleRun run) {
    return Math.max(1, run.figure("loopback-bytes") - run.figure("redis-bytes"));
  }

  /** Purchases of a hot key by an instance in the lifetime of a lease. */
  private static double purchases(List<ScaleRun> runs) {
    return median(
        runs.stream()
            .filter(run -> run.setup().mode().equals(ScaleSetup.LEASED))
            .mapToDouble(
                run ->
                    measured(run).purchases()
                        * run.figure("decisions-per-second")
                        / leasesPerSecond(run.setup()))
            .toArray());
  }

  private static double leasesPerSecond(ScaleSetup setup) {
    return LEASES_A_SECOND * ScaleSetup.HOT_KEYS * setup.instances();
  }

  private static double gathering(List<ScaleRun> runs, int least, int most) {
    return median(
        runs.stream()
            .filter(run -> run.setup().mode().equals(ScaleSetup.EXACT))
            .filter(run -> run.setup().shards() >= least && run.setup().shards() <= most)
            .filter(run -> !full(run))
            .mapToDouble(run -> measured(run).roundChecks() / inFlight(run.setup()))
            .toArray());
  }

  /* Rounds that could not carry more, and those that carry hardly more than one, say nothing. */
  private static boolean full(ScaleRun run) {
    double checks = measured(run).roundChecks();
    double most = Traffic.mostInRound(run.setup().shards(), run.setup().limits());
    return checks < 2 || checks > 0.9 * most;
  }

  /** Checks in flight for each connection between instances and shards. */
  private static double inFlight(ScaleSetup setup) {
    return (double) setup.inFlight()
        * setup.batch()
        / (setup.instances() * setup.loops() * Math.max(1, setup.shards()));
  }

  private static void memory(Map<Coefficient, Double> found, List<double[]> memory) {
    found.put(Coefficient.MEMORY_KEY, bytes(memory, 1, 1));
    found.put(Coefficient.MEMORY_LIMIT, (bytes(memory, 1, 3) - bytes(memory, 1, 1)) / 2);
    found.put(Coefficient.MEMORY_CLUSTER, Math.max(0, bytes(memory, 3, 1) - bytes(memory, 1, 1)));
  }

  private static double bytes(List<double[]> memory, int shards, int limits) {
    return memory.stream()
        .filter(row -> row[0] == shards && row[1] == limits)
        .mapToDouble(row -> row[2])
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("no memory," + shards + "," + limits + " line"));
  }

  private static void idle(Map<Coefficient, Double> found, List<double[]> idle) {
    found.put(
        Coefficient.INSTANCE_IDLE,
        median(idle.stream().filter(row -> row[0] > 0).mapToDouble(row -> row[3]).toArray()));
    List<double[]> onRedis = idle.stream().filter(row -> row[0] > 0).toList();
    double[] ofShard =
        LeastSquares.nonNegative(
            onRedis.stream().map(row -> new double[] {1, row[2]}).toList(),
            onRedis.stream().map(row -> row[4]).toList());
    found.put(Coefficient.REDIS_IDLE, ofShard[0]);
    found.put(Coefficient.REDIS_INSTANCE, ofShard[1]);
  }

  private static double median(double[] values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("too few runs to fit to");
    }
    return RedisReport.median(values);
  }

  /** Every setup of Weir that was measured in a closed loop, beside what the model says of it. */
  List<Comparison> comparisons() {
    List<Comparison> all = new ArrayList<>();
    for (ScaleRun run : closed(table)) {
      Traffic traffic = predicted(run.setup(), run.figure("decisions-per-second"));
      Cost cost = Cost.of(traffic, coefficients);
      all.add(
          new Comparison(
              run.setup(),
              heldOut(run.setup()),
              run.figure("instance-micros"),
              cost.instanceMicros(),
              run.figure("redis-micros"),
              cost.redisMicros(),
              run.figure("calls"),
              traffic.calls(),
              run.figure("redis-bytes"),
              cost.redisBytes()));
    }
    return all;
  }

  /** What a decision of a setup brings with it, of which nothing was counted but the rate. */
  private Traffic predicted(ScaleSetup setup, double rate) {
    double checks = exactShare(setup);
    double purchases =
        setup.mode().equals(ScaleSetup.LEASED)
            ? Math.min(
                setup.hotShare(),
                leasesPerSecond(setup) * coefficients.of(Coefficient.LEASE_PURCHASES) / rate)
            : 0;
    double gathered =
        coefficients.of(setup.shards() > 1 ? Coefficient.GATHERING_CLUSTER : Coefficient.GATHERING)
            * inFlight(setup)
            * (checks + purchases);
    double most = Traffic.mostInRound(setup.shards(), setup.limits());
    return traffic(setup, checks, purchases, Math.clamp(gathered, 1, most));
  }
}
