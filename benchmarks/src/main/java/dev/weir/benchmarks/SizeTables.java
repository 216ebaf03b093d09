// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.sizing.Coefficient;
import dev.weir.sizing.Coefficients;
import dev.weir.sizing.Demand;
import dev.weir.sizing.FrontEnd;
import dev.weir.sizing.Hot;
import dev.weir.sizing.Mode;
import dev.weir.sizing.Size;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The tables of {@code docs/scaling.md} that follow from the coefficients alone, in Markdown. */
final class SizeTables {

  private static final double MILLION = 1e6;
  private static final int TEN = 10;
  private static final Duration LEASE = Duration.ofMillis(100);
  private static final String SIZE_HEAD =
      "| | instances × cores | busy | shards | busy | Gbit/s to clients | to Redis | Redis memory |"
          + " mean ms | p99 |\n|---|---|---|---|---|---|---|---|---|---|\n";

  private SizeTables() {}

  static String coefficients(Coefficients coefficients) {
    StringBuilder table = new StringBuilder("| coefficient | value | |\n|---|---|---|\n");
    for (Coefficient each : Coefficient.values()) {
      table.append(
          String.format(
              Locale.ROOT,
              "| `%s` | %s | %s |%n",
              each.word(),
              coefficients.number(each),
              (each.unit() + " " + each.meaning()).strip()));
    }
    return table.toString();
  }

  private static Demand demand(Mode mode) {
    return Demand.of(mode, 2 * MILLION, 10_000_000);
  }

  /** What two million a second are asked as. */
  private static Map<String, Demand> twoMillionDemands() {
    Map<String, Demand> demands = new LinkedHashMap<>();
    demands.put("exact, one check a request", demand(Mode.EXACT));
    demands.put("exact, by gRPC", demand(Mode.EXACT).asked(FrontEnd.GRPC, 1));
    demands.put("exact, 100 checks a request", demand(Mode.EXACT).asked(FrontEnd.HTTP, 100));
    Demand leased = demand(Mode.LEASED).hot(Hot.of(0.9, 200), LEASE);
    demands.put("leased, 200 keys have 90 %", leased);
    demands.put(
        "leased, 200 keys have 90 %, 100 checks a request", leased.asked(FrontEnd.HTTP, 100));
    demands.put("leased, Zipf 1.0", demand(Mode.LEASED).hot(Hot.zipf(1), LEASE));
    demands.put(
        "leased for 1 s, Zipf 1.0", demand(Mode.LEASED).hot(Hot.zipf(1), LEASE.multipliedBy(10)));
    demands.put("memory, one check a request", demand(Mode.MEMORY));
    return demands;
  }

  /** As few shards as will do. */
  static String twoMillion(Coefficients coefficients) {
    StringBuilder table = new StringBuilder(SIZE_HEAD);
    twoMillionDemands()
        .forEach((name, demand) -> table.append(row(name, Size.of(demand, coefficients))));
    return table.toString();
  }

  /** The most that ten shards serve, and what it takes. */
  static String tenShards(Coefficients coefficients) {
    StringBuilder table =
        new StringBuilder(
            "| | decisions/s, 40 % free | shards full | at 2 million/s: instances × cores | shards"
                + " busy | mean ms |\n|---|---|---|---|---|---|\n");
    twoMillionDemands()
        .forEach(
            (name, demand) -> {
              if (demand.mode() != Mode.MEMORY) {
                table.append(tenShards(name, demand, coefficients));
              }
            });
    return table.toString();
  }

  private static String tenShards(String name, Demand demand, Coefficients coefficients) {
    double comfortable = Size.mostRate(demand, coefficients, TEN);
    Demand full = demand.on(demand.coresPerNode(), 0, demand.roundTripMicros());
    double most = Size.mostRate(full, coefficients, TEN);
    Size size = Size.onShards(demand, coefficients, TEN);
    boolean fits = size.shardBusy() <= 1;
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %s |%n",
        name,
        thousands(comfortable),
        thousands(most),
        fits
            ? String.format(
                Locale.ROOT,
                "%d × %d | %.0f %% | %.2f",
                size.nodes(),
                demand.coresPerNode(),
                size.shardBusy() * 100,
                size.meanMicros() / 1e3)
            : "more than ten shards can | |");
  }

  private static String thousands(double rate) {
    return String.format(Locale.ROOT, "%,d", Math.round(rate / 10_000) * 10_000).replace(',', ' ');
  }

  /** Sizes of common demands. */
  static String sizes(Coefficients coefficients) {
    StringBuilder table = new StringBuilder(SIZE_HEAD);
    for (double rate : List.of(10_000.0, 50_000.0, 100_000.0, 500_000.0, MILLION)) {
      for (Mode mode : List.of(Mode.EXACT, Mode.LEASED, Mode.MEMORY)) {
        Demand demand = Demand.of(mode, rate, 1_000_000).hot(Hot.zipf(1), LEASE);
        String name =
            String.format(Locale.ROOT, "%,.0f/s %s", rate, mode.name().toLowerCase(Locale.ROOT))
                .replace(',', ' ');
        table.append(row(name, Size.of(demand, coefficients)));
      }
    }
    return table.toString();
  }

  private static String row(String name, Size size) {
    boolean redis = size.shards() > 0;
    return String.format(
        Locale.ROOT,
        "| %s | %d × %d | %.0f %% | %s | %.2f | %s | %.2f | %.2f |%n",
        name,
        size.nodes(),
        size.demand().coresPerNode(),
        size.nodeBusy() * 100,
        redis
            ? String.format(Locale.ROOT, "%d | %.0f %%", size.shards(), size.shardBusy() * 100)
            : "|",
        size.clientGigabits(),
        redis
            ? String.format(
                Locale.ROOT, "%.2f | %s", size.redisGigabits(), memory(size.redisBytes()))
            : "|",
        size.meanMicros() / 1e3,
        size.p99Micros() / 1e3);
  }

  private static String memory(double bytes) {
    return bytes < 1e9
        ? String.format(Locale.ROOT, "%.0f MB", bytes / 1e6)
        : String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }
}
