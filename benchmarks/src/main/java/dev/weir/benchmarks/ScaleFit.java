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
  static final List<ScaleSetup> HELD_OUT =
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
      double rounds,
      double modelRounds,
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
    fit(found, rows(known, ScaleFit::instanceParts, run -> run.figure("instance-micros")));
    List<Row> ofRedis = rows(onRedis, ScaleFit::redisParts, run -> run.figure("redis-micros"));
    table.busyRounds().forEach(each -> ofRedis.add(busyRound(each[0], each[1])));
    fit(found, ofRedis);
    fit(
        found,
        rows(onRedis, run -> Cost.redisByteParts(measured(run)), run -> run.figure("redis-bytes")));
    fit(found, rows(known, run -> Cost.clientByteParts(measured(run)), ScaleFit::clientBytes));
    found.put(Coefficient.LEASE_PURCHASES, purchases(known));
    found.put(Coefficient.GATHERING, gathering(onRedis));
    found.put(Coefficient.GATHERING_PURCHASES, gatheringPurchases(onRedis));
    memory(found, table.memory());
    idle(found, table.idle());
    return new ScaleFit(table, Coefficients.of(found).rounded());
  }

  private static List<ScaleRun> closed(ScaleTable table) {
    return table.runs().stream()
        .filter(run -> run.setup().system().equals(ScaleSetup.WEIR) && run.setup().rate() == 0)
        .toList();
  }

  /** How often each part of the work was done for a decision, and what all of it took. */
  private record Row(Map<Coefficient, Double> parts, double measured) {}

  private static List<Row> rows(
      List<ScaleRun> runs,
      Function<ScaleRun, Map<Coefficient, Double>> parts,
      ToDoubleFunction<ScaleRun> figure) {
    List<Row> rows = new ArrayList<>();
    runs.forEach(run -> rows.add(new Row(parts.apply(run), figure.applyAsDouble(run))));
    return rows;
  }

  private static void fit(Map<Coefficient, Double> found, List<Row> rows) {
    Set<Coefficient> names = new TreeSet<>();
    rows.forEach(row -> names.addAll(row.parts.keySet()));
    List<Coefficient> columns = List.copyOf(names);
    List<double[]> relative = new ArrayList<>();
    List<Double> ones = new ArrayList<>();
    for (Row row : rows) {
      relative.add(
          columns.stream()
              .mapToDouble(name -> row.parts.getOrDefault(name, 0.0) / row.measured)
              .toArray());
      ones.add(1.0);
    }
    double[] factors = LeastSquares.nonNegative(relative, ones);
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
    return Cost.instanceParts(
        measured(run), asleep(perLoop(run.setup(), rate(run)) * run.figure("instance-micros")));
  }

  private static double asleep(double microsPerSecond) {
    return Math.max(0, 1 - microsPerSecond / 1e6);
  }

  private static double rate(ScaleRun run) {
    return run.figure("decisions-per-second");
  }

  private static double perLoop(ScaleSetup setup, double rate) {
    return rate / (setup.instances() * setup.loops());
  }

  private static double perShard(ScaleSetup setup, double rate) {
    return rate / Math.max(1, setup.shards());
  }

  private static Map<Coefficient, Double> redisParts(ScaleRun run) {
    return Cost.redisParts(
        measured(run), asleep(perShard(run.setup(), rate(run)) * run.figure("redis-micros")));
  }

  /* A check in each round, of a Redis that was so busy. */
  private static Row busyRound(double micros, double busy) {
    return new Row(
        Cost.redisParts(new Traffic(FrontEnd.GRPC, 1, 1, 1, 0, 1, 1), Math.max(0, 1 - busy)),
        micros);
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
                run -> measured(run).purchases() * rate(run) / leasesPerSecond(run.setup()))
            .toArray());
  }

  private static double leasesPerSecond(ScaleSetup setup) {
    return LEASES_A_SECOND * ScaleSetup.HOT_KEYS * setup.instances();
  }

  private static double gathering(List<ScaleRun> runs) {
    return median(
        runs.stream()
            .filter(run -> run.setup().mode().equals(ScaleSetup.EXACT))
            .filter(run -> !full(run))
            .mapToDouble(run -> measured(run).roundChecks() / inFlight(run.setup()))
            .toArray());
  }

  /* Of runs that bought and did little else. */
  private static double gatheringPurchases(List<ScaleRun> runs) {
    return median(
        runs.stream()
            .filter(run -> measured(run).purchases() > 0 && measured(run).checks() == 0)
            .mapToDouble(
                run ->
                    (measured(run).roundChecks() - 1)
                        / (measured(run).purchases() * inFlight(run.setup())))
            .toArray());
  }

  /* Rounds that could not carry more, and those that carry hardly more than one, say nothing. */
  private static boolean full(ScaleRun run) {
    double checks = measured(run).roundChecks();
    double most = Traffic.mostInRound(run.setup().limits());
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
      Traffic traffic = predicted(run.setup(), rate(run));
      Cost cost =
          Cost.at(
              traffic,
              coefficients,
              perLoop(run.setup(), rate(run)),
              perShard(run.setup(), rate(run)));
      all.add(
          new Comparison(
              run.setup(),
              heldOut(run.setup()),
              run.figure("instance-micros"),
              cost.instanceMicros(),
              run.figure("redis-micros"),
              cost.redisMicros(),
              run.figure("reads"),
              traffic.rounds(),
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
    double inFlight = inFlight(setup);
    return traffic(
        setup,
        checks,
        purchases,
        Traffic.inRound(
            inFlight * (checks + purchases),
            inFlight * purchases,
            coefficients.of(Coefficient.GATHERING),
            coefficients,
            setup.limits()));
  }
}
