// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.sizing.Demand;
import dev.weir.sizing.FrontEnd;
import dev.weir.sizing.Mode;
import dev.weir.sizing.Size;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How a size is told. */
final class SizeReport {

  private SizeReport() {}

  /** For people: the answer, what it rests on, and how to try it. */
  static String text(Size size) {
    List<String> lines = new ArrayList<>();
    lines.add(head(size.demand()));
    lines.add(instances(size));
    if (size.shards() > 0) {
      lines.add(
          line(
              "shards",
              size.shards() + (size.shards() == 1 ? " (a single server)" : " (a cluster)"),
              String.format(
                  Locale.ROOT, "%.0f %% busy, of one processor each", size.shardBusy() * 100)));
      lines.add(
          line(
              "Redis memory",
              memory(size.redisBytes()),
              String.format(Locale.ROOT, "%s a shard", memory(size.redisBytes() / size.shards()))));
    }
    lines.add(line("client network", gigabits(size.clientGigabits()), "with all instances"));
    if (size.shards() > 0) {
      lines.add(
          line(
              "Redis network",
              gigabits(size.redisGigabits()),
              String.format(
                  Locale.ROOT, "%s a shard", gigabits(size.redisGigabits() / size.shards()))));
    }
    lines.add(
        line(
            "latency",
            String.format(Locale.ROOT, "%.2f ms", size.meanMicros() / 1e3),
            String.format(
                Locale.ROOT,
                "mean, in an instance and to Redis; p99 %.2f ms while nothing stands still",
                size.p99Micros() / 1e3)));
    lines.add(
        line(
            "a decision",
            String.format(Locale.ROOT, "%.2f µs", size.cost().instanceMicros()),
            String.format(
                Locale.ROOT,
                "of an instance's processor, %.2f µs of Redis's, %.3f calls",
                size.cost().redisMicros(),
                size.traffic().rounds())));
    if (size.demand().mode() == Mode.LEASED) {
      lines.add(leases(size));
    }
    lines.add(line("limited by", size.limitedBy(), ""));
    lines.add("");
    lines.addAll(assumptions(size));
    lines.add("Try an instance with its share:");
    lines.add("  " + trial(size));
    return String.join("\n", lines);
  }

  private static String head(Demand demand) {
    return String.format(
        Locale.ROOT,
        "%,.0f decisions/s, %s, over %,d keys; %s, %d check%s a request, %d limit%s a check",
        demand.rate(),
        demand.mode(),
        demand.keys(),
        demand.frontEnd() == FrontEnd.GRPC ? "gRPC" : "HTTP",
        demand.batch(),
        demand.batch() == 1 ? "" : "s",
        demand.limits(),
        demand.limits() == 1 ? "" : "s");
  }

  private static String instances(Size size) {
    int cores = size.demand().coresPerNode();
    String count = size.nodes() + " × " + cores + (cores == 1 ? " core" : " cores");
    return size.nodes() == 1
        ? line(
            "instances", count, String.format(Locale.ROOT, "%.0f %% busy", size.nodeBusy() * 100))
        : line(
            "instances",
            count,
            String.format(
                Locale.ROOT,
                "%.0f %% busy; %.0f %% with one away",
                size.nodeBusy() * 100,
                size.nodeBusyWithOneLess() * 100));
  }

  private static String leases(Size size) {
    return size.leasedKeys() == 0
        ? line("leased", "nothing", "no key comes 50 times a second to an instance")
        : line(
            "leased",
            String.format(Locale.ROOT, "%,d keys", size.leasedKeys()),
            String.format(
                Locale.ROOT,
                "%.0f %% of the decisions; %.3f purchases a decision",
                size.leasedShare() * 100,
                size.traffic().purchases()));
  }

  private static String line(String name, String value, String more) {
    return String.format(Locale.ROOT, "  %-15s %-18s %s", name, value, more).stripTrailing();
  }

  private static String memory(double bytes) {
    return bytes < 1e9
        ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
        : String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }

  private static String gigabits(double gigabits) {
    return String.format(Locale.ROOT, "%.2f Gbit/s", gigabits);
  }

  private static List<String> assumptions(Size size) {
    Demand demand = size.demand();
    List<String> lines = new ArrayList<>();
    lines.add("Assumed (docs/scaling.md has all of it, and how far the model is off):");
    lines.add(
        String.format(
            Locale.ROOT,
            "  %.0f %% of each processor stays free; processors as fast as those it was measured on;",
            demand.headroom() * 100));
    if (size.shards() == 0) {
      lines.add("  instances count apart: each admits the whole limit.");
    } else {
      lines.add(
          String.format(
              Locale.ROOT,
              "  %.0f µs to Redis and back; keys spread evenly over shards, no key too hot for one;",
              demand.roundTripMicros()));
      lines.add("  no replicas, no TLS; key names of 12 bytes; every check is admitted.");
    }
    return lines;
  }

  private static String trial(Size size) {
    Demand demand = size.demand();
    double requests = demand.rate() / size.nodes() / demand.batch();
    return "weir load --url http://INSTANCE:8080 --check 'DOMAIN,KEY={key}' --keys "
        + demand.keys()
        + (demand.batch() == 1 ? "" : " --batch " + demand.batch())
        + (demand.hot().zipf() == 0 ? "" : " --zipf " + demand.hot().zipf())
        + String.format(Locale.ROOT, " --rate %.0f --duration 60s", Math.ceil(requests));
  }

  /** For programs: one object. */
  static String json(Size size) {
    Demand demand = size.demand();
    return "{\"rate\":"
        + number(demand.rate())
        + ",\"keys\":"
        + demand.keys()
        + ",\"mode\":"
        + Json.quoted(demand.mode().toString())
        + ",\"frontEnd\":"
        + Json.quoted(demand.frontEnd().toString())
        + ",\"checksPerRequest\":"
        + demand.batch()
        + ",\"limitsPerCheck\":"
        + demand.limits()
        + ",\"nodes\":"
        + size.nodes()
        + ",\"coresPerNode\":"
        + demand.coresPerNode()
        + ",\"cores\":"
        + size.cores()
        + ",\"nodeBusy\":"
        + number(size.nodeBusy())
        + ",\"shards\":"
        + size.shards()
        + ",\"shardBusy\":"
        + number(size.shardBusy())
        + ",\"redisBytes\":"
        + number(size.redisBytes())
        + ",\"clientGigabits\":"
        + number(size.clientGigabits())
        + ",\"redisGigabits\":"
        + number(size.redisGigabits())
        + ",\"latencyMicros\":{\"mean\":"
        + number(size.meanMicros())
        + ",\"p99\":"
        + number(size.p99Micros())
        + "},\"perDecision\":{\"instanceMicros\":"
        + number(size.cost().instanceMicros())
        + ",\"redisMicros\":"
        + number(size.cost().redisMicros())
        + ",\"calls\":"
        + number(size.traffic().rounds())
        + "},\"leased\":{\"keys\":"
        + size.leasedKeys()
        + ",\"share\":"
        + number(size.leasedShare())
        + "},\"limitedBy\":"
        + Json.quoted(size.limitedBy())
        + ",\"trial\":"
        + Json.quoted(trial(size))
        + "}";
  }

  private static String number(double value) {
    return value >= 1_000
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%.4f", value);
  }
}
