// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import dev.weir.core.Mode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Writes a report as tables for a terminal. */
public final class ReportText {

  private static final int WIDEST = 60;
  private static final int BARS = 40;
  private static final int MOST_ROWS = 24;

  private final SimulationReport report;
  private final StringBuilder out = new StringBuilder();

  private ReportText(SimulationReport report) {
    this.report = report;
  }

  /** The report; lines end with a line feed, and nothing in it moves a cursor. */
  public static String of(SimulationReport report) {
    return new ReportText(report).write();
  }

  private String write() {
    input();
    for (SimulationReport.PolicyResult result : report.results()) {
      result(result);
    }
    report.comparison().ifPresent(this::comparison);
    series();
    return out.toString();
  }

  private void input() {
    SimulationReport.Input input = report.input();
    line(
        String.join(", ", input.logs())
            + ": "
            + number(input.requests())
            + " requests in "
            + number(input.lines())
            + " lines"
            + (report.interrupted() ? ", interrupted" : ""));
    if (input.requests() > 0) {
      line("  from " + moment(input.firstMicros()) + " to " + moment(input.lastMicros()));
    }
    if (input.skipped() > 0) {
      line("  skipped    " + number(input.skipped()) + " outside the span of time");
    }
    if (input.late() > 0) {
      line(
          "  late       "
              + number(input.late())
              + " judged when they came, up to "
              + seconds(input.latestMicros())
              + " after their time");
    }
    if (input.malformed() > 0) {
      line("  malformed  " + number(input.malformed()));
      for (Malformed bad : input.examples()) {
        line("    " + bad.log() + ':' + bad.line() + ": " + bad.problem() + ": " + bad.excerpt());
      }
    }
    input.notes().forEach(note -> line("  note       " + note));
  }

  private void result(SimulationReport.PolicyResult result) {
    line("");
    line(
        result.name()
            + ": denied "
            + number(result.denied())
            + " of "
            + number(result.requests())
            + percent(result.denied(), result.requests()));
    if (result.firstMicros().isPresent()) {
      line("  first " + moment(result.firstMicros()) + ", last " + moment(result.lastMicros()));
    }
    StringBuilder reasons = new StringBuilder();
    result
        .reasons()
        .forEach(
            (reason, n) ->
                reasons.append("  ").append(reason.word()).append(' ').append(number(n)));
    if (!reasons.isEmpty()) {
      line("  reasons " + reasons);
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("limit", "rate", "judged", "over", "denied", "first", "last"));
    for (SimulationReport.LimitResult limit : result.limits()) {
      rows.add(
          List.of(
              limit.policy()
                  + '/'
                  + limit.limit()
                  + (limit.mode() == Mode.ENFORCED
                      ? ""
                      : " (" + limit.mode().name().toLowerCase(Locale.ROOT) + ")"),
              limit.rate(),
              number(limit.judged()),
              number(limit.over()),
              number(limit.denied()),
              moment(limit.firstMicros()),
              moment(limit.lastMicros())));
    }
    table(rows, 2, 3, 4);
    keys("denied most", result.keys());
    if (result.keysDenied() > result.keys().size()) {
      line("  and " + number(result.keysDenied() - result.keys().size()) + " more keys");
    }
    if (result.forgotten() > 0) {
      line(
          "  "
              + number(result.forgotten())
              + " denials are of keys that were forgotten at the bound on keys; a count above lacks "
              + number(result.mayLack())
              + " at most");
    }
  }

  private void keys(String title, List<SimulationReport.KeyResult> keys) {
    if (keys.isEmpty()) {
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of(title, "limit", "denied", "first", "last"));
    for (SimulationReport.KeyResult key : keys) {
      rows.add(
          List.of(
              key.text(),
              key.policy() + '/' + key.limit(),
              number(key.count()),
              moment(key.firstMicros()),
              moment(key.lastMicros())));
    }
    table(rows, 2);
  }

  private void comparison(SimulationReport.Comparison comparison) {
    String one = report.results().getFirst().name();
    String other = report.results().get(1).name();
    line("");
    line(other + " in place of " + one);
    line("  denied by both         " + number(comparison.both()));
    line("  denied by it alone     " + number(comparison.lost()));
    line("  no longer denied       " + number(comparison.gained()));
    keys("keys that lose", comparison.losing());
    keys("keys that gain", comparison.gaining());
  }

  private void series() {
    SimulationReport.Series series = report.series();
    int buckets = series.requests().size();
    if (buckets < 2) {
      return;
    }
    int together = Math.ceilDiv(buckets, MOST_ROWS);
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("from", "requests"));
    for (int i = 0; i < series.denied().size(); i++) {
      head.add(i == 0 ? "denied" : "denied by the other");
    }
    head.add("");
    rows.add(head);
    long most = 1;
    for (int from = 0; from < buckets; from += together) {
      most = Math.max(most, sum(series.requests(), from, together));
    }
    for (int from = 0; from < buckets; from += together) {
      long requests = sum(series.requests(), from, together);
      List<String> row = new ArrayList<>();
      row.add(moment(series.startMicros() + from * series.widthMicros()));
      row.add(number(requests));
      long denied = 0;
      for (List<Long> each : series.denied()) {
        denied = sum(each, from, together);
        row.add(number(denied));
      }
      long first = sum(series.denied().getFirst(), from, together);
      row.add(bar(requests, first, most));
      rows.add(row);
    }
    line("");
    line("over time, " + seconds(together * series.widthMicros()) + " each");
    table(rows, 1, 2, report.results().size() > 1 ? 3 : 2);
  }

  private static long sum(List<Long> values, int from, int count) {
    long sum = 0;
    for (int i = from; i < Math.min(values.size(), from + count); i++) {
      sum += values.get(i);
    }
    return sum;
  }

  /** Denied ones as {@code x}, the others as {@code .}; any denial shows. */
  private static String bar(long requests, long denied, long most) {
    int length = (int) Math.ceilDiv(requests * BARS, most);
    int bad = requests == 0 ? 0 : (int) Math.ceilDiv(denied * length, requests);
    return "x".repeat(bad) + ".".repeat(length - bad);
  }

  private void table(List<List<String>> rows, Integer... right) {
    List<Integer> toRight = List.of(right);
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], cut(row.get(i)).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String cell = cut(row.get(i));
        String pad = " ".repeat(widths[i] - cell.length());
        text.append("  ").append(toRight.contains(i) ? pad + cell : cell + pad);
      }
      line(text.toString().stripTrailing());
    }
  }

  private static String cut(String cell) {
    return cell.length() <= WIDEST ? cell : cell.substring(0, WIDEST - 1) + '…';
  }

  private void line(String text) {
    out.append(Texts.printable(text)).append('\n');
  }

  static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  static String percent(long part, long whole) {
    return whole == 0 ? "" : String.format(Locale.ROOT, " (%.3g %%)", 100.0 * part / whole);
  }

  private static String seconds(long micros) {
    return micros % 1_000_000 == 0
        ? micros / 1_000_000 + " s"
        : String.format(Locale.ROOT, "%.6f s", micros / 1e6);
  }

  private static String moment(Optional<Long> micros) {
    return micros.map(ReportText::moment).orElse("-");
  }

  static String moment(long micros) {
    return Instant.ofEpochSecond(
            Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000)
        .toString();
  }
}
