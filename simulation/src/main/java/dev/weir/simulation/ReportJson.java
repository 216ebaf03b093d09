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
          json.writeArrayFieldStart("demand");
          for (Demand demand : suggestion.demands()) {
            json.writeStartObject();
            json.writeStringField("policy", demand.policy());
            json.writeNumberField("windowMillis", demand.window().toMillis());
            json.writeNumberField("windows", demand.windows());
            json.writeNumberField("median", demand.median());
            json.writeNumberField("percentile", demand.percentile());
            json.writeNumberField("most", demand.most());
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeFieldName("report");
          report(suggestion.report(), json);
          json.writeEndObject();
        });
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
    json.writeArrayFieldStart("results");
    for (SimulationReport.PolicyResult result : report.results()) {
      result(result, json);
    }
    json.writeEndArray();
    if (report.comparison().isPresent()) {
      SimulationReport.Comparison comparison = report.comparison().get();
      json.writeObjectFieldStart("comparison");
      json.writeNumberField("deniedByBoth", comparison.both());
      json.writeNumberField("newlyDenied", comparison.lost());
      json.writeNumberField("newlyAllowed", comparison.gained());
      keys("losing", comparison.losing(), json);
      keys("gaining", comparison.gaining(), json);
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
    json.writeArrayFieldStart("malformedExamples");
    for (Malformed bad : input.examples()) {
      json.writeStartObject();
      json.writeStringField("log", bad.log());
      json.writeNumberField("line", bad.line());
      json.writeStringField("problem", bad.problem());
      json.writeStringField("excerpt", bad.excerpt());
      json.writeEndObject();
    }
    json.writeEndArray();
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
    json.writeArrayFieldStart("limits");
    for (SimulationReport.LimitResult limit : result.limits()) {
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
    json.writeEndArray();
    keys("keys", result.keys(), json);
    json.writeNumberField("keysDenied", result.keysDenied());
    json.writeNumberField("forgotten", result.forgotten());
    json.writeNumberField("countsLackAtMost", result.mayLack());
    json.writeEndObject();
  }

  private static void keys(String name, List<SimulationReport.KeyResult> keys, JsonGenerator json)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (SimulationReport.KeyResult key : keys) {
      json.writeStartObject();
      json.writeStringField("policy", key.policy());
      json.writeStringField("limit", key.limit());
      texts("key", key.key(), json);
      json.writeNumberField("denied", key.count());
      moment("first", Optional.of(key.firstMicros()), json);
      moment("last", Optional.of(key.lastMicros()), json);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void series(SimulationReport.Series series, JsonGenerator json)
      throws IOException {
    json.writeObjectFieldStart("series");
    json.writeStringField("start", ReportText.moment(series.startMicros()));
    json.writeNumberField("bucketMicros", series.widthMicros());
    numbers("requests", series.requests(), json);
    json.writeArrayFieldStart("denied");
    for (List<Long> denied : series.denied()) {
      json.writeStartArray();
      for (long count : denied) {
        json.writeNumber(count);
      }
      json.writeEndArray();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void numbers(String name, List<Long> numbers, JsonGenerator json)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (long number : numbers) {
      json.writeNumber(number);
    }
    json.writeEndArray();
  }

  private static void texts(String name, List<String> texts, JsonGenerator json)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
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
