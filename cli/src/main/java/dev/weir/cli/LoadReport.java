// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.StringJoiner;

/**
 * What a load run found.
 *
 * @param plan what was to be done
 * @param seconds how long it took
 * @param tally what was counted
 * @param unsent requests of an open loop that fell due and found no free connection
 * @param interrupted whether it was ended early
 */
record LoadReport(LoadPlan plan, double seconds, Tally tally, long unsent, boolean interrupted) {

  private static final double[] PERCENTILES = {50, 90, 95, 99, 99.9};

  /** The report for people. */
  String text() {
    StringBuilder out = new StringBuilder(512);
    out.append(plan.target()).append(": ").append(one(seconds)).append(" s, ").append(loop());
    out.append(interrupted ? ", interrupted\n" : "\n");
    line(out, "sent", tally.sentCount(), each(tally.sentCount() / seconds) + "/s");
    if (unsent > 0) {
      line(out, "unsent", unsent, "fell due while every connection was busy");
    }
    long checks = Math.max(1, tally.allowedCount() + tally.deniedCount());
    line(out, "allowed", tally.allowedCount(), one(100.0 * tally.allowedCount() / checks) + " %");
    line(out, "denied", tally.deniedCount(), one(100.0 * tally.deniedCount() / checks) + " %");
    line(out, "errors", tally.errorCount(), kinds());
    out.append("  latency   ").append(latencies());
    return out.toString();
  }

  private static void line(StringBuilder out, String name, long count, String more) {
    String text = String.format(Locale.ROOT, "  %-8s %,13d   %s", name, count, more);
    out.append(text.stripTrailing()).append('\n');
  }

  private String loop() {
    OptionalDouble rate = plan.rate();
    String connections =
        plan.concurrency() == 1 ? "1 connection" : plan.concurrency() + " connections";
    return rate.isPresent()
        ? "open loop of " + each(rate.getAsDouble()) + "/s on at most " + connections
        : "closed loop on " + connections;
  }

  private String kinds() {
    StringJoiner kinds = new StringJoiner(", ");
    tally.errors().forEach((kind, count) -> kinds.add(count + " " + kind));
    return kinds.toString();
  }

  private String latencies() {
    StringBuilder out = new StringBuilder(128);
    for (double percentile : PERCENTILES) {
      out.append(name(percentile)).append(' ').append(millis(tally.percentileMicros(percentile)));
      out.append("   ");
    }
    return out.append("max ").append(millis(tally.maxMicros())).append(" ms").toString();
  }

  /** The report for programs: one JSON object. */
  String json() {
    StringBuilder out = new StringBuilder(512);
    out.append("{\"url\":").append(Json.quoted(plan.target().toString()));
    out.append(",\"loop\":\"").append(plan.rate().isPresent() ? "open" : "closed").append('"');
    plan.rate().ifPresent(rate -> out.append(",\"rate\":").append(plain(rate)));
    out.append(",\"connections\":").append(plan.concurrency());
    out.append(",\"seconds\":").append(String.format(Locale.ROOT, "%.3f", seconds));
    out.append(",\"interrupted\":").append(interrupted);
    out.append(",\"sent\":").append(tally.sentCount());
    out.append(",\"unsent\":").append(unsent);
    out.append(",\"answered\":").append(tally.answeredCount());
    out.append(",\"answeredPerSecond\":").append(plain(tally.answeredCount() / seconds));
    out.append(",\"allowed\":").append(tally.allowedCount());
    out.append(",\"denied\":").append(tally.deniedCount());
    out.append(",\"errors\":{");
    String separator = "";
    for (Map.Entry<String, Long> error : tally.errors().entrySet()) {
      out.append(separator)
          .append(Json.quoted(error.getKey()))
          .append(':')
          .append(error.getValue());
      separator = ",";
    }
    out.append("},\"latencyMicros\":{");
    for (double percentile : PERCENTILES) {
      out.append('"').append(name(percentile)).append("\":");
      out.append(tally.percentileMicros(percentile)).append(',');
    }
    return out.append("\"max\":").append(tally.maxMicros()).append("}}").toString();
  }

  /** The line shown while it runs. */
  static String progress(LoadRun.Standing standing) {
    Tally second = standing.lastSecond();
    Tally total = standing.total();
    return String.format(
        Locale.ROOT,
        "%4.0f s  %,9d/s   allowed %,d   denied %,d   errors %,d   p50 %s   p99 %s ms",
        standing.seconds(),
        second.answeredCount(),
        total.allowedCount(),
        total.deniedCount(),
        total.errorCount(),
        millis(second.percentileMicros(50)),
        millis(second.percentileMicros(99)));
  }

  private static String name(double percentile) {
    return "p" + plain(percentile);
  }

  private static String plain(double number) {
    return number == Math.rint(number)
        ? String.format(Locale.ROOT, "%.0f", number)
        : String.format(Locale.ROOT, "%.1f", number);
  }

  private static String each(double number) {
    return number < 100 ? plain(number) : String.format(Locale.ROOT, "%,.0f", number);
  }

  private static String one(double number) {
    return String.format(Locale.ROOT, "%.1f", number);
  }

  /** Milliseconds with three significant digits. */
  private static String millis(long micros) {
    String format = micros < 10_000 ? "%.2f" : micros < 100_000 ? "%.1f" : "%.0f";
    return String.format(Locale.ROOT, format, micros / 1e3);
  }
}
