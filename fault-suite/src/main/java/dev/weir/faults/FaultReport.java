// SPDX-License-Identifier: Apache-2.0
package dev.weir.faults;

import dev.weir.redis.RedisOptions;
import dev.weir.redis.fixtures.RedisProcess;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** Runs faults and prints what they did as a table. */
public final class FaultReport {
  private static final double NANOS_PER_MILLI = 1e6;

  private FaultReport() {}

  /**
   * Runs the faults at a rate of checks.
   *
   * @param names which; all if none
   * @return whether every promise held
   */
  public static boolean run(PrintStream out, long seed, int perSecond, List<String> names) {
    FaultSuite.Settings settings =
        new FaultSuite.Settings(
            seed,
            perSecond,
            Duration.ofSeconds(2),
            Duration.ofSeconds(3),
            RedisOptions.DEFAULT_TIMEOUT,
            Duration.ofMillis(10));
    FaultSuite suite = new FaultSuite(settings);
    suite.warmUp();
    out.printf("%nseed %d, %d checks/s%n%n", seed, perSecond);
    out.println(
        "| fault | checks | store: yes | no | policy: yes | no | unknown | lost | phantom"
            + " | longest ms | away p99 ms | back after ms |");
    out.println("|---|---|---|---|---|---|---|---|---|---|---|---|");
    List<String> broken = new ArrayList<>();
    for (String name : names.isEmpty() ? suite.faults() : names) {
      if (name.equals(FaultSuite.CLOCK_MOVED) && !RedisProcess.canMoveClock()) {
        out.println("| " + name + " | not run: valkey-server or faketime is missing |");
        continue;
      }
      Findings findings = suite.run(name);
      out.println(row(findings));
      findings.broken().forEach(promise -> broken.add(name + ": " + promise));
    }
    out.println();
    out.println(broken.isEmpty() ? "every promise held" : "broken promises:");
    broken.forEach(promise -> out.println("  " + promise));
    return broken.isEmpty();
  }

  private static String row(Findings found) {
    return String.format(
        Locale.ROOT,
        "| %s | %d | %d | %d | %d | %d | %d | %d | %d | %.1f | %s | %s |",
        found.fault(),
        found.checks(),
        found.allowedByStore(),
        found.deniedByStore(),
        found.allowedByPolicy(),
        found.deniedByPolicy(),
        found.unknown(),
        found.lost(),
        found.phantom(),
        found.longestNanos() / NANOS_PER_MILLI,
        millis(found.awayP99Nanos()),
        millis(found.backNanos()));
  }

  private static String millis(OptionalLong nanos) {
    return nanos.isEmpty()
        ? "–"
        : String.format(Locale.ROOT, "%.1f", nanos.getAsLong() / NANOS_PER_MILLI);
  }
}
