// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Writes a report as one JSON object. Times are ISO 8601 in UTC. */
public final class ReportJson {

  private static final JsonFactory FACTORY = new JsonFactory();

  private ReportJson() {}

  /** The report on one line. */
  public static String of(SimulationReport report) {
    return write(json -> report(report, json));
  }

  /** The suggestion on one line: the policy file, what was asked for, and the report. */
  public static String of(Suggestion suggestion) {
    return write(
        json -> {
          json.writeStartObject();
          json.writeStringField("policies", suggestion.yaml());
          array("demand", suggestion.demands(), ReportJson::demand, json);
          json.writeFieldName("report");
          report(suggestion.report(), json);
          json.writeEndObject();
        });
  }

  private static void demand(Demand demand, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("policy", demand.policy());
    json.writeNumberField("windowMillis", demand.window().toMillis());
    json.writeNumberField("windows", demand.windows());
    json.writeNumberField("median", demand.median());
    json.writeNumberField("percentile", demand.percentile());
    json.writeNumberField("most", demand.most());
    json.writeEndObject();
  }

  @FunctionalInterface
  private interface Body {
    void write(JsonGenerator json) throws IOException;
  }

  private static String write(Body body) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      body.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString();
  }

  private static void report(SimulationReport report, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeBooleanField("interrupted", report.interrupted());
    json.writeNumberField("seconds", report.seconds());
    json.writeFieldName("input");
    input(report.input(), json);
    array("results", report.results(), ReportJson::result, json);
    if (report.comparison().isPresent()) {
      SimulationReport.Comparison comparison = report.comparison().get();
      json.writeObjectFieldStart("comparison");
      json.writeNumberField("deniedByBoth", comparison.both());
      json.writeNumberField("newlyDenied", comparison.lost());
      json.writeNumberField("newlyAllowed", comparison.gained());
      array("losing", comparison.losing(), ReportJson::key, json);
      array("gaining", comparison.gaining(), ReportJson::key, json);
      json.writeEndObject();
    }
    series(report.series(), json);
    json.writeEndObject();
  }

  private static void input(SimulationReport.Input input, JsonGenerator json) throws IOException {
    json.writeStartObject();
    texts("logs", input.logs(), json);
    json.writeNumberField("lines", input.lines());
    json.writeNumberField("requests", input.requests());
    json.writeNumberField("malformed", input.malformed());
    array("malformedExamples", input.examples(), ReportJson::malformed, json);
    json.writeNumberField("skipped", input.skipped());
    json.writeNumberField("late", input.late());
    json.writeNumberField("latestMicros", input.latestMicros());
    boolean any = input.requests() > 0;
    moment("first", any ? Optional.of(input.firstMicros()) : Optional.empty(), json);
    moment("last", any ? Optional.of(input.lastMicros()) : Optional.empty(), json);
    json.writeBooleanField("broken", input.broken());
    texts("notes", input.notes(), json);
    json.writeEndObject();
  }

  private static void result(SimulationReport.PolicyResult result, JsonGenerator json)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("name", result.name());
    json.writeNumberField("requests", result.requests());
    json.writeNumberField("allowed", result.requests() - result.denied());
    json.writeNumberField("denied", result.denied());
    json.writeObjectFieldStart("reasons");
    for (var reason : result.reasons().entrySet()) {
      json.writeNumberField(reason.getKey().word(), reason.getValue());
    }
    json.writeEndObject();
    moment("firstDenial", result.firstMicros(), json);
    moment("lastDenial", result.lastMicros(), json);
    array("limits", result.limits(), ReportJson::limit, json);
    array("keys", result.keys(), ReportJson::key, json);
    json.writeNumberField("keysDenied", result.keysDenied());
    json.writeNumberField("forgotten", result.forgotten());
    json.writeNumberField("countsLackAtMost", result.mayLack());
    json.writeEndObject();
  }

  private static void malformed(Malformed bad, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("log", bad.log());
    json.writeNumberField("line", bad.line());
    json.writeStringField("problem", bad.problem());
    json.writeStringField("excerpt", bad.excerpt());
    json.writeEndObject();
  }

  private static void limit(SimulationReport.LimitResult limit, JsonGenerator json)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("policy", limit.policy());
    json.writeStringField("limit", limit.limit());
    json.writeStringField("rate", limit.rate());
    json.writeStringField("mode", limit.mode().name().toLowerCase(Locale.ROOT));
    json.writeNumberField("judged", limit.judged());
    json.writeNumberField("over", limit.over());
    json.writeNumberField("denied", limit.denied());
    moment("firstDenial", limit.firstMicros(), json);
    moment("lastDenial", limit.lastMicros(), json);
    json.writeEndObject();
  }

  private static void key(SimulationReport.KeyResult key, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("policy", key.policy());
    json.writeStringField("limit", key.limit());
    texts("key", key.key(), json);
    json.writeNumberField("denied", key.count());
    moment("first", Optional.of(key.firstMicros()), json);
    moment("last", Optional.of(key.lastMicros()), json);
    json.writeEndObject();
  }

  private static void series(SimulationReport.Series series, JsonGenerator json)
      throws IOException {
    json.writeObjectFieldStart("series");
    json.writeStringField("start", ReportText.moment(series.startMicros()));
    json.writeNumberField("bucketMicros", series.widthMicros());
    array("requests", series.requests(), ReportJson::number, json);
    array("denied", series.denied(), (counts, out) -> items(counts, ReportJson::number, out), json);
    json.writeEndObject();
  }

  /** Writes one element of an array. */
  @FunctionalInterface
  private interface Item<T> {
    void write(T item, JsonGenerator json) throws IOException;
  }

  private static <T> void array(String name, List<T> items, Item<T> item, JsonGenerator json)
      throws IOException {
    json.writeFieldName(name);
    items(items, item, json);
  }

  private static <T> void items(List<T> items, Item<T> item, JsonGenerator json)
      throws IOException {
    json.writeStartArray();
    for (T each : items) {
      item.write(each, json);
    }
    json.writeEndArray();
  }

  private static void number(long number, JsonGenerator json) throws IOException {
    json.writeNumber(number);
  }

  private static void texts(String name, List<String> texts, JsonGenerator json)
      throws IOException {
    array(name, texts, (text, out) -> out.writeString(text), json);
  }

  private static void moment(String name, Optional<Long> micros, JsonGenerator json)
      throws IOException {
    if (micros.isPresent()) {
      json.writeStringField(name, ReportText.moment(micros.get()));
    } else {
      json.writeNullField(name);
    }
  }
}
